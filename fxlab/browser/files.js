import { asTime } from "./controls/unit.js";
import { button, element, write } from "./element.js";
import { LONGEST, Tape } from "./tape.js";

/** @import { Session } from "./session.js" */

/** What the kernel takes, in bytes, and what goes to it at a time: some servers refuse more in one message. */
const MOST = 50e6;
const PART = 4e6;

/** Sounds into the panel, from a file or the microphone, and out of it as a file. */
export class Files {
  /** @type {Tape | null} */ #tape = null;
  #inside = 0;

  /** @param {Session} session @param {HTMLElement} panel where a file may be dropped */
  constructor(session, panel) {
    this.session = session;
    this.panel = panel;
    this.picker = element("input", {
      type: "file",
      accept: "audio/*,.wav,.flac,.ogg,.mp3,.aiff",
      hidden: true,
    });
    this.picker.addEventListener("change", () => {
      const file = this.picker.files?.[0];
      if (file) this.load(file);
      this.picker.value = "";
    });
    this.time = element("span", { class: "time" });
    const stop = button("stop-recording", "Stop recording", () => this.stop(), "Stop");
    const label = element("span", { role: "status" }, "Recording");
    this.strip = element("div", { class: "strip recording", hidden: true }, label, this.time, stop);
    this.stopper = stop;
    this.zone = element("div", { class: "drop", "aria-hidden": "true" }, "Drop to play it");
    panel.append(this.picker, this.zone);
    for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
      panel.addEventListener(name, (event) => this.#onDrag(/** @type {DragEvent} */ (event)));
    }
  }

  /** @returns {import("./menu.js").Item[]} */
  get items() {
    const { session } = this;
    const keep = (/** @type {string} */ kind) => ({
      action: `download-${kind}`,
      label: `Download ${kind.toUpperCase()}`,
      run: () => this.download(kind),
    });
    return [
      { action: "open", label: "Open a sound file…", hint: "or drop it", run: () => this.picker.click() },
      this.#tape
        ? { action: "record", label: "Stop recording", run: () => this.stop() }
        : { action: "record", label: "Record", hint: `${LONGEST / 60} min`, run: () => this.record() },
      { ...keep("wav"), parted: true, disabled: session.state === "loading" },
      { ...keep("flac"), disabled: session.state === "loading" },
    ];
  }

  /** @param {DragEvent} event */
  #onDrag(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.type === "dragenter") this.#inside += 1;
    if (event.type === "dragleave") this.#inside -= 1;
    if (event.type === "drop") {
      this.#inside = 0;
      const { files } = event.dataTransfer;
      if (files.length > 0) this.load(files[0]);
    }
    this.panel.classList.toggle("dropping", this.#inside > 0);
  }

  /** @param {File} file */
  async load(file) {
    const { session } = this;
    if (file.size > MOST) {
      session.fail(`${file.name} is larger than ${MOST / 1e6} MB; read it with fx.load(path) in a cell.`);
      return;
    }
    session.say(`Loading ${file.name}…`, true);
    let said = "";
    const data = await file.arrayBuffer();
    for (let at = 0; at === 0 || at < data.byteLength; at += PART) {
      const fields = { file: file.name, first: at === 0, last: at + PART >= data.byteLength, position: 0 };
      const answer = await session.ask("load", fields, [data.slice(at, at + PART)]);
      if (!answer) break;
      said = answer.note ?? "";
    }
    session.say(said);
  }

  async record() {
    const { session } = this;
    session.play(false);
    const tape = new Tape((seconds) => {
      write(this.time, `${asTime(seconds, 0)} of ${asTime(LONGEST, 0)}`);
      if (seconds >= LONGEST) this.stop();
    });
    try {
      await tape.start();
    } catch (error) {
      tape.stop();
      session.fail(/** @type {Error} */ (error).message);
      return;
    }
    this.#tape = tape;
    write(this.time, "0:00");
    this.strip.hidden = false;
    this.stopper.focus();
  }

  /** Play what was recorded. */
  stop() {
    const data = this.#tape?.stop();
    this.#tape = null;
    this.strip.hidden = true;
    if (data) this.load(new File([data], "recording.wav"));
    else this.session.fail("Nothing came from the microphone.");
  }

  /** @param {string} kind */
  async download(kind) {
    const { session } = this;
    session.say("Making the file…", true);
    /** @type {BlobPart[]} */
    const parts = [];
    let mime = "";
    for (let left = true; left; ) {
      const answer = await session.ask("download", { format: kind, part: parts.length });
      if (!answer) {
        session.say("");
        return;
      }
      parts.push(...answer.buffers);
      ({ left, mime } = answer);
    }
    session.say("");
    const url = URL.createObjectURL(new Blob(parts, { type: mime }));
    const name = session.spec.title.replace(/\W+/g, "-");
    element("a", { href: url, download: `${name}.${kind}` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }

  close() {
    this.#tape?.stop();
    this.#tape = null;
  }
}
