/**
 * The last stage of the sound: the transport's fade in and out, and the mending of what cannot be
 * crossfaded. After a break the difference to the last sample dies away over 5 ms, so that no break is a
 * step. Allocates nothing.
 */
export class OutputStage {
  /** Gain of the transport, 0 to 1. */
  level = 0;
  /** The sound breaks at the next sample. */
  broken = false;
  #left = 0;

  /** @param {{ rate: number, outputs: number }} output */
  constructor({ rate, outputs }) {
    this.outputs = outputs;
    this.ramp = Math.max(1, Math.round(0.005 * rate));
    this.last = new Float32Array(outputs);
    this.residual = new Float32Array(outputs);
  }

  /**
   * @param {Float32Array[]} out one array a channel
   * @param {number} at
   * @param {number} run
   * @param {boolean} open whether it should sound: the level goes there
   */
  pass(out, at, run, open) {
    this.#fade(out, at, run, open ? 1 : 0);
    if (this.broken) {
      for (let o = 0; o < this.outputs; o++) this.residual[o] = this.last[o] - out[o][at];
      this.#left = this.ramp;
      this.broken = false;
    }
    const mending = Math.min(run, this.#left);
    for (let o = 0; o < this.outputs; o++) {
      const channel = out[o];
      for (let k = 0; k < mending; k++) channel[at + k] += (this.residual[o] * (this.#left - k)) / this.ramp;
      this.last[o] = channel[at + run - 1];
    }
    this.#left -= mending;
  }

  /** @param {Float32Array[]} out @param {number} at @param {number} run @param {0 | 1} goal */
  #fade(out, at, run, goal) {
    if (this.level === 1 && goal === 1) return;
    const slope = this.level === goal ? 0 : (goal > this.level ? 1 : -1) / this.ramp;
    let { level } = this;
    for (let i = at; i < at + run; i++) {
      level = Math.max(0, Math.min(1, level + slope));
      for (let o = 0; o < this.outputs; o++) out[o][i] *= level;
    }
    this.level = level;
  }
}
