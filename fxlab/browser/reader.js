import { Take } from "./take.js";

/** @import { Command, Piece, Report, TakeData } from "./types" */

/** Frames handled at a time; an AudioWorklet's own block. */
const BLOCK = 128;

/**
 * The one read position over the input and its renders.
 *
 * Everything that changes what is heard (a new render, bypass, a seek) is a crossfade, one at a time, so
 * that no change can put a step into the sound; what comes meanwhile waits for its end, the newest first.
 * Free of Web Audio: the worklet runs it, and so does the page where there is no worklet.
 *
 * `process` allocates nothing.
 */
export class Reader {
  /** @type {Take | null} */ #dry = null;
  /** The render that is arriving, or the last that arrived. @type {Take | null} */ #newest = null;
  /** The last render that is there from end to end. @type {Take | null} */ #complete = null;
  /** The render that sounds, or would if bypass were off. @type {Take | null} */ #wet = null;
  /** What sounds. @type {Take | null} */ #voice = null;
  /** What fades out under it. @type {Take | null} */ #from = null;
  /** @type {Take[]} */ #takes = [];
  /** @type {Int16Array[]} */ #spare = [];

  #position = 0;
  #fromPosition = 0;
  #fadeLength = 0;
  #fadeLeft = 0;
  #seek = -1;

  #playing = false;
  #ended = false;
  #loop = true;
  #bypass = false;
  /** Gain of the transport, which ramps between 0 and 1. */
  #level = 0;

  /** A step that has to be mended at the next sample: the difference dies away over some milliseconds. */
  #mend = false;
  #mendLeft = 0;
  #peak = 0;

  /** @param {{ rate: number, outputs: number }} output the sample rate and the channels to write */
  constructor({ rate, outputs }) {
    this.rate = rate;
    this.outputs = outputs;
    this.fade = Math.max(1, Math.round(0.015 * rate));
    this.ramp = Math.max(1, Math.round(0.005 * rate));
    /** What has to lie ahead before a render that does not sound yet may take over. */
    this.need = Math.round(0.06 * rate);
    this.last = new Float32Array(outputs);
    this.residual = new Float32Array(outputs);
    /** @type {Report} */
    this.report = { position: 0, seq: 0, ended: false, waiting: false, peak: 0 };
  }

  /** @param {Command} command */
  handle(command) {
    if (command.type === "piece") this.#piece(command.piece, command.samples);
    else if (command.type === "take") this.#adopt(command.role, command.take);
    else if (command.type === "play") this.#play(command.on);
    else if (command.type === "loop") this.#loop = command.on;
    else if (command.type === "bypass") this.#bypass = command.on;
    else if (command.type === "seek") this.#seek = Math.max(0, Math.round(command.seconds * this.rate));
    if (!this.#audible) this.#decide();
    this.#sweep();
  }

  /** Its takes, as commands for another reader. The buffers are handed over: this reader is done. */
  release() {
    /** @type {Command[]} */
    const commands = [];
    /** @param {"dry" | "complete" | "newest"} role @param {Take | null} take */
    const add = (role, take) => {
      if (take) commands.push({ type: "take", role, take });
    };
    add("dry", this.#dry);
    if (this.#complete !== this.#newest) add("complete", this.#complete);
    add("newest", this.#newest);
    commands.push({ type: "loop", on: this.#loop }, { type: "bypass", on: this.#bypass });
    commands.push({ type: "seek", seconds: this.#position / this.rate });
    return commands;
  }

  /** Frames of output from the start to the end or the loop's seam. */
  get length() {
    const take = this.#wet ?? this.#newest ?? this.#complete ?? this.#dry;
    return take ? Math.max(1, Math.ceil((take.frames * this.rate) / take.rate)) : 0;
  }

  /** @returns {Report} the same object every time, filled anew */
  look() {
    const report = this.report;
    report.position = this.#position / this.rate;
    report.seq = this.seq;
    report.ended = this.#ended;
    this.#ended = false;
    report.waiting = this.#playing && this.#voice === null;
    report.peak = this.#peak;
    this.#peak = 0;
    return report;
  }

  get playing() {
    return this.#playing;
  }

  /** The number of the render that sounds, or would if bypass were off. */
  get seq() {
    return this.#wet?.seq ?? 0;
  }

  get #audible() {
    return this.#playing || this.#level > 0;
  }

  /** @param {boolean} on */
  #play(on) {
    if (on && !this.#playing && this.#position >= this.length) this.#position = 0;
    this.#playing = on;
  }

  /**
   * A piece opens a new take where its number or shape is new, and where its place is taken already: the
   * kernel renders the same number again after a change that did not come from this page.
   *
   * @param {Piece} piece
   * @param {Int16Array} samples
   */
  #piece(piece, samples) {
    let take = piece.dry ? this.#dry : this.#newest;
    if (!take?.fits(piece) || take.seq !== piece.seq || take.loadedUntil(piece.start) > piece.start) {
      take = new Take(piece, this.#storage(piece.frames * piece.channels));
      this.#takes.push(take);
      if (piece.dry) this.#dry = take;
      else this.#newest = take;
    }
    take.write(piece.start, piece.count, piece.scale, samples);
    if (!piece.dry && take.complete) this.#complete = take;
  }

  /** @param {"dry" | "complete" | "newest"} role @param {TakeData} data */
  #adopt(role, data) {
    const take = Take.of(data);
    this.#takes.push(take);
    if (role === "dry") this.#dry = take;
    else if (role === "newest") this.#newest = take;
    if (role !== "dry" && take.complete) this.#complete = take;
  }

  /** @param {number} size */
  #storage(size) {
    const at = this.#spare.findIndex((data) => data.length === size);
    return at < 0 ? new Int16Array(size) : this.#spare.splice(at, 1)[0];
  }

  /** Keep the storage of takes that nothing can sound any more for the next render. */
  #sweep() {
    this.#takes = this.#takes.filter((take) => {
      const used =
        take === this.#dry ||
        take === this.#newest ||
        take === this.#complete ||
        take === this.#wet ||
        take === this.#voice ||
        take === this.#from;
      if (!used && this.#spare.length < 2) this.#spare.push(take.data);
      return used;
    });
    const size = this.#newest?.data.length;
    if (this.#spare.some((data) => data.length !== size)) this.#spare = [];
  }

  /**
   * @param {Take} take
   * @returns {number} frames of output that can be read from the playhead on, through the loop's seam
   */
  #ahead(take) {
    const ratio = take.rate / this.rate;
    const frame = Math.floor(this.#position * ratio);
    if (frame >= take.frames) return Number.POSITIVE_INFINITY;
    const until = take.loadedUntil(frame);
    if (until < take.frames) return (until - frame) / ratio;
    if (!this.#loop) return Number.POSITIVE_INFINITY;
    const again = take.loadedUntil(0);
    if (again >= take.frames) return Number.POSITIVE_INFINITY;
    return (until - frame + again) / ratio;
  }

  /** The newest render that can be read here; the last complete one where newer ones have a gap. */
  #choose() {
    const newest = this.#newest;
    const wet = this.#wet;
    if (newest && newest !== wet && this.#ahead(newest) >= this.need) return newest;
    if (wet && this.#ahead(wet) > this.fade + BLOCK) return wet;
    const complete = this.#complete;
    if (complete && complete !== wet) return complete;
    // Nothing to fall back on: fade out while there is something left to fade.
    return null;
  }

  /** Start the next crossfade, if what should sound is not what sounds. */
  #decide() {
    if (this.#fadeLeft > 0) return;
    const before = this.#position;
    const ahead = this.#voice ? this.#ahead(this.#voice) : 0;
    const seeking = this.#seek >= 0;
    if (seeking) {
      this.#position = Math.min(this.#seek, this.length);
      this.#seek = -1;
    }
    this.#wet = this.#choose();
    if (this.#position >= this.length && this.#audible && this.length > 0) {
      if (this.#loop) this.#position = 0;
      else this.#end();
      this.#wet = this.#choose();
    }
    let goal = this.#wet;
    if (this.#bypass) {
      const dry = this.#dry && (this.#dry === this.#voice || this.#ahead(this.#dry) >= this.need);
      goal = dry ? this.#dry : (this.#voice ?? this.#wet);
    }
    if (goal === this.#voice && this.#position === before) return;
    if (this.#level > 0) {
      this.#from = this.#voice;
      this.#fromPosition = before;
      this.#fadeLength = Math.max(0, Math.min(this.fade, Math.floor(this.#voice ? ahead : this.fade)));
      this.#fadeLeft = this.#fadeLength;
      if (this.#fadeLeft === 0) this.#mend = true;
    }
    this.#voice = goal;
  }

  #end() {
    this.#ended = true;
    this.#playing = false;
    this.#level = 0;
    this.#mend = true;
    this.#position = this.length;
  }

  /**
   * @param {Float32Array[]} out one array a channel
   * @param {number} count frames to write
   */
  process(out, count) {
    let done = 0;
    while (done < count) {
      let run = Math.min(BLOCK, count - done);
      this.#decide();
      const fading = this.#fadeLeft > 0;
      const rolling = this.#audible && (this.#voice !== null || fading);
      if (rolling) {
        run = Math.max(1, Math.min(run, this.length - this.#position));
        if (fading) run = Math.min(run, this.#fadeLeft);
        if (fading && this.#fromPosition < this.length) run = Math.min(run, this.length - this.#fromPosition);
      }
      for (let o = 0; o < this.outputs; o++) out[o].fill(0, done, done + run);
      if (rolling) this.#mixRun(out, done, run, fading);
      this.#finish(out, done, run);
      if (rolling) this.#advance(run, fading);
      done += run;
    }
  }

  /** @param {Float32Array[]} out @param {number} at @param {number} run @param {boolean} fading */
  #mixRun(out, at, run, fading) {
    if (!fading) {
      if (this.#voice) this.#mixTake(this.#voice, this.#position, out, at, run, 1, 0);
      return;
    }
    const slope = 1 / (this.#fadeLength + 1);
    const gain = (this.#fadeLength - this.#fadeLeft + 1) * slope;
    if (this.#voice) this.#mixTake(this.#voice, this.#position, out, at, run, gain, slope);
    if (this.#from) this.#mixTake(this.#from, this.#fromPosition, out, at, run, 1 - gain, -slope);
  }

  /**
   * One channel goes to both ears; more channels than outputs are folded: odd ones left, even ones right.
   *
   * @param {Take} take
   * @param {number} position
   * @param {Float32Array[]} out
   * @param {number} at
   * @param {number} run
   * @param {number} gain
   * @param {number} slope
   */
  #mixTake(take, position, out, at, run, gain, slope) {
    const share = 1 / Math.ceil(take.channels / this.outputs);
    const ratio = take.rate / this.rate;
    for (let o = 0; o < this.outputs; o++) {
      const first = take.channels === 1 && o === 1 ? 0 : o;
      for (let c = first; c < take.channels; c += this.outputs) {
        if (ratio === 1) take.mix(out[o], at, run, c, position, gain * share, slope * share);
        else take.mixBetween(out[o], at, run, c, position * ratio, ratio, gain * share, slope * share);
      }
    }
  }

  /** Ramp the transport, mend steps, take the peak. @param {Float32Array[]} out @param {number} at @param {number} run */
  #finish(out, at, run) {
    const goal = this.#playing ? 1 : 0;
    const slope = this.#level === goal ? 0 : (goal > this.#level ? 1 : -1) / this.ramp;
    const end = at + run;
    let level = this.#level;
    for (let o = 0; o < this.outputs; o++) {
      const channel = out[o];
      level = this.#level;
      if (slope !== 0 || level !== 1) {
        for (let i = at; i < end; i++) {
          level = Math.max(0, Math.min(1, level + slope));
          channel[i] *= level;
        }
      }
      if (this.#mend) this.residual[o] = this.last[o] - channel[at];
    }
    // Nothing sounds while it waits for data, so there is nothing to ramp: it fades in when that comes.
    this.#level = level;
    if (this.#mend) this.#mendLeft = this.ramp;
    this.#mend = false;
    for (let o = 0; o < this.outputs; o++) {
      const channel = out[o];
      if (this.#mendLeft > 0) {
        const count = Math.min(run, this.#mendLeft);
        for (let k = 0; k < count; k++) {
          channel[at + k] += (this.residual[o] * (this.#mendLeft - k)) / this.ramp;
        }
      }
      for (let i = at; i < end; i++) this.#peak = Math.max(this.#peak, Math.abs(channel[i]));
      this.last[o] = channel[end - 1];
    }
    this.#mendLeft = Math.max(0, this.#mendLeft - run);
  }

  /** @param {number} run @param {boolean} fading */
  #advance(run, fading) {
    this.#position += run;
    if (fading) {
      this.#fromPosition += run;
      this.#fadeLeft -= run;
      if (this.#fromPosition === this.length && this.#loop) this.#fromPosition = 0;
      if (this.#fadeLeft === 0) this.#from = null;
    }
    if (this.#position < this.length) return;
    if (!this.#loop) {
      this.#end();
      return;
    }
    this.#position = 0;
    if (this.#voice?.roughSeam) this.#mend = true;
  }
}
