import { inUnit } from "../controls/unit.js";
import { axisTicks } from "./axes.js";

/**
 * What the kernel says of an axis. `steps` are the distances that its lines may have; without them 1, 2 and 5.
 * Where `low` and `high` are missing it reaches as far as the data.
 *
 * @typedef {{ unit: string, scale?: "log" | "linear", low?: number, high?: number, steps?: number[] | undefined }} Axis
 */

/** One axis of a plot: from values to pixels and back, with its lines and their labels. */
export class Scale {
  /**
   * @param {Axis} axis
   * @param {ArrayLike<number>[]} data
   * @param {number} start px of the low end
   * @param {number} end px of the high end
   */
  constructor({ unit, scale, low, high, steps }, data, start, end) {
    this.unit = unit;
    this.log = scale === "log";
    this.steps = steps ?? null;
    this.start = start;
    this.end = end;
    const [least, most] = reach(data);
    const room = scale === "log" || data.some((values) => values.length < 2) ? 0 : 0.06 * (most - least);
    // Across a plot the data goes from edge to edge, up and down it has some room.
    const air = start > end ? room || 0.5 : 0;
    this.low = low ?? least - air;
    this.high = high ?? most + air;
    if (!(this.high > this.low)) this.high = this.low + 1;
  }

  /** @param {number} value */
  at(value) {
    const t = this.log
      ? Math.log(value / this.low) / Math.log(this.high / this.low)
      : (value - this.low) / (this.high - this.low);
    return this.start + t * (this.end - this.start);
  }

  /** @param {number} px */
  value(px) {
    const t = (px - this.start) / (this.end - this.start);
    return this.log ? this.low * (this.high / this.low) ** t : this.low + t * (this.high - this.low);
  }

  /** @param {number} most @returns {{ value: number, label: string, major: boolean }[]} */
  ticks(most) {
    return axisTicks(this, most);
  }

  /** @param {number} value */
  text(value) {
    // An amplitude has no unit, and of a small one the first digits tell.
    const text = this.unit ? inUnit(value, this.unit) : String(Number(value.toPrecision(3)));
    return text.replace("-", "−");
  }
}

/** @param {ArrayLike<number>[]} data @returns {[number, number]} */
function reach(data) {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const values of data) {
    for (let i = 0; i < values.length; i++) {
      if (!Number.isFinite(values[i])) continue;
      if (values[i] < least) least = values[i];
      if (values[i] > most) most = values[i];
    }
  }
  return Number.isFinite(least) ? [least, most] : [0, 1];
}
