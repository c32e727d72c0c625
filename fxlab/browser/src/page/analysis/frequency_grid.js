/** @import { AxisRange } from "../../types" */

/** As in the kernel, so that a page draws the same curves. */
const POINTS = 512;

/**
 * Return frequencies in Hz, evenly spaced on a log axis, from 20 Hz to half the sample rate.
 *
 * @param {number} rate @param {number} [points]
 */
export function frequencyGrid(rate, points = POINTS) {
  const top = rate / 2;
  const bottom = top > 200 ? 20 : top / 1000;
  return Float64Array.from({ length: points }, (_, k) =>
    Math.min(top, bottom * (top / bottom) ** (k / (points - 1))),
  );
}

/**
 * Return frequencies for a zoomed or linear axis: most of them in its visible range, and some over the full range.
 *
 * @param {number} rate @param {AxisRange} axis
 */
export function gridForAxis(rate, axis) {
  const full = frequencyGrid(rate);
  const isLinear = axis.scale === "linear";
  if (!isLinear && axis.low === undefined) return full;
  const lowest = isLinear ? 0 : full[0];
  const low = Math.min(Math.max(axis.low ?? lowest, lowest), rate / 2);
  const high = Math.min(Math.max(axis.high ?? rate / 2, low), rate / 2);
  const visible = Array.from({ length: POINTS }, (_, k) => {
    const share = k / (POINTS - 1);
    return Math.min(rate / 2, isLinear ? low + (high - low) * share : low * (high / low) ** share);
  });
  const all = [...visible, ...full.filter((_, k) => k % 2 === 0), full[full.length - 1]];
  return Float64Array.from(new Set(all.sort((a, b) => a - b)));
}
