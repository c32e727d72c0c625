/** @import { Clip } from "./clip.js" */

/**
 * A mix of a render (wet) and the input (dry), each with its own gain: one of them alone, or the difference of the two.
 * A clip is silent beyond its end if the other one is longer.
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

  get isSilent() {
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
  copyFrom({ wet, wetGain, dry, dryGain }) {
    this.set(wet, wetGain, dry, dryGain);
  }

  clear() {
    this.set(null, 0, null, 0);
  }

  /** @param {DryWetMix} other */
  equals({ wet, wetGain, dry, dryGain }) {
    return this.wet === wet && this.dry === dry && this.wetGain === wetGain && this.dryGain === dryGain;
  }

  /** @param {Clip} clip */
  contains(clip) {
    return this.wet === clip || this.dry === clip;
  }

  /** Whether a jump from the end to the start would click. */
  get clicksAtSeam() {
    return Boolean(this.wet?.clicksAtSeam || this.dry?.clicksAtSeam);
  }

  /**
   * Add `count` frames to `out[…][offset…]`, with a gain that changes by `slope` per frame.
   *
   * @param {number} position the first frame to read, in frames of the output
   * @param {Float32Array[]} out one array per channel
   * @param {number} offset
   * @param {number} count
   * @param {number} gain
   * @param {number} slope
   */
  mix(position, out, offset, count, gain, slope) {
    const { wet, dry, wetGain, dryGain } = this;
    if (wet) this.#mixClip(wet, position, out, offset, count, gain * wetGain, slope * wetGain);
    if (dry) this.#mixClip(dry, position, out, offset, count, gain * dryGain, slope * dryGain);
  }

  /**
   * Mix one clip. A mono clip goes to both of the first two outputs. If a clip has more channels than there are outputs,
   * they are folded: with two outputs, the odd channels go to the left one and the even channels to the right one.
   *
   * @param {Clip} clip
   * @param {number} position
   * @param {Float32Array[]} out
   * @param {number} offset
   * @param {number} count
   * @param {number} gain
   * @param {number} slope
   */
  #mixClip(clip, position, out, offset, count, gain, slope) {
    const share = 1 / Math.ceil(clip.channels / this.outputs);
    const ratio = clip.rate / this.rate;
    for (let o = 0; o < this.outputs; o++) {
      const first = clip.channels === 1 && o === 1 ? 0 : o;
      for (let c = first; c < clip.channels; c += this.outputs) {
        if (ratio === 1) clip.mix(out[o], offset, count, c, position, gain * share, slope * share);
        else
          clip.mixResampled(out[o], offset, count, c, position * ratio, ratio, gain * share, slope * share);
      }
    }
  }
}
