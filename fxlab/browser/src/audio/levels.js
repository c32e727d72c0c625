/** @import { Level } from "./messages" */

/** Integration time of the momentary loudness, in seconds. */
const MOMENTARY = 0.4;
/** Integration time of the short-term loudness, in seconds. */
const SHORT_TERM = 3;
/** Time constant of the RMS level, in seconds. */
const RMS_TIME = 0.15;
/** How long a peak is held, in seconds. */
const PEAK_HOLD = 1.5;
/** How fast a peak falls after it was held, in dB per second. */
const PEAK_FALL = 24;
/** How many reports are kept: enough for 3 s at the highest rate at which reports arrive. */
const KEPT_REPORTS = 256;

/** Return the level of a power in dB. @param {number} power */
const powerToDb = (power) => 10 * Math.log10(power);

/** The displayed levels of one signal, from the reports of its meter, in dB; minus infinity for silence. */
export class Levels {
  peak = -Infinity;
  rms = -Infinity;
  #sincePeak = 0;
  #square = 0;
  #weighted = new Float64Array(KEPT_REPORTS);
  #seconds = new Float64Array(KEPT_REPORTS);
  #count = 0;

  /** Include a report of the meter. @param {Level} level */
  add({ peak, square, weighted, seconds }) {
    if (seconds === 0) return;
    this.#sincePeak += seconds;
    const newPeak = 20 * Math.log10(peak);
    const heldPeak = this.#sincePeak > PEAK_HOLD ? this.peak - PEAK_FALL * seconds : this.peak;
    if (newPeak >= heldPeak) this.#sincePeak = 0;
    this.peak = Math.max(newPeak, heldPeak);
    this.#square += (square - this.#square) * (1 - Math.exp(-seconds / RMS_TIME));
    this.rms = powerToDb(this.#square);
    this.#weighted[this.#count % KEPT_REPORTS] = weighted;
    this.#seconds[this.#count % KEPT_REPORTS] = seconds;
    this.#count += 1;
  }

  /** The loudness of the last 400 ms in LUFS. */
  get momentary() {
    return this.#loudness(MOMENTARY);
  }

  /** The loudness of the last 3 s in LUFS. */
  get shortTerm() {
    return this.#loudness(SHORT_TERM);
  }

  /**
   * Return the ungated loudness by ITU-R BS.1770 in LUFS. Until `window` seconds have been reported, it is the loudness
   * of what has been reported.
   *
   * @param {number} window
   */
  #loudness(window) {
    let power = 0;
    let time = 0;
    for (let i = this.#count - 1; i >= 0 && i >= this.#count - KEPT_REPORTS; i--) {
      const seconds = this.#seconds[i % KEPT_REPORTS];
      // Only complete reports can be added, so the time is the multiple closest to the window.
      if (time > 0 && time + seconds / 2 > window) break;
      power += this.#weighted[i % KEPT_REPORTS] * seconds;
      time += seconds;
    }
    return time > 0 ? powerToDb(power / time) - 0.691 : -Infinity;
  }

  /** Reset the levels to silence, because playback has stopped. */
  clear() {
    this.peak = -Infinity;
    this.rms = -Infinity;
    this.#square = 0;
    this.#count = 0;
  }
}
