import { button, element, icon, setAttribute, setText } from "./dom.js";
import { uploadFile } from "./upload.js";

/** @import { Session } from "../kernel/session.js" */
/** @import { Files } from "./files.js" */

/** The files that hold a curve instead of a sound. */
export const CURVE_FILE = /\.(csv|txt|tsv|frd)$/i;

const TARGETS = "A sound, or a curve as a CSV file of Hz and dB";

let count = 0;

/** The button "Learn" and the strip that it opens, in which a target is chosen and the parameters are fitted to it. */
export class Learning {
  #wasRunning = false;

  /** @param {Session} session @param {Files} files which passes the files on that are dropped here */
  constructor(session, files) {
    this.session = session;
    const id = `fxlab-learning-${++count}`;
    this.button = button(
      "learn",
      "Learn the settings from a target",
      () => this.open(this.root.hidden),
      "Learn",
      {
        ...{ "aria-expanded": "false", "aria-controls": id },
      },
    );
    this.fileInput = element("input", {
      ...{ type: "file", accept: "audio/*,.wav,.flac,.ogg,.mp3,.aiff,.csv,.txt,.tsv,.frd", hidden: true },
      "aria-label": "Target",
    });
    this.fileInput.addEventListener("change", () => {
      const file = this.fileInput.files?.[0];
      if (file) this.load(file);
      this.fileInput.value = "";
    });
    this.choose = button("choose-target", TARGETS, () => this.fileInput.click(), "Choose a target…");
    this.hint = element("span", { class: "hint" }, "or drop a sound, or a CSV file of Hz and dB, here");
    this.name = element("span", { class: "target-name" });
    this.about = element("span", { class: "hint" });
    this.forget = button("forget-target", "Remove the target", () => this.#forget(), icon("remove"));
    this.target = element("span", { class: "target" }, "Target", this.name, this.about, this.forget);
    this.run = button("run-learning", "Start learning", () => this.#toggle(), "Start");
    // The progress changes too often to be read aloud; how the fit ends is read.
    this.progress = element("span", { class: "learning-progress" });
    this.outcome = element("span", { class: "outcome", role: "status" });
    this.root = element(
      "div",
      { class: "learning", id, role: "group", "aria-label": "Learning", "data-drop": "target", hidden: true },
      ...[this.fileInput, this.target, this.choose, this.hint, this.run, this.progress, this.outcome],
    );
    files.onTarget = (file) => this.load(file);
    this.update();
  }

  /** @param {boolean} isOpen */
  open(isOpen) {
    this.root.hidden = !isOpen;
    setAttribute(this.button, "aria-expanded", String(isOpen));
    if (isOpen && this.button.matches(":focus")) (this.run.hidden ? this.choose : this.run).focus();
  }

  /** Send a file to the kernel as the target. @param {File} file */
  async load(file) {
    const { notices } = this.session;
    this.open(true);
    notices.showMessage(`Loading ${file.name}…`, true);
    const answer = await uploadFile(this.session, "upload_target", file);
    notices.showMessage("");
    if (answer && !this.run.hidden) this.run.focus();
  }

  async #forget() {
    if (await this.session.query("forget_target")) this.choose.focus();
  }

  #toggle() {
    const { session } = this;
    session.command(session.learning.running ? "stop_learning" : "start_learning");
  }

  update() {
    const { running, target, about, message, failed } = this.session.learning;
    // A fit that Python starts is shown, so that it can be stopped.
    if (running && !this.#wasRunning) this.open(true);
    this.#wasRunning = running;
    this.button.classList.toggle("running", running);
    this.root.classList.toggle("running", running);
    this.target.hidden = !target;
    this.hint.hidden = Boolean(target);
    this.choose.hidden = running;
    this.forget.hidden = running;
    this.run.hidden = !target && !running;
    const choose = target ? "Other target…" : "Choose a target…";
    setText(this.choose, choose);
    setAttribute(this.choose, "aria-label", `${choose} ${TARGETS}`);
    setText(this.name, target);
    setText(this.about, about);
    setText(this.run, running ? "Stop" : "Start");
    const label = running ? "Stop learning" : "Start learning";
    setAttribute(this.run, "aria-label", label);
    setAttribute(this.run, "title", label);
    setText(this.progress, running ? message : "");
    setText(this.outcome, running ? "" : message);
    this.outcome.classList.toggle("failed", failed);
  }
}
