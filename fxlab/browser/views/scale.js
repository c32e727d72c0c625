import { inUnit } from "../controls/unit.js";
import { frequencyTicks } from "./axes.js";

/**
 * What the kernel says of an axis. `steps` are the distances that its lines may have; without them 1, 2 and 5.
 * Where `low` and `high` are missing it reaches as far as the data.
 *
 * @typedef {{ unit: string, scale?: "log" | "linear", low?: number, high?: number, steps?: number[] }} Axis
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
    const { low, high } = this;
    if (this.log) {
      return frequencyTicks(low, high).map(({ frequency, ...rest }) => ({ value: frequency, ...rest }));
    }
    const rough = (high - low) / Math.max(2, most);
    const decade = 10 ** Math.floor(Math.log10(rough));
    const step =
      (this.steps ?? [1, 2, 5, 10].map((lead) => lead * decade)).find((size) => size >= rough) ?? rough;
    const ticks = [];
    for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) {
      const value = k * step;
      ticks.push({ value, label: String(Number(value.toPrecision(6))).replace("-", "−"), major: k === 0 });
    }
    return ticks;
  }

  /** @param {number} value */
  text(value) {
    return inUnit(value, this.unit);
  }
}

/** @param {ArrayLike<number>[]} data @returns {[number, number]} */
function reach(data) {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const values of data) {
    for (let i = 0; i < values.length; i++) {
      if (values[i] < least) least = values[i];
      if (values[i] > most) most = values[i];
    }
  }
  return Number.isFinite(least) ? [least, most] : [0, 1];
}
