/** @import { Level } from "./messages" */

/** In seconds: what the loudness is the mean of, how fast the mean square follows, how long a peak is held. */
const MOMENTARY = 0.4;
const SHORT_TERM = 3;
const FOLLOW = 0.15;
const HOLD = 1.5;
/** What a held peak then falls by, in dB a second. */
const FALL = 24;
/** Reports that are kept: 3 s of them however they come. */
const KEPT = 256;

/** @param {number} power */
export const decibels = (power) => 10 * Math.log10(power);

/** One sound's levels as they are shown, from the monitor's reports, in dB; minus infinity for silence. */
export class Levels {
  peak = -Infinity;
  rms = -Infinity;
  #held = 0;
  #square = 0;
  #weighted = new Float64Array(KEPT);
  #seconds = new Float64Array(KEPT);
  #count = 0;

  /** @param {Level} level */
  take({ peak, square, weighted, seconds }) {
    if (seconds === 0) return;
    this.#held += seconds;
    const now = 20 * Math.log10(peak);
    const fallen = this.#held > HOLD ? this.peak - FALL * seconds : this.peak;
    if (now >= fallen) this.#held = 0;
    this.peak = Math.max(now, fallen);
    this.#square += (square - this.#square) * (1 - Math.exp(-seconds / FOLLOW));
    this.rms = decibels(this.#square);
    this.#weighted[this.#count % KEPT] = weighted;
    this.#seconds[this.#count % KEPT] = seconds;
    this.#count += 1;
  }

  /** LUFS of the last 400 ms. */
  get momentary() {
    return this.#loudness(MOMENTARY);
  }

  /** LUFS of the last 3 s. */
  get shortTerm() {
    return this.#loudness(SHORT_TERM);
  }

  /** Of ITU-R BS.1770, not gated; of what there is until there is enough. @param {number} window */
  #loudness(window) {
    let power = 0;
    let time = 0;
    for (let i = this.#count - 1; i >= 0 && i >= this.#count - KEPT; i--) {
      const seconds = this.#seconds[i % KEPT];
      // As near to the window as whole reports come.
      if (time > 0 && time + seconds / 2 > window) break;
      power += this.#weighted[i % KEPT] * seconds;
      time += seconds;
    }
    return time > 0 ? decibels(power / time) - 0.691 : -Infinity;
  }

  /** Nothing sounds any more. */
  clear() {
    this.peak = -Infinity;
    this.rms = -Infinity;
    this.#square = 0;
    this.#count = 0;
  }
}
