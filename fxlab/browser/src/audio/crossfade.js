import { DryWetMix } from "./dry_wet_mix.js";

/**
 * A crossfade from one mix to another, with gains that add up to 1. Each of the two has its own playhead. Allocates
 * nothing once it is constructed.
 */
export class Crossfade {
  /** The playhead of the previous mix, in output frames. */
  #position = 0;
  #length = 0;
  #remaining = 0;

  /** @param {number} outputs channels to write @param {number} rate of the output */
  constructor(outputs, rate) {
    /** What is being faded out. */
    this.previous = new DryWetMix(outputs, rate);
  }

  get isActive() {
    return this.#remaining > 0;
  }

  /** Start to fade out a mix. @param {DryWetMix} mix @param {number} position @param {number} length in frames */
  start(mix, position, length) {
    if (length > 0) this.previous.copyFrom(mix);
    else this.previous.clear();
    this.#position = position;
    this.#length = this.#remaining = length;
  }

  cancel() {
    this.#remaining = 0;
    this.previous.clear();
  }

  /** Return how many of `count` frames can be mixed at once. @param {number} count @param {number} length of the sound */
  limit(count, length) {
    const frames = Math.min(count, this.#remaining);
    return this.#position < length ? Math.min(frames, length - this.#position) : frames;
  }

  /**
   * Add `count` frames to `out[…][offset…]`.
   *
   * @param {DryWetMix} mix what is being faded in
   * @param {number} position its playhead
   * @param {Float32Array[]} out one array per channel
   * @param {number} offset
   * @param {number} count
   */
  mix(mix, position, out, offset, count) {
    const slope = 1 / (this.#length + 1);
    const gain = (this.#length - this.#remaining + 1) * slope;
    mix.mix(position, out, offset, count, gain, slope);
    this.previous.mix(this.#position, out, offset, count, 1 - gain, -slope);
  }

  /**
   * Move the playhead of the previous mix on. At the end of the sound it goes to the start.
   *
   * @param {number} frames
   * @param {number} length of the sound
   * @returns {boolean} whether the end of the sound was reached
   */
  advance(frames, length) {
    this.#position += frames;
    this.#remaining -= frames;
    if (this.#remaining === 0) this.previous.clear();
    if (this.#position !== length) return false;
    this.#position = 0;
    return true;
  }
}
