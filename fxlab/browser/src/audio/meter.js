import { kWeighting } from "./k_weighting.js";

/** @import { Level } from "./messages" */

/** Filter states below this are set to zero: a decaying tail would otherwise reach slow denormal numbers. */
const NEGLIGIBLE = 1e-20;

/**
 * Measures the peak, the mean square and the K-weighted mean square of the audio that passes. The mean square is averaged
 * over the channels; the K-weighted one is summed over them, as ITU-R BS.1770 defines it. Allocates nothing.
 */
export class Meter {
  #peak = 0;
  #square = 0;
  #weighted = 0;
  #frames = 0;

  /** @param {{ rate: number, outputs: number }} output */
  constructor({ rate, outputs }) {
    this.rate = rate;
    this.outputs = outputs;
    this.coefficients = Float64Array.from(kWeighting(rate));
    /** Two sections per channel with two states each. */
    this.states = Array.from({ length: outputs }, () => new Float64Array(4));
  }

  /**
   * Measure a block.
   *
   * @param {Float32Array[]} block one array per channel
   * @param {number} count frames
   * @param {number} channels the number of channels that differ
   */
  measure(block, count, channels) {
    const [b0, b1, b2, a1, a2, d0, d1, d2, c1, c2] = this.coefficients;
    const used = Math.max(1, Math.min(channels, this.outputs));
    let weighted = 0;
    let square = 0;
    let peak = this.#peak;
    for (let c = 0; c < used; c++) {
      const x = block[c];
      let [s0, s1, s2, s3] = this.states[c];
      for (let i = 0; i < count; i++) {
        const value = x[i];
        const magnitude = Math.abs(value);
        if (magnitude > peak) peak = magnitude;
        square += value * value;
        const shelved = b0 * value + s0;
        s0 = b1 * value - a1 * shelved + s1;
        s1 = b2 * value - a2 * shelved;
        const filtered = d0 * shelved + s2;
        s2 = d1 * shelved - c1 * filtered + s3;
        s3 = d2 * shelved - c2 * filtered;
        weighted += filtered * filtered;
      }
      const state = this.states[c];
      state[0] = Math.abs(s0) < NEGLIGIBLE ? 0 : s0;
      state[1] = Math.abs(s1) < NEGLIGIBLE ? 0 : s1;
      state[2] = Math.abs(s2) < NEGLIGIBLE ? 0 : s2;
      state[3] = Math.abs(s3) < NEGLIGIBLE ? 0 : s3;
    }
    this.#peak = peak;
    this.#square += square / used;
    this.#weighted += weighted;
    this.#frames += count;
  }

  /** Write the levels since the last call to `level`, and start a new measurement. @param {Level} level */
  read(level) {
    const frames = Math.max(1, this.#frames);
    level.peak = this.#peak;
    level.square = this.#square / frames;
    level.weighted = this.#weighted / frames;
    level.seconds = this.#frames / this.rate;
    this.#peak = 0;
    this.#square = 0;
    this.#weighted = 0;
    this.#frames = 0;
  }
}
