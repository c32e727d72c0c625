import { CrossfadePlayer } from "./crossfade_player.js";
import { Limiter } from "./limiter.js";
import { Meter } from "./meter.js";

/** @import { Command, Level, Report } from "./messages" */

/** How long a change of volume takes, in seconds. */
const GLIDE = 0.03;

/** @returns {Level} */
const level = () => ({ peak: 0, square: 0, weighted: 0, seconds: 0 });

/**
 * What the sound goes through from the reader to the ear: meters, volume, limiter. What is no number ends here.
 *
 * The worklet runs it, and so does the page where there is no worklet. `process` allocates nothing.
 */
export class Monitor {
  #volume = 1;
  #goal = 1;
  #step = 0;
  #faulty = false;

  /** @param {{ rate: number, outputs: number }} output */
  constructor({ rate, outputs }) {
    this.rate = rate;
    this.outputs = outputs;
    this.reader = new CrossfadePlayer({ rate, outputs });
    this.limiter = new Limiter({ rate, outputs });
    this.heard = new Meter({ rate, outputs });
    this.given = new Meter({ rate, outputs });
    /** @type {Float32Array[]} */ this.input = [];
    /** @type {Report} */
    this.report = {
      ...{ position: 0, seq: 0, ended: false, waiting: false, match: null, wetAhead: 0, dryAhead: 0 },
      ...{ faulty: false, peak: 0, gain: 1, output: level(), input: level(), time: 0 },
    };
  }

  /** @param {Command} command */
  handle(command) {
    if (command.type === "volume") this.#turn(command.gain);
    else if (command.type === "limiter") this.limiter.on = command.on;
    else if (command.type === "piece") this.#take(command);
    else this.reader.handle(command);
  }

  /** What is no number is silence, never a burst. @param {Extract<Command, { type: "piece" }>} command */
  #take({ type, piece, samples }) {
    const sound = Number.isFinite(piece.scale);
    if (!sound) this.#faulty = true;
    this.reader.handle({ type, piece: sound ? piece : { ...piece, scale: 0 }, samples });
  }

  /** @param {number} gain */
  #turn(gain) {
    this.#goal = gain;
    this.#step = (gain - this.#volume) / Math.max(1, Math.round(GLIDE * this.rate));
    // In silence there is nothing to glide.
    if (!this.reader.playing) this.#volume = gain;
  }

  /** All it has, as commands for another monitor; this one is done. @returns {Command[]} */
  release() {
    return [
      ...this.reader.release(),
      { type: "volume", gain: this.#goal },
      { type: "limiter", on: this.limiter.on },
    ];
  }

  /** @returns {Report} the same object every time, filled anew */
  look() {
    const { report, reader, limiter } = this;
    reader.look(report);
    report.faulty = this.#faulty;
    report.peak = limiter.peak;
    report.gain = limiter.lowest;
    report.time = Date.now();
    this.heard.look(report.output);
    this.given.look(report.input);
    this.#faulty = false;
    limiter.peak = 0;
    limiter.lowest = 1;
    return report;
  }

  /**
   * @param {Float32Array[]} out one array a channel
   * @param {number} count frames to write
   * @param {Float32Array[][]} [taps] for whoever draws them, one channel each, before the volume: from number 1 on two
   *   of what is heard, then two of the input
   */
  process(out, count, taps) {
    const { reader, input } = this;
    // Once: a page's and a worklet's blocks are always of one length.
    if (input[0]?.length !== count) {
      this.input = Array.from({ length: this.outputs }, () => new Float32Array(count));
    }
    reader.process(out, count, this.input);
    this.#judge(out, count);
    this.heard.take(out, count, reader.width);
    this.given.take(this.input, count, reader.inputWidth);
    if (taps) {
      for (let c = 0; c < 2 && c < this.outputs; c++) {
        taps[1 + c][0]?.set(out[c]);
        taps[3 + c][0]?.set(this.input[c]);
      }
    }
    this.#fade(out, count);
    this.limiter.pass(out, count);
  }

  /** Mute a block that holds what is no number. @param {Float32Array[]} out @param {number} count */
  #judge(out, count) {
    let sum = 0;
    for (let c = 0; c < this.outputs; c++) for (let i = 0; i < count; i++) sum += out[c][i];
    if (Number.isFinite(sum)) return;
    this.#faulty = true;
    for (let c = 0; c < this.outputs; c++) out[c].fill(0, 0, count);
  }

  /** @param {Float32Array[]} out @param {number} count */
  #fade(out, count) {
    if (this.#volume === 1 && this.#goal === 1) return;
    let volume = this.#volume;
    for (let i = 0; i < count; i++) {
      if (volume !== this.#goal) {
        volume += this.#step;
        if ((volume - this.#goal) * this.#step >= 0) volume = this.#goal;
      }
      for (let c = 0; c < this.outputs; c++) out[c][i] *= volume;
    }
    this.#volume = volume;
  }
}
