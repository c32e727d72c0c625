import { float32, int16 } from "../kernel/value_sync.js";
import { Levels } from "./levels.js";
import { ListeningMode, SHORTEST } from "./listening_mode.js";
import { Peaks } from "./peaks.js";
import { Player } from "./player.js";
import { Prefetch } from "./prefetch.js";

/** @import { Place } from "../kernel/value_sync.js" */
/** @import { Report } from "./messages" */
/** @import { Piece, Spec } from "../types" */
/** @import { Notices } from "../ui/notices.js" */

/** In ms: how long the sound of a move is waited for, and how long the playhead may rest meanwhile. */
const MOVE = 100;
const REST = 80;

/** What is heard of a session: the sounds that it has, where it plays, and how loud. */
export class Playback {
  dry = new Peaks();
  wet = new Peaks();
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

  /**
   * @param {{
   *   spec: () => Spec,
   *   settled: () => boolean,
   *   ahead: (wet: number, dry: number) => void,
   *   notices: Notices,
   *   tell: (topic: "status" | "wave" | "transport" | "position") => void,
   * }} session `settled`: the kernel is not sending anyway; `ahead` has it send what lies before the playhead
   */
  constructor(session) {
    this.session = session;
    this.player = this.#open();
    this.listening = new ListeningMode(
      (command) => this.player.tell(command),
      () => session.tell("transport"),
    );
    this.ahead = new Prefetch(session.ahead);
  }

  #open() {
    return new Player(this.#onReport, (text) => this.session.notices.add(text));
  }

  /** Seconds: of the render, which may be longer than the input. */
  get duration() {
    if (this.wet.frames > 0) return this.wet.seconds;
    const { rate, frames } = this.session.spec();
    return rate > 0 ? frames / rate : 0;
  }

  /** Where it plays, and from where to where it loops, in seconds. @returns {Place} */
  get place() {
    const { playing, position } = this;
    const { loop, selection } = this.listening;
    const { start, end } = selection ?? { start: 0, end: this.duration };
    return { position, loop: loop ? [start, end] : null, playing };
  }

  /** A move is on its way to the ear: the page keeps its hands free for it. */
  get moving() {
    return performance.now() - this.#moved.time < MOVE;
  }

  /** A move was sent. @param {number} seq */
  moved(seq) {
    this.#moved = { seq, time: performance.now() };
  }

  /** Inside a click: the browser lets a page sound only from there. @param {boolean} on */
  play(on) {
    const { tell, notices } = this.session;
    this.playing = on;
    if (!on) this.#hush();
    tell("transport");
    this.player.play(on, this.session.spec().rate).catch((error) => {
      this.playing = false;
      notices.add(`The sound could not start: ${error.message ?? error}`);
      tell("transport");
    });
  }

  /** There is another sound: it begins at its beginning. @param {boolean} anew another player has to play it */
  begin(anew) {
    if (anew && this.player.started) {
      this.player.close();
      this.player = this.#open();
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
    this.session.tell("position");
  }

  /** Have a part go round, in seconds, and be in it; an empty one is none. @param {number} start @param {number} end */
  select(start, end) {
    this.listening.select(start, end);
    const part = this.listening.selection;
    if (!part && end > start)
      this.session.notices.showMessage(`Too short to loop: ${SHORTEST} s is the least.`);
    if (part && (this.position < part.start || this.position >= part.end)) this.seek(part.start);
  }

  /** @param {Piece} piece @param {(ArrayBuffer | ArrayBufferView)[]} buffers */
  take(piece, buffers) {
    const { dry, seq, frames, channels, rate, scale, start, count, take, last, match } = piece;
    const told = { dry, seq, frames, channels, rate, scale, start, count, take, last, match };
    // The audio thread gets it first; what is drawn of it may come after.
    this.player.piece(told, int16(buffers[0]));
    (dry ? this.dry : this.wet).write(piece, int16(buffers[0]));
    if (!dry) this.listening.playInput(false);
    this.session.tell("wave");
  }

  /** What the whole of a long sound looks like. @param {any} message @param {(ArrayBuffer | ArrayBufferView)[]} buffers */
  survey(message, buffers) {
    (message.dry ? this.dry : this.wet).adopt(message, float32(buffers[0]), float32(buffers[1]));
    this.session.tell("wave");
  }

  /** What makes a render as loud as the input. @param {number} seq @param {number | null} match dB */
  matched(seq, match) {
    this.player.tell({ type: "matched", seq, match });
  }

  close() {
    this.player.close();
  }

  #onReport = (/** @type {Report} */ report) => {
    const { tell, notices } = this.session;
    this.position = report.position;
    const matched = this.report?.match;
    this.report = report;
    if (report.match !== matched) tell("transport");
    if (this.playing) {
      this.levels.input.take(report.input);
      this.levels.output.take(report.output);
    }
    if (report.faulty) notices.add("The sound held samples that are no numbers; they are silent.");
    this.ahead.look(report, this.session.settled());
    if (report.seq !== this.heard) {
      this.heard = report.seq;
      this.late = Math.max(0, Date.now() - report.time);
      if (report.seq >= this.#moved.seq && this.#moved.time > 0) {
        this.latency = performance.now() - this.late - this.#moved.time;
        this.#moved = { seq: report.seq, time: 0 };
      }
      tell("status");
    }
    if (report.ended || report.waiting !== this.waiting) {
      if (report.ended) {
        this.playing = false;
        this.#hush();
      }
      this.waiting = report.waiting;
      if (report.ended) this.player.play(false, this.session.spec().rate);
      tell("transport");
    }
    const now = performance.now();
    if (this.moving && now - this.#placed < REST) return;
    this.#placed = now;
    tell("position");
  };
}
