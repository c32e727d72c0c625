/**
 * The last stage of playback: it fades in on play and out on pause, and smooths discontinuities that cannot be
 * crossfaded. After a discontinuity, the difference to the last sample is added and decays over 5 ms, so that no
 * discontinuity becomes a step. Allocates nothing.
 */
export class OutputStage {
  /** The gain of the fade on play and pause, 0 to 1. */
  gain = 0;
  /** Set this if the next sample does not continue the last one. */
  isDiscontinuous = false;
  #smoothingLeft = 0;

  /** @param {{ rate: number, outputs: number }} output */
  constructor({ rate, outputs }) {
    this.outputs = outputs;
    /** Length of a fade and of the smoothing, in frames. */
    this.rampFrames = Math.max(1, Math.round(0.005 * rate));
    this.lastSample = new Float32Array(outputs);
    this.difference = new Float32Array(outputs);
  }

  /**
   * Process part of a block in place.
   *
   * @param {Float32Array[]} block one array per channel
   * @param {number} start the first frame to process
   * @param {number} count frames
   * @param {boolean} isPlaying whether the gain goes to 1 or to 0
   */
  process(block, start, count, isPlaying) {
    this.#fade(block, start, count, isPlaying ? 1 : 0);
    if (this.isDiscontinuous) {
      for (let o = 0; o < this.outputs; o++) this.difference[o] = this.lastSample[o] - block[o][start];
      this.#smoothingLeft = this.rampFrames;
      this.isDiscontinuous = false;
    }
    const smoothed = Math.min(count, this.#smoothingLeft);
    for (let o = 0; o < this.outputs; o++) {
      const channel = block[o];
      for (let k = 0; k < smoothed; k++) {
        channel[start + k] += (this.difference[o] * (this.#smoothingLeft - k)) / this.rampFrames;
      }
      this.lastSample[o] = channel[start + count - 1];
    }
    this.#smoothingLeft -= smoothed;
  }

  /** @param {Float32Array[]} block @param {number} start @param {number} count @param {0 | 1} target */
  #fade(block, start, count, target) {
    if (this.gain === 1 && target === 1) return;
    const slope = this.gain === target ? 0 : (target > this.gain ? 1 : -1) / this.rampFrames;
    let { gain } = this;
    for (let i = start; i < start + count; i++) {
      gain = Math.max(0, Math.min(1, gain + slope));
      for (let o = 0; o < this.outputs; o++) block[o][i] *= gain;
    }
    this.gain = gain;
  }
}
