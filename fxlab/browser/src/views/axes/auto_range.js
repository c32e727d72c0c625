/** How long the data must stay unchanged before the axis shrinks, in ms. */
const SHRINK_DELAY = 900;

/** @import { ValueRange } from "../../types" */

/** The range of an axis that follows its data: it grows at once, and shrinks once the data has stayed unchanged. */
export class AutoRange {
  /** @type {ValueRange | null} */ range = null;
  /** A pointer holds something on the plot, so the axis must not shrink now. */
  frozen = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;

  /** @param {() => void} onShrink */
  constructor(onShrink) {
    this.onShrink = onShrink;
  }

  /**
   * Adapt the range to the data.
   *
   * @param {ValueRange} needed the range of the data
   * @param {boolean} [immediately] use exactly `needed`, even if the axis shrinks
   */
  fit(needed, immediately = false) {
    clearTimeout(this.#timer);
    const { range } = this;
    if (immediately || !range) {
      this.range = needed;
      return;
    }
    this.range = { high: Math.max(range.high, needed.high), low: Math.min(range.low, needed.low) };
    if (needed.high === this.range.high && needed.low === this.range.low) return;
    const shrink = () => {
      if (this.frozen) {
        this.#timer = setTimeout(shrink, SHRINK_DELAY);
        return;
      }
      this.range = needed;
      this.onShrink();
    };
    this.#timer = setTimeout(shrink, SHRINK_DELAY);
  }

  close() {
    clearTimeout(this.#timer);
  }
}
