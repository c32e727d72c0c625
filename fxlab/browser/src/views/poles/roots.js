import { formatQuantity } from "../../controls/format.js";

/** @import { Param, Root, Value, Values } from "../../types" */

/** A point of the z plane. @typedef {{ re: number, im: number }} ComplexPoint */

/**
 * Return whether a root can be moved: through its coordinates, the parameters at `path`, or through a frequency and a q.
 * A conjugate pair is given by the root above the real axis.
 *
 * @param {Root} root
 */
export const isMovable = ({ path, frequency, q }) => path !== undefined || Boolean(frequency && q);

/** @param {ComplexPoint} point */
export const radiusOf = ({ re, im }) => Math.hypot(re, im);

/** Return the frequency at the angle of a point, in Hz. @param {ComplexPoint} point @param {number} rate */
export const frequencyOf = ({ re, im }, rate) => (Math.abs(Math.atan2(im, re)) / (2 * Math.PI)) * rate;

/** Round a coordinate to six decimals, a millionth of the unit circle's radius. @param {number} value */
const roundCoordinate = (value) => Math.round(value * 1e6) / 1e6 || 0;

/**
 * Return the nearest point to `point` that a root can be moved to. A real root stays on the real axis, a pair is given by
 * the root above it, and a root that is moved through frequency and q stays inside the unit circle and off the axis.
 *
 * @param {Root} root @param {ComplexPoint} point @returns {ComplexPoint}
 */
export function constrainRoot(root, { re, im }) {
  if (root.path !== undefined) {
    return { re: roundCoordinate(re), im: root.pair ? roundCoordinate(Math.abs(im)) : 0 };
  }
  const angle = Math.min(Math.PI - 1e-4, Math.max(1e-4, Math.atan2(Math.abs(im), re)));
  const radius = Math.min(0.99999, Math.max(0.02, Math.hypot(re, im)));
  return { re: radius * Math.cos(angle), im: radius * Math.sin(angle) };
}

/**
 * Snap a dragged root to the real axis, and a zero to the unit circle, where it removes its frequency. Roots that are
 * moved through frequency and q do not snap.
 *
 * @param {Root} root @param {ComplexPoint} point @param {number} tolerance the largest distance that snaps
 * @returns {ComplexPoint}
 */
export function snapRoot(root, { re, im }, tolerance) {
  if (root.path === undefined) return { re, im };
  const snappedIm = Math.abs(im) < tolerance ? 0 : im;
  const radius = Math.hypot(re, snappedIm);
  const scale = root.kind === "zero" && Math.abs(radius - 1) < tolerance ? 1 / radius : 1;
  return { re: re * scale, im: snappedIm * scale };
}

/**
 * Return the analog pair before the bilinear transform: its frequency as tan(ω/2), and its quality factor.
 *
 * @param {ComplexPoint} point
 */
function toAnalog({ re, im }) {
  const denominator = (re + 1) ** 2 + im ** 2;
  const x = (re ** 2 + im ** 2 - 1) / denominator;
  const size = Math.hypot(x, (2 * im) / denominator);
  return { size, q: Math.abs(x) < 1e-9 ? Number.POSITIVE_INFINITY : size / (2 * Math.abs(x)) };
}

/** Limit a value to a parameter's range. @param {number} value @param {Param | undefined} param */
const clamp = (value, param) =>
  Number((param ? Math.min(param.high, Math.max(param.low, value)) : value).toPrecision(5));

/**
 * Return the q of the analog pair for the value of a parameter q, by the formulas of
 * `fxlab/filters/common/band_width.py`.
 *
 * @param {Root["width"]} width what the parameter sets; undefined: the q of the analog pair
 * @param {number} q
 * @param {number} w the frequency in radians per sample
 */
function toAnalogQ(width, q, w) {
  if (width === "exact") return Math.sin(w) / (2 * Math.tan(w / (2 * q)));
  if (width === "octaves") return 1 / (2 * Math.sinh((Math.asinh(1 / (2 * q)) * w) / Math.sin(w)));
  return q;
}

/** Return the inverse of `toAnalogQ`. @param {Root["width"]} width @param {number} q @param {number} w */
function fromAnalogQ(width, q, w) {
  if (width === "exact") return w / (2 * Math.atan(Math.sin(w) / (2 * q)));
  if (width === "octaves") return 1 / (2 * Math.sinh((Math.asinh(1 / (2 * q)) * Math.sin(w)) / w));
  return q;
}

/**
 * Return the parameter values that move a root to `point`. A frequency and the q of the analog pair change in the same
 * ratio as those of the point, which is exact for every second-order section made by a bilinear transform.
 *
 * @param {Root} root at its position for the given `values`
 * @param {ComplexPoint} point from `constrainRoot`
 * @param {Values} values
 * @param {number} rate
 * @param {(path: string) => Param | undefined} param
 * @returns {[string, Value][]}
 */
export function valuesForRoot(root, point, values, rate, param) {
  if (root.path !== undefined) {
    /** @type {[string, Value][]} */
    const changes = [[`${root.path}.re`, point.re]];
    return root.pair ? [...changes, [`${root.path}.im`, point.im]] : changes;
  }
  const { frequency = "", q = "", width } = root;
  const before = toAnalog(root);
  const after = toAnalog(point);
  const w = (2 * Math.PI * Number(values[frequency])) / rate;
  const moved = 2 * Math.atan(Math.tan(w / 2) * (after.size / before.size));
  /** @type {[string, Value][]} */
  const changes = [[frequency, clamp((moved * rate) / (2 * Math.PI), param(frequency))]];
  // The position of a zero on the unit circle does not depend on q.
  if (Number.isFinite(before.q)) {
    const analog = (toAnalogQ(width, Number(values[q]), w) * after.q) / before.q;
    changes.push([q, clamp(fromAnalogQ(width, analog, moved), param(q))]);
  }
  return changes;
}

/**
 * Return the point that a key moves a root to: left and right by a semitone along its circle (a real root along the
 * axis), up and down by its radius, ten times as far with the page keys.
 *
 * @param {Root} root @param {string} key @param {boolean} fine
 * @returns {ComplexPoint | null} null: not one of these keys
 */
export function stepRoot(root, key, fine) {
  const angular = { ArrowRight: 1, ArrowLeft: -1 }[key];
  const radial = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[key];
  const step = fine ? 0.001 : 0.01;
  if (!angular && !radial) return null;
  if (!root.pair) {
    return { re: root.re + step * (angular ?? (radial ?? 0) * (Math.sign(root.re) || 1)), im: 0 };
  }
  let angle = Math.atan2(Math.abs(root.im), root.re);
  if (angular) {
    // Near the real axis a ratio of frequencies is almost no movement, so there the angle changes by a fixed amount.
    const next = angle * 2 ** ((angular * (fine ? 0.1 : 1)) / 12);
    angle = Math.abs(next - angle) < step / 2 ? angle + (angular * step) / 2 : next;
    angle = Math.min(Math.PI, Math.max(0, angle));
  }
  const radius = Math.max(0, radiusOf(root) + step * (radial ?? 0));
  return { re: radius * Math.cos(angle), im: radius * Math.sin(angle) };
}

/** Return a radius as text, with more digits near the unit circle. @param {number} radius */
const formatRadius = (radius) => radius.toFixed(radius > 0.9 && radius < 1.1 ? 4 : 3);

/** Return the position of a root as text. @param {ComplexPoint} point @param {boolean} pair @param {number} rate */
export function formatPoint(point, pair, rate) {
  if (!pair) return `at ${roundCoordinate(point.re).toFixed(3).replace("-", "−")} on the real axis`;
  return `radius ${formatRadius(radiusOf(point))}, ${formatQuantity(frequencyOf(point, rate), "Hz")}`;
}
