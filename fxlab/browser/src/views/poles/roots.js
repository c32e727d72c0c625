import { formatQuantity } from "../../controls/format.js";

/** @import { Param, Value, Values } from "../../types" */

/**
 * A root of the z plane as the kernel tells of it: a conjugate pair by the one of them above the axis. It is
 * moved by its coordinates at `path`, or by a `frequency` and a `q`, or by nothing.
 *
 * @typedef {{ kind: "pole" | "zero", re: number, im: number, pair: boolean, stage: string, path?: string,
 *   frequency?: string, q?: string }} Root
 * @typedef {{ re: number, im: number }} Place
 */

/** @param {Root} root */
export const movable = ({ path, frequency, q }) => path !== undefined || Boolean(frequency && q);

/** @param {Place} place */
export const radiusOf = ({ re, im }) => Math.hypot(re, im);

/** The frequency at a place's angle, in Hz. @param {Place} place @param {number} rate */
export const frequencyOf = ({ re, im }, rate) => (Math.abs(Math.atan2(im, re)) / (2 * Math.PI)) * rate;

/** Six decimals: a millionth of the circle's radius. @param {number} value */
const tidy = (value) => Math.round(value * 1e6) / 1e6 || 0;

/**
 * Where a root goes that a hand moves to `place`: a real one stays on the axis, of a pair the one above it is
 * meant, and what is moved by frequency and q stays within the circle and off the axis.
 *
 * @param {Root} root @param {Place} place @returns {Place}
 */
export function allowed(root, { re, im }) {
  if (root.path !== undefined) return { re: tidy(re), im: root.pair ? tidy(Math.abs(im)) : 0 };
  const angle = Math.min(Math.PI - 1e-4, Math.max(1e-4, Math.atan2(Math.abs(im), re)));
  const radius = Math.min(0.99999, Math.max(0.02, Math.hypot(re, im)));
  return { re: radius * Math.cos(angle), im: radius * Math.sin(angle) };
}

/**
 * Before the bilinear transform: the frequency, as tan(ω/2), and the quality factor of the analog pair.
 *
 * @param {Place} place
 */
function analog({ re, im }) {
  const apart = (re + 1) ** 2 + im ** 2;
  const x = (re ** 2 + im ** 2 - 1) / apart;
  const size = Math.hypot(x, (2 * im) / apart);
  return { size, q: Math.abs(x) < 1e-9 ? Number.POSITIVE_INFINITY : size / (2 * Math.abs(x)) };
}

/** @param {number} value @param {Param | undefined} param */
const within = (value, param) =>
  Number((param ? Math.min(param.high, Math.max(param.low, value)) : value).toPrecision(5));

/**
 * The values that bring a root to `place`. Where a frequency and a q move it they change as the analog pair
 * does, which is exact for every second-order section that is a bilinear transform.
 *
 * @param {Root} root as it was when `values` held
 * @param {Place} place as `allowed` gives it
 * @param {Values} values
 * @param {number} rate
 * @param {(path: string) => Param | undefined} param
 * @returns {[string, Value][]}
 */
export function moved(root, place, values, rate, param) {
  if (root.path !== undefined) {
    /** @type {[string, Value][]} */
    const both = [[`${root.path}.re`, place.re]];
    return root.pair ? [...both, [`${root.path}.im`, place.im]] : both;
  }
  const { frequency = "", q = "" } = root;
  const before = analog(root);
  const after = analog(place);
  const warped = Math.tan((Math.PI * Number(values[frequency])) / rate) * (after.size / before.size);
  /** @type {[string, Value][]} */
  const found = [[frequency, within((Math.atan(warped) * rate) / Math.PI, param(frequency))]];
  // A zero on the circle has no width that could change.
  if (Number.isFinite(before.q)) found.push([q, within((Number(values[q]) * after.q) / before.q, param(q))]);
  return found;
}

/**
 * The place that a key moves a root to: across by a semitone along the circle (a real one along the axis), up
 * and down by its radius, ten times as far with the page keys.
 *
 * @param {Root} root @param {string} key @param {boolean} fine @returns {Place | null}
 */
export function stepped(root, key, fine) {
  const across = { ArrowRight: 1, ArrowLeft: -1 }[key];
  const out = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[key];
  const one = fine ? 0.001 : 0.01;
  if (!across && !out) return null;
  if (!root.pair) return { re: root.re + one * (across ?? (out ?? 0) * (Math.sign(root.re) || 1)), im: 0 };
  const radius = radiusOf(root);
  let angle = Math.atan2(Math.abs(root.im), root.re);
  if (across) {
    // On the axis no ratio leads anywhere.
    const next = angle * 2 ** ((across * (fine ? 0.1 : 1)) / 12);
    angle = Math.abs(next - angle) < one / 2 ? angle + (across * one) / 2 : next;
    angle = Math.min(Math.PI, Math.max(0, angle));
  }
  const size = Math.max(0, radius + one * (out ?? 0));
  return { re: size * Math.cos(angle), im: size * Math.sin(angle) };
}

/** @param {number} radius */
const inRadius = (radius) => radius.toFixed(radius > 0.9 && radius < 1.1 ? 4 : 3);

/** @param {Place} place @param {boolean} pair @param {number} rate */
export function placeText(place, pair, rate) {
  if (!pair) return `at ${tidy(place.re).toFixed(3).replace("-", "−")} on the real axis`;
  return `radius ${inRadius(radiusOf(place))}, ${formatQuantity(frequencyOf(place, rate), "Hz")}`;
}
