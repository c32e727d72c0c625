import { Ahead } from "./ahead.js";
import { onFrame } from "./frame.js";
import { Levels } from "./levels.js";
import { Listening } from "./listening.js";
import { Peaks } from "./peaks.js";
import { Player } from "./player.js";
import { bytes, float32, int16, Sync } from "./sync.js";

/** @import { Place } from "./sync.js" */
/** @import { Curves, Desk, Model, Piece, Report, Shown, Spec, State, Value, Values, ViewData } from "./types" */

/** In ms: how long the curve of a move is waited for before its value is shown without. */
const SHOWN = 35;
/** In ms: how long the sound of a move is waited for, and how long the playhead may rest meanwhile. */
const MOVE = 100;
const REST = 80;
/** In ms: how long a word of what went wrong in the page stands. */
const SAID = 8000;

const GONE = "The kernel is gone; the sound goes on with what it has. Run the cell again.";
const SILENT =
  "The kernel has not answered for a while: it is busy, or gone. The sound goes on with what it has.";

/**
 * @typedef {"spec" | "values" | "status" | "curves" | "views" | "axes" | "drawing" | "wave" | "transport" | "position" | "device" | "desk"} Topic
 */

/** One panel of one page: what all its views share. It lives from its first view to its last. */
export class Session {
  /** @type {State} */ state = "loading";
  /** The number of the last move that was answered. */ #done = -1;
  /** @type {{ message: string, path: string | null } | null} */ error = null;
  /** @type {Values} */ values = {};
  /** @type {Curves | null} */ curves = null;
  /** Those of the chain as it was: what they tell of the sound holds on. @type {Curves | null} */ #former =
    null;
  /** What may be done to the whole. @type {Desk} */ desk = {
    ...{ undo: false, redo: false, selected: "A", used: ["A"], presets: [] },
    ...{ bypassed: [], soloed: [], chain: false },
  };
  /** Something to say for a moment, such as "Copied". */ remark = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #remarked;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #failed;
  /** That of the values which the kernel told last. */ edition = 0;
  /** What the open views draw, by name. @type {Map<string, ViewData>} */ drawings = new Map();
  /** What is shown of the axes, by unit: all views over one share it. @type {Record<string, Shown>} */ axes =
    {};
  /** What is asked of a view beside that it is open, by its name. @type {Record<string, Record<string, unknown>>} */
  options = {};
  dry = new Peaks();
  wet = new Peaks();
  /** @type {string[]} */ notices = [];

  /** How far a render is that takes long: 0 to 1, or -1 where nobody knows. @type {number | null} */
  progress = null;

  playing = false;
  waiting = false;
  position = 0;
  /** The number of the render that sounds. */
  heard = 0;
  /** The last report of the sound. @type {Report | null} */ report = null;
  /** Of the input and of what is heard, before the volume. */ levels = {
    input: new Levels(),
    output: new Levels(),
  };
  /** From a move of this page to its sound, in ms. @type {number | null} */
  latency = null;
  /** How long ago what sounds had begun when the page heard of it, in ms. */
  late = 0;
  #moved = { seq: 0, time: 0 };
  /** When the views were last told of the position, in ms. */
  #placed = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #showing;
  /** @type {(() => void) | null} */ #frame = null;

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
    this.listening = new Listening(
      (command) => this.player.tell(command),
      () => this.#tell("transport"),
    );
    this.ahead = new Ahead((wet, dry) => this.sync.ahead(wet, dry));
    this.sync = new Sync(model, {
      params: () => ({
        values: { ...this.values },
        ...this.place,
        device: this.device,
        views: this.views,
        edition: this.edition,
      }),
      views: () => ({ views: this.views, options: this.options, axes: this.axes }),
      place: () => this.place,
      message: (message, buffers) => this.#onMessage(message, buffers),
      spec: this.#onSpec,
      sent: (seq) => {
        this.#moved = { seq, time: performance.now() };
        if (!this.notices.includes(SILENT)) this.state = "rendering";
        this.progress = null;
        this.#tell("status");
      },
      reach: (reach) => {
        this.notices = this.notices.filter((text) => text !== GONE && text !== SILENT);
        if (reach !== "here") this.notices.push(reach === "gone" ? GONE : SILENT);
        const answered = this.error ? "error" : "idle";
        if (reach !== "here") this.state = "error";
        else this.state = this.#done < this.sync.seq ? "rendering" : answered;
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
    const { playing, position } = this;
    const { loop, selection } = this.listening;
    const { start, end } = selection ?? { start: 0, end: this.duration };
    return { position, loop: loop ? [start, end] : null, playing };
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
    if (held) this.#frame ??= onFrame(this.#show);
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
  async ask(name, fields = {}, buffers = []) {
    const answer = await this.sync.ask(name, fields, buffers);
    if (!answer.fault) return answer;
    this.fail(answer.fault);
    return null;
  }

  /** Say something for a moment, or until something else is said. @param {string} text */
  say(text, stays = false) {
    this.remark = text;
    this.#tell("desk");
    clearTimeout(this.#remarked);
    if (stays) return;
    this.#remarked = setTimeout(() => {
      this.remark = "";
      this.#tell("desk");
    }, 4000);
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
   * @param {Shown["scale"]} [scale]
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

  /** Inside a click: the browser lets a page sound only from there. @param {boolean} on */
  play(on) {
    this.playing = on;
    if (!on) this.#hush();
    this.#tell("transport");
    this.player.play(on, this.spec.rate).catch((error) => {
      this.playing = false;
      this.#notice(`The sound could not start: ${error.message ?? error}`);
      this.#tell("transport");
    });
  }

  /** There is another sound: it begins at its beginning. @param {boolean} anew at another rate */
  #begin(anew) {
    if (anew && this.player.started) {
      this.player.close();
      this.player = new Player(this.#onReport, this.#notice);
      this.listening.repeat();
      if (this.playing) this.play(true);
    }
    this.listening.select(0, 0);
    this.seek(0);
  }

  #hush() {
    for (const levels of Object.values(this.levels)) levels.clear();
  }

  /** @param {number} seconds */
  seek(seconds) {
    this.position = Math.max(0, Math.min(seconds, this.duration));
    this.ahead.seek();
    this.player.tell({ type: "seek", seconds: this.position });
    this.#tell("position");
  }

  /** Have a part go round, in seconds, and be in it; an empty one is none. @param {number} start @param {number} end */
  select(start, end) {
    this.listening.select(start, end);
    const part = this.listening.selection;
    if (part && (this.position < part.start || this.position >= part.end)) this.seek(part.start);
  }

  /** A move is on its way to the ear: the page keeps its hands free for it. */
  get moving() {
    return performance.now() - this.#moved.time < MOVE;
  }

  close() {
    removeEventListener("pagehide", this.#onPageHide);
    this.#rest();
    clearTimeout(this.#remarked);
    clearTimeout(this.#failed);
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
    this.edition = this.spec.edition ?? this.edition;
    this.values = {};
    for (const stage of this.spec.stages) {
      for (const param of stage.params) if (param.kind !== "fixed") this.values[param.path] = param.value;
    }
  }

  /** Say what went wrong in the page, for a while; what plays goes on. @param {string} message */
  fail(message) {
    this.error = { message, path: null };
    this.#tell("status");
    clearTimeout(this.#failed);
    this.#failed = setTimeout(() => {
      if (this.error?.message === message) this.error = null;
      this.#tell("status");
    }, SAID);
  }

  #onSpec = () => {
    const { rate, frames } = this.spec;
    this.spec = this.model.get("spec");
    if (this.spec.rate !== rate || this.spec.frames !== frames) this.#begin(this.spec.rate !== rate);
    this.device = this.spec.device;
    this.views = this.views.filter((name) => this.spec.views.some((view) => view.name === name));
    if (this.views.length === 0) this.views = this.spec.open;
    this.drawings.clear();
    this.#former = this.curves ?? this.#former;
    this.curves = null;
    this.#adopt();
    this.#tell("spec");
  };

  #onReport = (/** @type {Report} */ report) => {
    this.position = report.position;
    const matched = this.report?.match;
    this.report = report;
    if (report.match !== matched) this.#tell("transport");
    if (this.playing) {
      this.levels.input.take(report.input);
      this.levels.output.take(report.output);
    }
    if (report.faulty) this.#notice("The sound held samples that are no numbers; they are silent.");
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
      if (report.ended) {
        this.playing = false;
        this.#hush();
      }
      this.waiting = report.waiting;
      if (report.ended) this.player.play(false, this.spec.rate);
      this.#tell("transport");
    }
    const now = performance.now();
    if (this.moving && now - this.#placed < REST) return;
    this.#placed = now;
    this.#tell("position");
  };

  /** @param {any} message @param {(ArrayBuffer | ArrayBufferView)[]} buffers */
  #onMessage(message, buffers) {
    if (message.type === "audio") this.#onAudio(message, buffers);
    else if (message.type === "curves") this.#onCurves(message, buffers);
    else if (message.type === "view") this.#onView(message, buffers);
    else if (message.type === "match") {
      this.player.tell({ type: "matched", seq: message.seq, match: message.match });
    } else if (message.type === "overview") {
      (message.dry ? this.dry : this.wet).adopt(message, float32(buffers[0]), float32(buffers[1]));
      this.#tell("wave");
    } else if (message.type === "status") {
      this.#onStatus(message);
    } else if (message.type === "desk") {
      this.desk = message;
      this.#tell("desk");
    } else if (message.type === "values") {
      // Values that this page has overwritten since are on their way to the kernel already.
      if (message.seq < this.sync.seq) return;
      this.sync.seq = message.seq;
      this.edition = message.edition ?? this.edition;
      for (const path of Object.keys(this.values)) {
        if (path in message.values) this.values[path] = message.values[path];
      }
      this.#tell("values");
      this.#tell("status");
      // What Python has set is rendered from where this page plays.
      if (message.ask) this.sync.changed();
    }
  }

  /** @param {{ seq: number, state: State, message: string, path: string | null, progress?: number | null }} status */
  #onStatus({ seq, state, message, path, progress }) {
    // Progress is told by a thread of its own, and what that sends may come after the answer.
    if (state === "rendering" && seq <= this.#done) return;
    if (state !== "rendering") this.#done = Math.max(this.#done, seq);
    this.progress = state === "rendering" && seq >= this.sync.seq ? (progress ?? -1) : null;
    // Done with an older number is not done: the page's newest values are on their way.
    this.state = state === "idle" && seq < this.sync.seq ? "rendering" : state;
    if (state === "error") this.error = { message, path };
    if (state === "error" && this.wet.frames === 0) this.listening.playInput(true);
    else if (this.state === "idle") this.error = null;
    this.#tell("status");
  }

  /** @param {Piece} piece @param {(ArrayBuffer | ArrayBufferView)[]} buffers */
  #onAudio(piece, buffers) {
    const { dry, seq, frames, channels, rate, scale, start, count, take, last, match } = piece;
    const told = { dry, seq, frames, channels, rate, scale, start, count, take, last, match };
    // The audio thread gets it first; what is drawn of it may come after.
    this.player.piece(told, int16(buffers[0]));
    (dry ? this.dry : this.wet).write(piece, int16(buffers[0]));
    if (!dry) this.listening.playInput(false);
    this.#tell("wave");
  }

  /** @param {{ view: string, names: string[], bytes: string[], [field: string]: unknown }} message @param {(ArrayBuffer | ArrayBufferView)[]} buffers */
  #onView({ view, names, bytes: raw, ...fields }, buffers) {
    /** @type {ViewData} */
    const data = { fields, arrays: {}, bytes: {} };
    names.forEach((name, i) => {
      if (raw.includes(name)) data.bytes[name] = bytes(buffers[i]);
      else data.arrays[name] = float32(buffers[i]);
    });
    this.drawings.set(view, data);
    this.#tell("drawing");
  }

  /** @param {{ seq: number, names: string[], stages: string[] | null, [note: string]: any }} message @param {(ArrayBuffer | ArrayBufferView)[]} buffers */
  #onCurves({ seq, names, stages, ...notes }, buffers) {
    /** @type {Record<string, Float32Array>} */
    const named = {};
    names.forEach((name, i) => {
      named[name] = float32(buffers[i]);
    });
    // What a message does not bring stands as it is: spectra come later than the response, or once.
    const { curves } = this;
    const sound = curves ?? this.#former;
    const db = stages?.map((_, i) => float32(buffers[names.length + i]));
    this.curves = {
      seq,
      frequency: named.frequency ?? sound?.frequency ?? new Float32Array(0),
      response: named.response ?? (notes.lti === false ? null : (curves?.response ?? null)),
      measured: named.measured ?? (notes.lti ? null : (curves?.measured ?? null)),
      measuredAt: named.measured ? seq : (curves?.measuredAt ?? 0),
      level: notes.level ?? curves?.level ?? 0,
      input: named.input ?? sound?.input ?? null,
      output: named.output ?? curves?.output ?? null,
      taps: named.taps ?? curves?.taps ?? null,
      tapCount: named.taps ? notes.taps : (curves?.tapCount ?? 0),
      stages:
        stages && db
          ? stages.map((path, i) => ({ path, db: db[i], ...notes.parts[i] }))
          : (curves?.stages ?? []),
      places: notes.places ?? curves?.places ?? {},
    };
    if (this.#showing !== undefined) this.#show();
    this.#tell("curves");
  }
}
