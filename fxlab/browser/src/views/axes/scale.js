import { formatQuantity } from "../../controls/format.js";
import { axisTicks, frequencyTicks } from "./ticks.js";

/** @import { Axis } from "../../types" */

/**
 * The functions from values to a coordinate in which the scale is linear, and back. The mel scale is that of
 * D. O'Shaughnessy, "Speech Communication", 1987.
 *
 * @type {Record<"linear" | "log" | "mel", [(value: number) => number, (coordinate: number) => number]>}
 */
const WARPS = {
  linear: [(value) => value, (coordinate) => coordinate],
  log: [Math.log, Math.exp],
  mel: [(hertz) => Math.log1p(hertz / 700), (mel) => 700 * Math.expm1(mel)],
};

/** One axis of a plot: it converts values to pixels and back, and has lines with labels. */
export class Scale {
  /**
   * `axis.steps` are the allowed distances between the lines of the axis; without them these are 1, 2 and 5 times a power
   * of ten. If `low` or `high` is missing, the axis ends where the data does.
   *
   * @param {Axis} axis
   * @param {ArrayLike<number>[]} data
   * @param {number} start px of the low end
   * @param {number} end px of the high end
   */
  constructor({ unit, scale, low, high, steps }, data, start, end) {
    this.unit = unit;
    this.log = scale === "log";
    this.mel = scale === "mel";
    const [warp, unwarp] = WARPS[scale ?? "linear"];
    this.warp = warp;
    this.unwarp = unwarp;
    this.steps = steps ?? null;
    this.start = start;
    this.end = end;
    const [lowest, highest] = dataRange(data);
    const margin =
      scale === "log" || data.some((values) => values.length < 2) ? 0 : 0.06 * (highest - lowest);
    // A vertical axis leaves some space above and below the data; along a horizontal one the data fills the plot.
    const padding = start > end ? margin || 0.5 : 0;
    this.low = low ?? lowest - padding;
    this.high = high ?? highest + padding;
    if (!(this.high > this.low)) this.high = this.low + 1;
  }

  /** Return the px of a value. @param {number} value */
  at(value) {
    const { warp, start, end } = this;
    const from = warp(this.low);
    return start + ((warp(value) - from) / (warp(this.high) - from)) * (end - start);
  }

  /** Return the value at a px. @param {number} px */
  value(px) {
    const { warp, start, end } = this;
    const from = warp(this.low);
    return this.unwarp(from + ((px - start) / (end - start)) * (warp(this.high) - from));
  }

  /**
   * Return the lines of the axis.
   *
   * @param {number} maxTicks about how many there may be
   * @returns {{ value: number, label: string, major: boolean }[]}
   */
  ticks(maxTicks) {
    if (!this.mel) return axisTicks(this, maxTicks);
    return frequencyTicks(Math.max(this.low, 100), this.high).map(({ frequency, ...rest }) => ({
      value: frequency,
      ...rest,
    }));
  }

  /** Return a value as text with its unit. @param {number} value */
  text(value) {
    // An amplitude has no unit and may be small, so it is rounded to significant digits instead of decimals.
    const text = this.unit ? formatQuantity(value, this.unit) : String(Number(value.toPrecision(3)));
    return text.replace("-", "−");
  }
}

/** Return the lowest and the highest finite value, or 0 and 1 if there is none. @param {ArrayLike<number>[]} data */
function dataRange(data) {
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  for (const values of data) {
    for (let i = 0; i < values.length; i++) {
      if (!Number.isFinite(values[i])) continue;
      if (values[i] < lowest) lowest = values[i];
      if (values[i] > highest) highest = values[i];
    }
  }
  return Number.isFinite(lowest) ? [lowest, highest] : [0, 1];
}
