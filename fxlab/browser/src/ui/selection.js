/**
 * What is heard over and over: the whole sound, or a part of it that was chosen. In frames of the output.
 *
 * A part goes round by a crossfade that ends where the part does: under its last frames come those before its start,
 * so that the start itself, often a beat, is heard as it is. Where there are too few before it, the crossfade is later.
 */
export class Selection {
  /** Whether it goes round at all. */
  on = true;
  #start = 0;
  #end = 0;
  /** Frames of the whole sound. */
  length = 0;

  /** @param {number} fade frames of a crossfade */
  constructor(fade) {
    this.fade = fade;
  }

  /** Not above `start`: there is none. @param {number} start @param {number} end */
  set(start, end) {
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

  /** @param {number} position @returns {boolean} whether it goes round in the part; a fade may have led a little past it */
  holds(position) {
    return this.on && this.#last > this.#start && position < this.#last + 2 * this.fade;
  }

  /** How many frames before its end it begins to go round. */
  get #lead() {
    return Math.min(this.fade, this.#start, (this.#last - this.#start) >> 1);
  }

  /** Where it goes round, as seen from a position. @param {number} position */
  seam(position) {
    return this.holds(position) ? this.#last - this.#lead : this.length;
  }

  /** The first frame that is needed after the seam. @param {number} position */
  again(position) {
    return this.holds(position) ? this.#start - this.#lead : 0;
  }

  /** Where the part goes on from here, at its seam or past it. @param {number} position */
  round(position) {
    const period = this.#last - this.#start;
    let next = position - period;
    while (next >= this.#last) next -= period;
    return next;
  }
}
