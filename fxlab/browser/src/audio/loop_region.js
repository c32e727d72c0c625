/**
 * The region that playback repeats: the entire sound, or a part that was selected. All positions are in output
 * frames.
 *
 * A selected part loops with a crossfade that ends at the end of the part: the last frames of the part are mixed with the
 * frames before its start, so that the start itself, often a beat, is played unchanged. If there are too few frames
 * before the start, the crossfade begins later and ends past the end of the part.
 */
export class LoopRegion {
  /** Whether playback loops at all. */
  enabled = true;
  #start = 0;
  #end = 0;
  /** Frames of the entire sound. */
  length = 0;

  /** @param {number} fade frames of a crossfade */
  constructor(fade) {
    this.fade = fade;
  }

  /** Select a part; an `end` that is not above `start` selects none. @param {number} start @param {number} end */
  select(start, end) {
    this.#start = start;
    this.#end = end;
  }

  get start() {
    return this.#start;
  }

  get end() {
    return this.#end;
  }

  get #last() {
    return Math.min(this.#end, this.length);
  }

  /**
   * Return whether playback at `position` stays in the selected part. A fade may have carried it slightly past the end.
   *
   * @param {number} position
   */
  contains(position) {
    return this.enabled && this.#last > this.#start && position < this.#last + 2 * this.fade;
  }

  /** How many frames before the end of the part the crossfade begins. */
  get #lead() {
    return Math.min(this.fade, this.#start, (this.#last - this.#start) >> 1);
  }

  /** Return the frame at which playback from `position` jumps back. @param {number} position */
  seam(position) {
    return this.contains(position) ? this.#last - this.#lead : this.length;
  }

  /** Return the first frame that is read after the seam. @param {number} position */
  resumeFrame(position) {
    return this.contains(position) ? this.#start - this.#lead : 0;
  }

  /** Return where playback continues from a `position` at or past the seam of the part. @param {number} position */
  wrap(position) {
    const period = this.#last - this.#start;
    let next = position - period;
    while (next >= this.#last) next -= period;
    return next;
  }
}
