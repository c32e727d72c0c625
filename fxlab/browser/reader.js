import { Outlet } from "./outlet.js";
import { Shelf } from "./shelf.js";

/** @import { Take } from "./take.js" */
/** @import { Command, Report } from "./types" */

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
  #shelf = new Shelf();
  /** The render that sounds, or would if bypass were off. @type {Take | null} */ #wet = null;
  /** What sounds. @type {Take | null} */ #voice = null;
  /** What fades out under it. @type {Take | null} */ #from = null;

  /** In frames of the output, as all that follows. */
  #position = 0;
  #fromPosition = 0;
  #fadeLength = 0;
  #fadeLeft = 0;
  #seek = -1;

  #playing = false;
  #ended = false;
  #loop = true;
  #bypass = false;

  /** @param {{ rate: number, outputs: number }} output the sample rate and the channels to write */
  constructor({ rate, outputs }) {
    this.rate = rate;
    this.outputs = outputs;
    this.outlet = new Outlet({ rate, outputs });
    this.fade = Math.max(1, Math.round(0.015 * rate));
    /** What has to lie ahead before a render that does not sound yet may take over. */
    this.need = Math.round(0.06 * rate);
    /** @type {Report} */
    this.report = {
      ...{ position: 0, seq: 0, ended: false, waiting: false, peak: 0, time: 0 },
      ...{ wetAhead: 0, dryAhead: 0 },
    };
  }

  /** @param {Command} command */
  handle(command) {
    if (command.type === "piece") this.#shelf.put(command.piece, command.samples);
    else if (command.type === "take") this.#shelf.adopt(command.role, command.take);
    else if (command.type === "play") this.#play(command.on);
    else if (command.type === "loop") this.#loop = command.on;
    else if (command.type === "bypass") this.#bypass = command.on;
    else if (command.type === "seek") this.#seek = Math.max(0, Math.round(command.seconds * this.rate));
    if (!this.#audible) this.#decide();
    this.#shelf.sweep((take) => take === this.#wet || take === this.#voice || take === this.#from);
  }

  /**
   * All it has, as commands for another reader. The buffers are handed over: this reader is done.
   *
   * @returns {Command[]}
   */
  release() {
    return [
      ...this.#shelf.commands(),
      { type: "loop", on: this.#loop },
      { type: "bypass", on: this.#bypass },
      { type: "seek", seconds: this.#position / this.rate },
    ];
  }

  /** Frames of output from the start to the end or the loop's seam. */
  get length() {
    const { newest, complete, dry } = this.#shelf;
    const take = this.#wet ?? newest ?? complete ?? dry;
    return take ? Math.max(1, Math.ceil((take.frames * this.rate) / take.rate)) : 0;
  }

  /** @returns {Report} the same object every time, filled anew */
  look() {
    const { report, outlet } = this;
    report.position = this.#position / this.rate;
    report.seq = this.seq;
    report.ended = this.#ended;
    report.waiting = this.#playing && this.#voice === null;
    report.peak = outlet.peak;
    const { newest, dry } = this.#shelf;
    report.wetAhead = newest ? this.#ahead(newest) / this.rate : Number.POSITIVE_INFINITY;
    report.dryAhead = dry ? this.#ahead(dry) / this.rate : Number.POSITIVE_INFINITY;
    report.time = Date.now();
    this.#ended = false;
    outlet.peak = 0;
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
    return this.#playing || this.outlet.level > 0;
  }

  /** @param {boolean} on */
  #play(on) {
    if (on && !this.#playing && this.#position >= this.length) this.#position = 0;
    this.#playing = on;
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
    const { newest, complete } = this.#shelf;
    const wet = this.#wet;
    if (newest && newest !== wet && this.#ahead(newest) >= this.need) return newest;
    if (wet && this.#ahead(wet) > this.fade + BLOCK) return wet;
    if (complete && complete !== wet && this.#ahead(complete) > this.fade + BLOCK) return complete;
    // Nothing to fall back on: fade out while there is something left to fade.
    return null;
  }

  /** Start the next crossfade, if what should sound is not what sounds. */
  #decide() {
    if (this.#fadeLeft > 0) return;
    const before = this.#position;
    const ahead = this.#voice ? this.#ahead(this.#voice) : this.fade;
    if (this.#seek >= 0) {
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
      const { dry } = this.#shelf;
      const least = dry === this.#voice ? this.fade + BLOCK : this.need;
      const there = dry && this.#ahead(dry) >= least;
      const meanwhile = dry ? this.#voice : (this.#voice ?? this.#wet);
      goal = there ? dry : dry === this.#voice ? null : meanwhile;
    }
    if (goal === this.#voice && this.#position === before) return;
    if (this.outlet.level > 0) {
      const length = Math.min(this.fade, Math.floor(ahead));
      // With next to nothing left to fade out, the outlet mends the break.
      const short = length < this.outlet.ramp;
      if (short) this.outlet.broken = true;
      this.#from = short ? null : this.#voice;
      this.#fromPosition = before;
      this.#fadeLength = short ? 0 : length;
      this.#fadeLeft = this.#fadeLength;
    }
    this.#voice = goal;
  }

  #end() {
    this.#ended = true;
    this.#playing = false;
    this.outlet.level = 0;
    this.outlet.broken = true;
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
      this.outlet.pass(out, done, run, this.#playing);
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
    if (this.#voice?.roughSeam) this.outlet.broken = true;
  }
}
