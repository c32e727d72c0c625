/** @import { Clip } from "./clip.js" */

/**
 * What may sound: a render, the input, or one less the other, each at its own gain. Where one of them is
 * shorter than the other it is silent.
 */
export class DryWetMix {
  /** @type {Clip | null} */ wet = null;
  /** @type {Clip | null} */ dry = null;
  wetGain = 0;
  dryGain = 0;

  /** @param {number} outputs channels to write @param {number} rate of the output */
  constructor(outputs, rate) {
    this.outputs = outputs;
    this.rate = rate;
  }

  get silent() {
    return this.wet === null && this.dry === null;
  }

  /** @param {Clip | null} wet @param {number} wetGain @param {Clip | null} dry @param {number} dryGain */
  set(wet, wetGain, dry, dryGain) {
    this.wet = wet;
    this.wetGain = wet ? wetGain : 0;
    this.dry = dry;
    this.dryGain = dry ? dryGain : 0;
  }

  /** @param {DryWetMix} other */
  copy({ wet, wetGain, dry, dryGain }) {
    this.set(wet, wetGain, dry, dryGain);
  }

  clear() {
    this.set(null, 0, null, 0);
  }

  /** @param {DryWetMix} other */
  same({ wet, wetGain, dry, dryGain }) {
    return this.wet === wet && this.dry === dry && this.wetGain === wetGain && this.dryGain === dryGain;
  }

  /** @param {Clip} take */
  holds(take) {
    return this.wet === take || this.dry === take;
  }

  /** Whether going round from its end to its start would click. */
  get roughSeam() {
    return Boolean(this.wet?.roughSeam || this.dry?.roughSeam);
  }

  /**
   * Add it to `out[…][at…]`, with a gain that moves by `slope` a sample.
   *
   * @param {number} position
   * @param {Float32Array[]} out
   * @param {number} at
   * @param {number} run
   * @param {number} gain
   * @param {number} slope
   */
  mix(position, out, at, run, gain, slope) {
    const { wet, dry, wetGain, dryGain } = this;
    if (wet) this.#mixTake(wet, position, out, at, run, gain * wetGain, slope * wetGain);
    if (dry) this.#mixTake(dry, position, out, at, run, gain * dryGain, slope * dryGain);
  }

  /**
   * One channel goes to both ears; more channels than outputs are folded: odd ones left, even ones right.
   *
   * @param {Clip} take
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
}
