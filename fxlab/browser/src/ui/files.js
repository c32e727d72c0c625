import { MAX_SECONDS, Recorder } from "../audio/recorder.js";
import { formatTime } from "../controls/format.js";
import { button, element, setText } from "./dom.js";

/** @import { Session } from "../kernel/session.js" */

/** What the kernel takes, in bytes, and what goes to it at a time: some servers refuse more in one message. */
const MOST = 50e6;
const PART = 4e6;

/** Sounds into the panel, from a file or the microphone, and out of it as a file. */
export class Files {
  /** @type {Recorder | null} */ #tape = null;
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
      hint: "output",
      run: () => this.download(kind),
    });
    return [
      { action: "open", label: "Open a sound file…", hint: "or drop it", run: () => this.picker.click() },
      this.#tape
        ? { action: "record", label: "Stop recording", run: () => this.stop() }
        : { action: "record", label: "Record", hint: `${MAX_SECONDS / 60} min`, run: () => this.record() },
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
      if (files.length > 0) {
        const more = files.length > 1;
        this.load(files[0], more ? `Of ${files.length} files ${files[0].name} was taken: one plays.` : "");
      }
    }
    this.panel.classList.toggle("dropping", this.#inside > 0);
  }

  /** @param {File} file @param {string} [note] to be said when it is there @returns {Promise<boolean>} whether it is */
  async load(file, note = "") {
    const { session } = this;
    if (file.size > MOST) {
      session.notices.showError(
        `${file.name} is larger than ${MOST / 1e6} MB; read it with fx.load(path) in a cell.`,
      );
      return false;
    }
    session.notices.showMessage(`Loading ${file.name}…`, true);
    let said = "";
    let done = false;
    try {
      const data = await file.arrayBuffer();
      const upload = Math.random();
      for (let at = 0; at === 0 || at < data.byteLength; at += PART) {
        const last = at + PART >= data.byteLength;
        const fields = { file: file.name, upload, first: at === 0, last, position: 0 };
        const answer = await session.query("load", fields, [data.slice(at, at + PART)]);
        if (!answer) break;
        said = `${note} ${answer.note ?? ""}`.trim();
        done = last;
      }
    } catch {
      session.notices.showError(
        `${file.name} cannot be read: it is a folder, or went away. Drop a sound file.`,
      );
    }
    session.notices.showMessage(done ? said : "");
    return done;
  }

  async record() {
    const { session } = this;
    session.sound.play(false);
    const tape = new Recorder(
      (seconds) => {
        setText(this.time, `${formatTime(seconds, 0)} of ${formatTime(MAX_SECONDS, 0)}`);
        if (seconds >= MAX_SECONDS) this.stop();
      },
      () => this.stop("The microphone went away: this is what came."),
    );
    this.#tape = tape;
    try {
      await tape.start();
    } catch (error) {
      tape.stop();
      if (this.#tape !== tape) return;
      this.#tape = null;
      session.notices.showError(/** @type {Error} */ (error).message);
      return;
    }
    if (this.#tape !== tape) {
      tape.stop();
      return;
    }
    setText(this.time, "0:00");
    this.strip.hidden = false;
    this.stopper.focus();
  }

  /** Play what was recorded; what the kernel cannot take is kept as a file. @param {string} [note] to be said of it */
  async stop(note) {
    if (!this.#tape) return;
    const data = this.#tape.stop();
    this.#tape = null;
    this.strip.hidden = true;
    if (!data) {
      this.session.notices.showError("Nothing came from the microphone.");
      return;
    }
    const file = new File([data], "recording.wav", { type: "audio/wav" });
    if (await this.load(file, note)) return;
    save(file, file.name);
    this.session.notices.showMessage(`The recording is kept as ${file.name}, where downloads go.`);
  }

  /** @param {string} kind */
  async download(kind) {
    const { session } = this;
    session.notices.showMessage("Making the file…", true);
    /** @type {BlobPart[]} */
    const parts = [];
    let mime = "";
    const download = Math.random();
    for (let more = true; more; ) {
      const answer = await session.query("download", { format: kind, part: parts.length, download });
      if (!answer) {
        session.notices.showMessage("");
        return;
      }
      parts.push(...answer.buffers);
      ({ more, mime } = answer);
    }
    session.notices.showMessage("");
    save(new Blob(parts, { type: mime }), `${session.spec.title.replace(/\W+/g, "-")}.${kind}`);
  }

  close() {
    this.#tape?.stop();
    this.#tape = null;
  }
}

/** Hand a file to the browser's downloads. @param {Blob} data @param {string} name */
function save(data, name) {
  const url = URL.createObjectURL(data);
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
