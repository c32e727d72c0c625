import { MAX_SECONDS, Recorder } from "../audio/recorder.js";
import { formatTime } from "../controls/format.js";
import { button, element, setText } from "./dom.js";
import { CURVE_FILE } from "./learning.js";
import { uploadFile } from "./upload.js";

/** @import { Session } from "../kernel/session.js" */

/** Sounds that come into the panel from a file or the microphone, and those that it saves as a file. */
export class Files {
  /** @type {Recorder | null} */ #recorder = null;
  /** How many nested elements of the panel a dragged file has entered. */
  #dragDepth = 0;
  /** Takes a file that is the target of a fit. @type {(file: File) => void} */ onTarget = () => {};

  /** @param {Session} session @param {HTMLElement} panel where a file may be dropped */
  constructor(session, panel) {
    this.session = session;
    this.panel = panel;
    this.fileInput = element("input", {
      type: "file",
      accept: "audio/*,.wav,.flac,.ogg,.mp3,.aiff",
      hidden: true,
    });
    this.fileInput.addEventListener("change", () => {
      const file = this.fileInput.files?.[0];
      if (file) this.load(file);
      this.fileInput.value = "";
    });
    this.time = element("span", { class: "time" });
    this.stopButton = button("stop-recording", "Stop recording", () => this.stop(), "Stop");
    this.recordingStrip = element(
      "div",
      { class: "strip recording", hidden: true },
      element("span", { role: "status" }, "Recording"),
      this.time,
      this.stopButton,
    );
    const dropZone = element(
      "div",
      { class: "drop-zone", "aria-hidden": "true" },
      "Drop the sound file here",
    );
    panel.append(this.fileInput, dropZone);
    for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
      panel.addEventListener(name, (event) => this.#onDrag(/** @type {DragEvent} */ (event)));
    }
  }

  /** @returns {import("./menu.js").Item[]} */
  get menuItems() {
    const { session } = this;
    const download = (/** @type {"wav" | "flac"} */ format) => ({
      action: `download-${format}`,
      label: `Download ${format.toUpperCase()}`,
      hint: "output",
      disabled: session.render.state === "loading",
      run: () => this.download(format),
    });
    return [
      {
        action: "open",
        label: "Open a sound file…",
        hint: "or drag and drop",
        run: () => this.fileInput.click(),
      },
      this.#recorder
        ? { action: "record", label: "Stop recording", run: () => this.stop() }
        : { action: "record", label: "Record", hint: `${MAX_SECONDS / 60} min`, run: () => this.record() },
      { ...download("wav"), separated: true },
      download("flac"),
    ];
  }

  /** @param {DragEvent} event */
  #onDrag(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    event.stopPropagation();
    const { target } = event;
    const isOnTarget = target instanceof Element && target.closest("[data-drop=target]") !== null;
    if (event.type === "dragenter") this.#dragDepth += 1;
    if (event.type === "dragleave") this.#dragDepth -= 1;
    if (event.type === "drop") {
      this.#dragDepth = 0;
      const { files } = event.dataTransfer;
      if (files.length > 0) {
        const note = files.length > 1 ? `Loaded only ${files[0].name} of ${files.length} files.` : "";
        if (isOnTarget || CURVE_FILE.test(files[0].name)) this.onTarget(files[0]);
        else this.load(files[0], note);
      }
    }
    this.panel.classList.toggle("drag-over", this.#dragDepth > 0);
    this.panel.classList.toggle("drag-over-target", this.#dragDepth > 0 && isOnTarget);
  }

  /**
   * Send a sound file to the kernel.
   *
   * @param {File} file
   * @param {string} [note] a message to show with success
   * @returns {Promise<boolean>} whether the kernel loaded it
   */
  async load(file, note = "") {
    const { session } = this;
    session.notices.showMessage(`Loading ${file.name}…`, true);
    const answer = await uploadFile(session, "upload_sound", file);
    if (answer) session.command("play_upload", { upload: answer.upload });
    session.notices.showMessage(answer ? `${note} ${answer.note ?? ""}`.trim() : "");
    return answer !== null;
  }

  async record() {
    const { session } = this;
    session.sound.play(false);
    const recorder = new Recorder(
      (seconds) => {
        setText(this.time, `${formatTime(seconds, 0)} of ${formatTime(MAX_SECONDS, 0)}`);
        if (seconds >= MAX_SECONDS) this.stop();
      },
      () => this.stop("The microphone was disconnected; the recording ends there."),
    );
    this.#recorder = recorder;
    try {
      await recorder.start();
    } catch (error) {
      recorder.stop();
      if (this.#recorder !== recorder) return;
      this.#recorder = null;
      session.notices.showError(/** @type {Error} */ (error).message);
      return;
    }
    // The panel may have been closed while the browser asked for permission.
    if (this.#recorder !== recorder) {
      recorder.stop();
      return;
    }
    setText(this.time, "0:00");
    this.recordingStrip.hidden = false;
    this.stopButton.focus();
  }

  /** Load the recording; if the kernel cannot, save it as a file. @param {string} [note] a message to show with success */
  async stop(note) {
    if (!this.#recorder) return;
    const data = this.#recorder.stop();
    this.#recorder = null;
    this.recordingStrip.hidden = true;
    if (!data) {
      this.session.notices.showError("The microphone recorded no sound.");
      return;
    }
    const file = new File([data], "recording.wav", { type: "audio/wav" });
    if (await this.load(file, note)) return;
    saveFile(file, file.name);
    this.session.notices.showMessage(`The recording was saved to your downloads as ${file.name}.`);
  }

  /** Save the output as a file. @param {"wav" | "flac"} format */
  async download(format) {
    const { session } = this;
    session.notices.showMessage("Creating the file…", true);
    /** @type {BlobPart[]} */
    const parts = [];
    let mime = "";
    const download = Math.random();
    for (let more = true; more; ) {
      const answer = await session.query("download", { format, part: parts.length, download });
      if (!answer) {
        session.notices.showMessage("");
        return;
      }
      parts.push(...answer.buffers);
      ({ more = false, mime = "" } = answer);
    }
    session.notices.showMessage("");
    saveFile(new Blob(parts, { type: mime }), `${session.spec.title.replace(/\W+/g, "-")}.${format}`);
  }

  close() {
    this.#recorder?.stop();
    this.#recorder = null;
  }
}

/** Start a download in the browser. @param {Blob} data @param {string} name */
function saveFile(data, name) {
  const url = URL.createObjectURL(data);
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
