/** Biquads for the simulated kernel. Design formulas: R. Bristow-Johnson, Audio EQ Cookbook. */

/** @import { Stage, Values } from "../../../fxlab/browser/src/types" */

/** @param {Stage} stage @param {Values} values @param {number} rate @returns {number[]} b0 b1 b2 a1 a2 */
export function design(stage, values, rate) {
  const at = (/** @type {string} */ name) => Number(values[stage.path ? `${stage.path}.${name}` : name]);
  const f = at("cutoff") || at("frequency");
  if (!f) return [1, 0, 0, 0, 0];
  if (!(f > 0 && f < rate / 2))
    throw new RangeError(`cutoff = ${f} Hz is not below ${rate / 2} Hz, half the sample rate`);
  const w = (2 * Math.PI * f) / rate;
  const c = Math.cos(w);
  const alpha = Math.sin(w) / (2 * at("q"));
  if (stage.name === "Peak") {
    const a = 10 ** (at("gain_db") / 40);
    const a0 = 1 + alpha / a;
    return [(1 + alpha * a) / a0, (-2 * c) / a0, (1 - alpha * a) / a0, (-2 * c) / a0, (1 - alpha / a) / a0];
  }
  const sign = stage.name === "LowPass" ? 1 : -1;
  const b1 = sign * (1 - sign * c);
  const a0 = 1 + alpha;
  const b0 = Math.abs(b1) / 2;
  return [b0 / a0, b1 / a0, b0 / a0, (-2 * c) / a0, (1 - alpha) / a0];
}

/** @param {number[]} sos @param {number} w @returns {number} dB */
export function decibels([b0, b1, b2, a1, a2], w) {
  const square = (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ z) =>
    (x + y * Math.cos(w) + z * Math.cos(2 * w)) ** 2 + (y * Math.sin(w) + z * Math.sin(2 * w)) ** 2;
  return 10 * Math.log10(square(b0, b1, b2) / square(1, a1, a2) + 1e-30);
}
