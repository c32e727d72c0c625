import { Playback } from "../audio/playback.js";
import { onAnimationFrame } from "../ui/animation_frame.js";
import { Notices } from "../ui/notices.js";
import { merged } from "./merge_curves.js";
import { bytes, float32, ValueSync } from "./value_sync.js";

/**
 * @import { AxisRange, Curves, CurvesMessage, EditorState, KernelMessage, Model, Spec, State, StatusMessage, Value, Values,
 *   ViewData, ViewMessage } from "../types"
 */

/** In ms: how long the curve of a move is waited for before its value is shown without. */
const SHOWN = 35;

const GONE = "The kernel is gone; the sound goes on with what it has. Run the cell again.";
const SILENT =
  "The kernel has not answered for a while: it is busy, or gone. The sound goes on with what it has.";

/**
 * @typedef {"spec" | "values" | "status" | "curves" | "views" | "axes" | "drawing" | "wave" | "transport" | "position" | "device" | "editor"} Topic
 */

/** One panel of one page: what all its views share. It lives from its first view to its last. */
export class Session {
  /** @type {State} */ state = "loading";
  /** The number of the last move that was answered. */ #done = -1;
  /** @type {Values} */ values = {};
  /** @type {Curves | null} */ curves = null;
  /** Those of the chain as it was: what they tell of the sound holds on. @type {Curves | null} */ #former =
    null;
  /** What may be done to the whole. @type {EditorState} */ editor = {
    ...{ can_undo: false, can_redo: false, selected: "A", used: ["A"], presets: [] },
    ...{ bypassed: [], soloed: [], is_chain: false },
  };
  /** That of the values which the kernel told last. */ revision = 0;
  /** What the open views draw, by name. @type {Map<string, ViewData>} */ drawings = new Map();
  /** What is shown of the axes, by unit: all views over one share it. @type {Record<string, AxisRange>} */ axes =
    {};
  /** What is asked of a view beside that it is open, by its name. @type {Record<string, Record<string, unknown>>} */
  options = {};
  /** How far a render is that takes long: 0 to 1, or -1 where nobody knows. @type {number | null} */
  progress = null;

  /** @type {ReturnType<typeof setTimeout> | undefined} */ #showing;
  /** @type {(() => void) | null} */ #frame = null;

  notices = new Notices((topic) => this.#tell(topic));

  /** @type {Set<(topic: Topic) => void>} */ #views = new Set();

  /** @param {Model} model */
  constructor(model) {
    this.model = model;
    /** @type {Spec} */
    this.spec = model.get("spec");
    this.device = this.spec.device;
    this.views = this.spec.open_views;
    this.#adopt();
    this.sound = new Playback({
      spec: () => this.spec,
      isIdle: () => this.state === "idle" || this.state === "error",
      requestAudio: (wetAhead, dryAhead) => this.sync.buffered(wetAhead, dryAhead),
      notices: this.notices,
      notify: (topic) => this.#tell(topic),
    });
    this.sync = new ValueSync(model, {
      params: () => ({
        values: { ...this.values },
        ...this.sound.place,
        device: this.device,
        views: this.views,
        revision: this.revision,
      }),
      views: () => ({ views: this.views, options: this.options, axes: this.axes }),
      place: () => this.sound.place,
      message: (message, buffers) => this.#onMessage(message, buffers),
      spec: this.#onSpec,
      sent: (seq) => {
        this.sound.onChangeSent(seq);
        if (!this.notices.active.includes(SILENT)) this.state = "rendering";
        this.progress = null;
        this.#tell("status");
      },
      reach: (reach) => {
        this.notices.remove(GONE, SILENT);
        if (reach !== "here") this.notices.add(reach === "gone" ? GONE : SILENT);
        const answered = this.notices.error ? "error" : "idle";
        if (reach !== "here") this.state = "error";
        else this.state = this.#done < this.sync.seq ? "rendering" : answered;
        this.#tell("status");
      },
    });
    this.sync.ready();
    addEventListener("pagehide", this.#onPageHide);
  }

  get sent() {
    return this.sync.seq;
  }

  /** @param {(topic: Topic) => void} view @returns {() => void} */
  listen(view) {
    this.#views.add(view);
    return () => {
      this.#views.delete(view);
    };
  }

  get watched() {
    return this.#views.size > 0;
  }

  /**
   * A slider shows by itself where it is; what is drawn for it waits for the curve, so that the page has its hands free
   * for the sound. With `held` something that is drawn is in the hand, and follows it with the next frame.
   *
   * @param {string} path @param {Value} value
   */
  set(path, value, held = false) {
    this.values[path] = value;
    this.sync.changed();
    if (held) this.#frame ??= onAnimationFrame(this.#show);
    else this.#showing ??= setTimeout(this.#show, SHOWN);
  }

  #show = () => {
    this.#rest();
    this.#tell("values");
  };

  #rest() {
    clearTimeout(this.#showing);
    this.#frame?.();
    this.#showing = undefined;
    this.#frame = null;
  }

  /**
   * Ask the kernel for something that is no move of a value: docs/panel-protocol.md has them by name.
   *
   * @param {string} name @param {Record<string, unknown>} [fields] @param {ArrayBuffer[]} [buffers]
   */
  command(name, fields = {}, buffers = []) {
    this.sync.command(name, fields, buffers);
  }

  /**
   * Ask the kernel for something that changes nothing that is heard.
   *
   * @param {string} name @param {Record<string, unknown>} [fields] @param {ArrayBuffer[]} [buffers]
   * @returns {Promise<any>} the answer with its `buffers`, or null: what went wrong is said
   */
  async query(name, fields = {}, buffers = []) {
    const answer = await this.sync.query(name, fields, buffers);
    if (!answer.error) return answer;
    this.notices.showError(answer.error);
    return null;
  }

  /** Have these views open, the first on the left. @param {string[]} views */
  setViews(views) {
    this.views = views;
    this.sync.open();
    this.#tell("views");
  }

  /** Have an open view drawn otherwise: another part, another scale. @param {string} view @param {Record<string, unknown>} options */
  redraw(view, options) {
    this.options = { ...this.options, [view]: { ...this.options[view], ...options } };
    this.sync.open(view);
  }

  /**
   * Show a part of an axis in every view that has it, and nothing but that, or on another scale.
   *
   * @param {string} unit @param {{ low: number, high: number } | null} range null: all of it
   * @param {AxisRange["scale"]} [scale]
   */
  setAxis(unit, range, scale = this.axes[unit]?.scale) {
    this.axes = { ...this.axes, [unit]: { ...range, ...(scale && { scale }) } };
    this.sync.look();
    this.#tell("axes");
  }

  /** @param {string} device */
  setDevice(device) {
    this.device = device;
    this.sync.changed();
    this.#tell("device");
  }

  close() {
    removeEventListener("pagehide", this.#onPageHide);
    this.#rest();
    this.notices.close();
    this.sync.close();
    this.sound.close();
  }

  #onPageHide = (/** @type {PageTransitionEvent} */ event) => {
    // A page put aside whole (the back button may bring it back) keeps its panels.
    if (!event.persisted) this.close();
  };

  /** @param {Topic} topic */
  #tell(topic) {
    for (const view of [...this.#views]) view(topic);
  }

  #adopt() {
    this.revision = this.spec.revision ?? this.revision;
    this.values = {};
    for (const stage of this.spec.stages) {
      for (const param of stage.params) if (param.kind !== "fixed") this.values[param.path] = param.value;
    }
  }

  #onSpec = () => {
    const before = this.spec;
    this.spec = this.model.get("spec");
    const { rate, frames, channels } = this.spec;
    // Up to two channels any player plays.
    const wider = Math.max(2, channels) !== Math.max(2, before.channels);
    if (rate !== before.rate || frames !== before.frames || wider) {
      // What the player had to say was of the sound before.
      this.notices.retain(GONE, SILENT);
      this.sound.restart(rate !== before.rate || wider);
    }
    this.device = this.spec.device;
    this.views = this.views.filter((name) => this.spec.views.some((view) => view.name === name));
    if (this.views.length === 0) this.views = this.spec.open_views;
    this.drawings.clear();
    this.#former = this.curves ?? this.#former;
    this.curves = null;
    this.#adopt();
    this.#tell("spec");
  };

  /** @param {KernelMessage} message @param {(ArrayBuffer | ArrayBufferView)[]} buffers */
  #onMessage(message, buffers) {
    if (message.type === "audio") this.sound.addChunk(message, buffers);
    else if (message.type === "curves") this.#onCurves(message, buffers);
    else if (message.type === "view") this.#onView(message, buffers);
    else if (message.type === "match") this.sound.setMatchGain(message.seq, message.match_gain_db);
    else if (message.type === "overview") this.sound.setOverview(message, buffers);
    else if (message.type === "status") {
      this.#onStatus(message);
    } else if (message.type === "editor") {
      this.editor = message;
      this.#tell("editor");
    } else if (message.type === "values") {
      // Values that this page has overwritten since are on their way to the kernel already.
      if (message.seq < this.sync.seq) return;
      this.sync.seq = message.seq;
      this.revision = message.revision ?? this.revision;
      for (const path of Object.keys(this.values)) {
        if (path in message.values) this.values[path] = message.values[path];
      }
      this.#tell("values");
      this.#tell("status");
      // What Python has set is rendered from where this page plays.
      if (message.request_params) this.sync.changed();
    }
  }

  /** @param {StatusMessage} status */
  #onStatus({ seq, state, message, path, progress }) {
    // Progress is told by a thread of its own, and what that sends may come after the answer.
    if (state === "rendering" && seq <= this.#done) return;
    if (state !== "rendering") this.#done = Math.max(this.#done, seq);
    this.progress = state === "rendering" && seq >= this.sync.seq ? (progress ?? -1) : null;
    // Done with an older number is not done: the page's newest values are on their way.
    this.state = state === "idle" && seq < this.sync.seq ? "rendering" : state;
    if (state === "error") this.notices.error = { message, path };
    if (state === "error" && this.sound.wet.frames === 0) this.sound.listening.setInputOnly(true);
    else if (this.state === "idle") this.notices.error = null;
    this.#tell("status");
  }

  /** @param {ViewMessage} message @param {(ArrayBuffer | ArrayBufferView)[]} buffers */
  #onView({ view, names, uint8_names: raw, ...fields }, buffers) {
    /** @type {ViewData} */
    const data = { fields, arrays: {}, bytes: {} };
    names.forEach((name, i) => {
      if (raw.includes(name)) data.bytes[name] = bytes(buffers[i]);
      else data.arrays[name] = float32(buffers[i]);
    });
    this.drawings.set(view, data);
    this.#tell("drawing");
  }

  /** @param {CurvesMessage} message @param {(ArrayBuffer | ArrayBufferView)[]} buffers */
  #onCurves(message, buffers) {
    this.curves = merged(message, buffers, this.curves, this.#former);
    if (this.#showing !== undefined) this.#show();
    this.#tell("curves");
  }
}
