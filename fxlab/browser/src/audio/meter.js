/** @import { Level } from "./messages" */

// ITU-R BS.1770-4: the analog corners from which its K weighting at 48 kHz was made, so that any rate has it.
const SHELF = {
  hertz: 1681.974450955533,
  db: 3.999843853973347,
  q: 0.7071752369554196,
  bend: 0.4996667741545416,
};
const PASS = { hertz: 38.13547087602444, q: 0.5003270373238773 };

/**
 * @param {number} rate Hz
 * @returns {number[]} b0 b1 b2 a1 a2 of a shelf for the head and of a high-pass, one after the other
 */
export function weighting(rate) {
  // A corner beyond half the rate cannot be: such a sound is measured as it is.
  if (rate <= 2 * SHELF.hertz) return [1, 0, 0, 0, 0, 1, 0, 0, 0, 0];
  const poles = (/** @type {{ hertz: number, q: number }} */ { hertz, q }) => {
    const w = Math.tan((Math.PI * hertz) / rate);
    return [w * w, w / q, 1 + w / q + w * w];
  };
  const [square, width, a0] = poles(SHELF);
  const high = 10 ** (SHELF.db / 20);
  const bend = high ** SHELF.bend * width;
  const shelf = [high + bend + square, 2 * (square - high), high - bend + square];
  const [deep, wide, c0] = poles(PASS);
  return [
    ...[...shelf, 2 * (square - 1), 1 - width + square].map((value) => value / a0),
    ...[1, -2, 1, (2 * (deep - 1)) / c0, (1 - wide + deep) / c0],
  ];
}

/**
 * The highest sample, the mean square and the K-weighted mean square of what passes. Mean squares are of one channel in
 * the mean, the weighted one of their sum, as the standard has it. Allocates nothing.
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
    this.weights = Float64Array.from(weighting(rate));
    /** Two sections a channel, two states each. */
    this.states = Array.from({ length: outputs }, () => new Float64Array(4));
  }

  /** @param {Float32Array[]} block one array a channel @param {number} count @param {number} channels that differ */
  take(block, count, channels) {
    const [b0, b1, b2, a1, a2, d0, d1, d2, c1, c2] = this.weights;
    const used = Math.max(1, Math.min(channels, this.outputs));
    let weighted = 0;
    let square = 0;
    let peak = this.#peak;
    for (let c = 0; c < used; c++) {
      const x = block[c];
      let [s0, s1, s2, s3] = this.states[c];
      for (let i = 0; i < count; i++) {
        const value = x[i];
        const size = Math.abs(value);
        if (size > peak) peak = size;
        square += value * value;
        const shelved = b0 * value + s0;
        s0 = b1 * value - a1 * shelved + s1;
        s1 = b2 * value - a2 * shelved;
        const heard = d0 * shelved + s2;
        s2 = d1 * shelved - c1 * heard + s3;
        s3 = d2 * shelved - c2 * heard;
        weighted += heard * heard;
      }
      const state = this.states[c];
      // A tail that has died away must not slow the processor down.
      state[0] = Math.abs(s0) < 1e-20 ? 0 : s0;
      state[1] = Math.abs(s1) < 1e-20 ? 0 : s1;
      state[2] = Math.abs(s2) < 1e-20 ? 0 : s2;
      state[3] = Math.abs(s3) < 1e-20 ? 0 : s3;
    }
    this.#peak = peak;
    this.#square += square / used;
    this.#weighted += weighted;
    this.#frames += count;
  }

  /** What passed since the last look. @param {Level} level filled in */
  look(level) {
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
