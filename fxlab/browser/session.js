import { Ahead } from "./ahead.js";
import { onFrame } from "./frame.js";
import { Peaks } from "./peaks.js";
import { Player } from "./player.js";
import { float32, int16, Sync } from "./sync.js";

/** @import { Place } from "./sync.js" */
/** @import { Curves, Model, Piece, Report, Spec, State, Value, Values, ViewData } from "./types" */

/** In ms: how long the sound of a move is waited for, and how long the playhead may rest meanwhile. */
const MOVE = 100;
const REST = 80;

/**
 * @typedef {"spec" | "values" | "status" | "curves" | "views" | "drawing" | "wave" | "transport" | "position" | "device"} Topic
 */

/** One panel of one page: what all its views share. It lives from its first view to its last. */
export class Session {
  /** @type {State} */ state = "loading";
  /** @type {{ message: string, path: string | null } | null} */ error = null;
  /** @type {Values} */ values = {};
  /** @type {Curves | null} */ curves = null;
  /** What the open views draw, by name. @type {Map<string, ViewData>} */ drawings = new Map();
  dry = new Peaks();
  wet = new Peaks();
  /** @type {string[]} */ notices = [];

  /** How far a render is that takes long: 0 to 1, or -1 where nobody knows. @type {number | null} */
  progress = null;

  playing = false;
  waiting = false;
  loop = true;
  bypass = false;
  position = 0;
  /** The number of the render that sounds. */
  heard = 0;
  /** Highest sample of the last report, 1 being full scale. */
  peak = 0;
  /** From a move of this page to its sound, in ms. @type {number | null} */
  latency = null;
  /** How long ago what sounds had begun when the page heard of it, in ms. */
  late = 0;
  #moved = { seq: 0, time: 0 };
  /** When the views were last told of the position, in ms. */
  #placed = 0;
  /** @type {(() => void) | null} */ #showing = null;

  /** There is no render, and not for want of time: play sounds the input. */
  #inputOnly = false;

  /** @type {Set<(topic: Topic) => void>} */ #views = new Set();

  /** @param {Model} model */
  constructor(model) {
    this.model = model;
    /** @type {Spec} */
    this.spec = model.get("spec");
    this.device = this.spec.device;
    this.views = this.spec.open;
    this.#adopt();
    this.player = new Player(this.#onReport, this.#notice);
    this.ahead = new Ahead((wet, dry) => this.sync.ahead(wet, dry));
    this.sync = new Sync(model, {
      params: () => ({
        values: { ...this.values },
        ...this.place,
        device: this.device,
        views: this.views,
      }),
      views: () => this.views,
      place: () => this.place,
      message: (message, buffers) => this.#onMessage(message, buffers),
      spec: this.#onSpec,
      sent: (seq) => {
        this.#moved = { seq, time: performance.now() };
        this.state = "rendering";
        this.progress = null;
        this.#tell("status");
      },
    });
    this.sync.ready();
    addEventListener("pagehide", this.#onPageHide);
  }

  /** Seconds: of the render, which may be longer than the input. */
  get duration() {
    if (this.wet.frames > 0) return this.wet.seconds;
    return this.spec.rate > 0 ? this.spec.frames / this.spec.rate : 0;
  }

  /** Where it plays, and from where to where it loops, in seconds. @returns {Place} */
  get place() {
    return {
      position: this.position,
      loop: this.loop ? [0, this.duration] : null,
      playing: this.playing,
    };
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

  /** @param {string} path @param {Value} value */
  set(path, value) {
    this.values[path] = value;
    this.sync.changed();
    // The page shows it with its next frame, after it was sent.
    this.#showing ??= onFrame(() => {
      this.#showing = null;
      this.#tell("values");
    });
  }

  /**
   * Ask the kernel for something that is no move of a value: docs/panel-protocol.md has them by name.
   *
   * @param {string} name @param {Record<string, unknown>} [fields] @param {ArrayBuffer[]} [buffers]
   */
  command(name, fields = {}, buffers = []) {
    this.sync.command(name, fields, buffers);
  }

  /** Have these views open, the first on the left. @param {string[]} views */
  setViews(views) {
    this.views = views;
    this.sync.open(views);
    this.#tell("views");
  }

  /** @param {string} device */
  setDevice(device) {
    this.device = device;
    this.sync.changed();
    this.#tell("device");
  }

  /** Inside a click: the browser lets a page sound only from there. @param {boolean} on */
  play(on) {
    this.playing = on;
    this.#tell("transport");
    this.player.play(on, this.spec.rate).catch((error) => {
      this.playing = false;
      this.#notice(`The sound could not start: ${error.message ?? error}`);
      this.#tell("transport");
    });
  }

  /** @param {boolean} on */
  setLoop(on) {
    this.loop = on;
    this.player.loop(on);
    this.#tell("transport");
  }

  /** @param {boolean} on */
  setBypass(on) {
    this.bypass = on;
    this.player.bypass(on || this.#inputOnly);
    this.#tell("transport");
  }

  /** @param {number} seconds */
  seek(seconds) {
    this.position = Math.max(0, Math.min(seconds, this.duration));
    this.ahead.seek();
    this.player.seek(this.position);
    this.#tell("position");
  }

  close() {
    removeEventListener("pagehide", this.#onPageHide);
    this.#showing?.();
    this.sync.close();
    this.player.close();
  }

  #onPageHide = (/** @type {PageTransitionEvent} */ event) => {
    // A page put aside whole (the back button may bring it back) keeps its panels.
    if (!event.persisted) this.close();
  };

  /** @param {Topic} topic */
  #tell(topic) {
    for (const view of [...this.#views]) view(topic);
  }

  #notice = (/** @type {string} */ text) => {
    if (!this.notices.includes(text)) this.notices.push(text);
    this.#tell("status");
  };

  #adopt() {
    this.values = {};
    for (const stage of this.spec.stages) {
      for (const param of stage.params) if (param.kind !== "fixed") this.values[param.path] = param.value;
    }
  }

  #onSpec = () => {
    this.spec = this.model.get("spec");
    this.device = this.spec.device;
    this.views = this.views.filter((name) => this.spec.views.some((view) => view.name === name));
    if (this.views.length === 0) this.views = this.spec.open;
    this.drawings.clear();
    this.#adopt();
    this.#tell("spec");
  };

  #onReport = (/** @type {Report} */ report) => {
    this.position = report.position;
    this.peak = report.peak;
    this.ahead.look(report, this.state === "idle" || this.state === "error");
    if (report.seq !== this.heard) {
      this.heard = report.seq;
      this.late = Math.max(0, Date.now() - report.time);
      if (report.seq >= this.#moved.seq && this.#moved.time > 0) {
        this.latency = performance.now() - this.late - this.#moved.time;
        this.#moved = { seq: report.seq, time: 0 };
      }
      this.#tell("status");
    }
    if (report.ended || report.waiting !== this.waiting) {
      if (report.ended) this.playing = false;
      this.waiting = report.waiting;
      if (report.ended) this.player.play(false, this.spec.rate);
      this.#tell("transport");
    }
    // While a move is on its way the page keeps its hands free for the sound.
    const now = performance.now();
    if (now - this.#moved.time < MOVE && now - this.#placed < REST) return;
    this.#placed = now;
    this.#tell("position");
  };

  /** @param {boolean} on */
  #playInput(on) {
    if (on === this.#inputOnly) return;
    this.#inputOnly = on;
    this.player.bypass(on || this.bypass);
  }

  /** @param {any} message @param {(ArrayBuffer | ArrayBufferView)[]} buffers */
  #onMessage(message, buffers) {
    if (message.type === "audio") this.#onAudio(message, buffers);
    else if (message.type === "curves") this.#onCurves(message, buffers);
    else if (message.type === "view") this.#onView(message, buffers);
    else if (message.type === "overview") {
      (message.dry ? this.dry : this.wet).adopt(message, float32(buffers[0]), float32(buffers[1]));
      this.#tell("wave");
    } else if (message.type === "status") {
      this.#onStatus(message);
    } else if (message.type === "values") {
      // Values that this page has overwritten since are on their way to the kernel already.
      if (message.seq < this.sync.seq) return;
      this.sync.seq = message.seq;
      for (const path of Object.keys(this.values)) {
        if (path in message.values) this.values[path] = message.values[path];
      }
      this.#tell("values");
      this.#tell("status");
    }
  }

  /** @param {{ seq: number, state: State, message: string, path: string | null, progress?: number | null }} status */
  #onStatus({ seq, state, message, path, progress }) {
    this.progress = state === "rendering" && seq >= this.sync.seq ? (progress ?? -1) : null;
    // Done with an older number is not done: the page's newest values are on their way.
    this.state = state === "idle" && seq < this.sync.seq ? "rendering" : state;
    if (state === "error") this.error = { message, path };
    if (state === "error" && this.wet.frames === 0) this.#playInput(true);
    else if (this.state === "idle") this.error = null;
    this.#tell("status");
  }

  /** @param {Piece} piece @param {(ArrayBuffer | ArrayBufferView)[]} buffers */
  #onAudio(piece, buffers) {
    const samples = int16(buffers[0]);
    (piece.dry ? this.dry : this.wet).write(piece, samples);
    if (!piece.dry) this.#playInput(false);
    const { dry, seq, frames, channels, rate, scale, start, count, take, last } = piece;
    this.player.piece({ dry, seq, frames, channels, rate, scale, start, count, take, last }, samples);
    this.#tell("wave");
  }

  /** @param {{ view: string, names: string[], [field: string]: unknown }} message @param {(ArrayBuffer | ArrayBufferView)[]} buffers */
  #onView({ view, names, ...fields }, buffers) {
    const arrays = Object.fromEntries(names.map((name, i) => [name, float32(buffers[i])]));
    this.drawings.set(view, { fields, arrays });
    this.#tell("drawing");
  }

  /** @param {{ seq: number, names: string[], stages: string[], taps?: number }} message @param {(ArrayBuffer | ArrayBufferView)[]} buffers */
  #onCurves({ seq, names, stages, taps }, buffers) {
    /** @type {Record<string, Float32Array>} */
    const named = {};
    names.forEach((name, i) => {
      named[name] = float32(buffers[i]);
    });
    this.curves = {
      seq,
      frequency: named.frequency ?? this.curves?.frequency ?? new Float32Array(0),
      response: named.response ?? null,
      // Spectra may come later than the response, or once: the last one stands until then.
      input: named.input ?? this.curves?.input ?? null,
      output: named.output ?? this.curves?.output ?? null,
      taps: named.taps ?? this.curves?.taps ?? null,
      tapCount: named.taps ? (taps ?? 0) : (this.curves?.tapCount ?? 0),
      stages: stages.map((path, i) => ({ path, db: float32(buffers[names.length + i]) })),
    };
    this.#tell("curves");
  }
}
