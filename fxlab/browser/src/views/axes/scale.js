import { formatQuantity } from "../../controls/format.js";
import { axisTicks, frequencyTicks } from "./ticks.js";

/**
 * What the kernel says of an axis. `steps` are the distances that its lines may have; without them 1, 2 and 5.
 * Where `low` and `high` are missing it reaches as far as the data.
 *
 * @typedef {{ unit: string, scale?: keyof typeof WARPS, low?: number, high?: number, steps?: number[] | undefined }} Axis
 */

/**
 * Where each scale is even, and back. That of mels: D. O'Shaughnessy, "Speech Communication", 1987.
 *
 * @type {Record<"linear" | "log" | "mel", [(value: number) => number, (place: number) => number]>}
 */
const WARPS = {
  linear: [(value) => value, (place) => place],
  log: [Math.log, Math.exp],
  mel: [(hertz) => Math.log1p(hertz / 700), (mel) => 700 * Math.expm1(mel)],
};

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
    this.mel = scale === "mel";
    const [warp, unwarp] = WARPS[scale ?? "linear"];
    this.warp = warp;
    this.unwarp = unwarp;
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
    const { warp, start, end } = this;
    const from = warp(this.low);
    return start + ((warp(value) - from) / (warp(this.high) - from)) * (end - start);
  }

  /** @param {number} px */
  value(px) {
    const { warp, start, end } = this;
    const from = warp(this.low);
    return this.unwarp(from + ((px - start) / (end - start)) * (warp(this.high) - from));
  }

  /** @param {number} most @returns {{ value: number, label: string, major: boolean }[]} */
  ticks(most) {
    if (!this.mel) return axisTicks(this, most);
    return frequencyTicks(Math.max(this.low, 100), this.high).map(({ frequency, ...rest }) => ({
      value: frequency,
      ...rest,
    }));
  }

  /** @param {number} value */
  text(value) {
    // An amplitude has no unit, and of a small one the first digits tell.
    const text = this.unit ? formatQuantity(value, this.unit) : String(Number(value.toPrecision(3)));
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
