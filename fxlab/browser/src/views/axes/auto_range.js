/** How long the hand must rest before an axis shrinks, in ms. */
const REST = 900;

/** The range of an axis that follows its data: it grows at once, and shrinks when the hand rests. */
export class AutoRange {
  /** @type {{ low: number, high: number } | null} */ range = null;
  /** A hand is on the plot: the axis must not move away under it. */
  held = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;

  /** @param {() => void} onShrink */
  constructor(onShrink) {
    this.onShrink = onShrink;
  }

  /** @param {{ low: number, high: number }} wanted what the data needs @param {boolean} [anew] take it as it is */
  want(wanted, anew = false) {
    clearTimeout(this.#timer);
    const { range } = this;
    if (anew || !range) {
      this.range = wanted;
      return;
    }
    this.range = { high: Math.max(range.high, wanted.high), low: Math.min(range.low, wanted.low) };
    if (wanted.high === this.range.high && wanted.low === this.range.low) return;
    const shrink = () => {
      if (this.held) {
        this.#timer = setTimeout(shrink, REST);
        return;
      }
      this.range = wanted;
      this.onShrink();
    };
    this.#timer = setTimeout(shrink, REST);
  }

  close() {
    clearTimeout(this.#timer);
  }
}
