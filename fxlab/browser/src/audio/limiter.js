/** The level that no sample exceeds: −0.1 dBFS. */
export const CEILING = 10 ** (-0.1 / 20);
/** The level to which a peak is reduced: just below the ceiling, because rounding to 32 bits may raise the last digit. */
const TARGET = CEILING * (1 - 1e-6);

const LOOK_AHEAD = 0.0015; // seconds
const RELEASE = 0.12; // seconds to 1/e
/** A gain reduction below this is treated as none. */
const NEGLIGIBLE = 1e-7;

/**
 * A look-ahead limiter that keeps peaks below the ceiling. It delays the sound by the look-ahead, so that the gain has
 * been ramped down by the time a peak arrives. Sound below the ceiling passes unchanged, bit by bit. All channels get the
 * same gain.
 *
 * The gain is the lowest gain that the peaks within the look-ahead need, released slowly and averaged over the look-ahead:
 * every average that covers a peak is of gains that are low enough for it. When the limiter is switched off, the gain is
 * released as after a peak, so that the switch is inaudible. Allocates nothing.
 */
export class Limiter {
  enabled = true;
  /** The lowest gain since it was last set to 1. */
  lowestGain = 1;
  /** The highest input sample since it was last set to 0. */
  peak = 0;

  /** @param {{ rate: number, outputs: number }} output */
  constructor({ rate, outputs }) {
    /** The look-ahead in frames. */
    this.delay = Math.max(1, Math.round(LOOK_AHEAD * rate));
    this.releaseFactor = Math.exp(-1 / (RELEASE * rate));
    const size = this.delay + 1;
    this.size = size;
    this.delayLines = Array.from({ length: outputs }, () => new Float32Array(size));
    /** A ring buffer of the gains below 1 within the look-ahead that can still be the lowest, in ascending order. */
    this.gains = new Float64Array(size);
    /** The frame of each of these gains. */
    this.gainFrames = new Float64Array(size);
    this.first = 0;
    this.count = 0;
    /** The gain reductions of the last `delay` frames, and their sum. */
    this.reductions = new Float64Array(this.delay);
    this.sum = 0;
    this.reduction = 0;
    /** The number of the current frame. */
    this.frame = 0;
    this.framesWithoutReduction = this.delay;
  }

  /** Insert the gain that the current frame needs. @param {number} gain */
  #insertGain(gain) {
    const { gains, gainFrames, size, frame } = this;
    if (this.count > 0 && gainFrames[this.first] <= frame - size) {
      this.first = (this.first + 1) % size;
      this.count -= 1;
    }
    if (gain >= 1) return;
    while (this.count > 0 && gains[(this.first + this.count - 1) % size] >= gain) this.count -= 1;
    const slot = (this.first + this.count) % size;
    gains[slot] = gain;
    gainFrames[slot] = frame;
    this.count += 1;
  }

  /** Return the gain of the frame that leaves the delay line. @returns {number} */
  #outputGain() {
    const { reductions, delay, frame } = this;
    const needed = this.count > 0 ? 1 - this.gains[this.first] : 0;
    const released = this.reduction * this.releaseFactor;
    this.reduction = Math.max(needed, released > NEGLIGIBLE ? released : 0);
    const slot = frame % delay;
    this.sum += this.reduction - reductions[slot];
    reductions[slot] = this.reduction;
    this.framesWithoutReduction = this.reduction > 0 ? 0 : this.framesWithoutReduction + 1;
    // Discard the rounding errors of the running sum once all of its terms are 0.
    if (this.framesWithoutReduction >= delay) this.sum = 0;
    return 1 - this.sum / delay;
  }

  /** Limit a block in place. @param {Float32Array[]} block one array per channel @param {number} count frames */
  process(block, count) {
    const { delayLines, size, enabled } = this;
    for (let i = 0; i < count; i++) {
      let peak = 0;
      for (let c = 0; c < delayLines.length; c++) peak = Math.max(peak, Math.abs(block[c][i]));
      if (peak > this.peak) this.peak = peak;
      const isOver = enabled && peak > CEILING;
      let gain = 1;
      if (isOver || this.count > 0 || this.framesWithoutReduction < this.delay) {
        this.#insertGain(isOver ? TARGET / peak : 1);
        gain = this.#outputGain();
        if (gain < this.lowestGain) this.lowestGain = gain;
      }
      const slot = this.frame % size;
      for (let c = 0; c < delayLines.length; c++) {
        const delayLine = delayLines[c];
        delayLine[slot] = block[c][i];
        block[c][i] = delayLine[(slot + 1) % size] * gain;
      }
      this.frame += 1;
    }
  }
}
