import { formatQuantity, formatValue } from "../../controls/format.js";
import { stepped, toSlider } from "../../controls/taper.js";

/** @import { Param, Stage, Values } from "../../types" */

/**
 * What one handle moves: a frequency, or where its place is fixed that place's parameter; and as far as there
 * are any a gain and a q.
 *
 * @typedef {{ frequency: Param | null, gain: Param | null, q: Param | null, index: number | null }} Grip
 */

/** @param {Param} param @param {string} name */
const is = (param, name) =>
  param.kind === "number" && param.role === name && (name !== "gain" || param.unit === "dB");

/**
 * The handles of a stage, by what its parameters say of themselves: each frequency has one, with the gain and
 * the q beside it (of an array those of the same number); a gain that has a place of its own has one too.
 *
 * @param {Stage} stage
 * @returns {Grip[]}
 */
export function grips({ params }) {
  /** @type {Grip[]} */
  const found = [];
  /** @type {Set<Param>} */
  const taken = new Set();
  /** @param {string} role @param {number | null} index */
  const beside = (role, index) => {
    const match = params.find(
      (param) => is(param, role) && param.index === index && !param.has_center_frequency && !taken.has(param),
    );
    if (match) taken.add(match);
    return match ?? null;
  };
  for (const param of params) {
    const { index } = param;
    if (is(param, "frequency")) {
      found.push({ frequency: param, gain: beside("gain", index), q: beside("q", index), index });
    } else if (is(param, "gain") && param.has_center_frequency) {
      found.push({ frequency: null, gain: param, q: null, index });
    }
  }
  return found;
}

/** @param {Grip} grip @returns {Param[]} */
export const paramsOf = ({ frequency, gain, q }) => [frequency, gain, q].filter((param) => param !== null);

/** @param {Grip} grip @param {Values} values @param {number} place in Hz, of one that cannot be moved */
export function gripText({ frequency, gain, q }, values, place) {
  const words = [frequency ? formatValue(values[frequency.path], frequency) : formatQuantity(place, "Hz")];
  if (gain) words.push(formatValue(values[gain.path], gain));
  if (q) words.push(`q ${formatValue(values[q.path], q)}`);
  return words.join(", ");
}

/** Where it is on its first slider, 0 to 100. @param {Grip} grip @param {Values} values */
export function gripNow({ frequency, gain }, values) {
  const param = frequency ?? gain;
  return param ? Math.round(1000 * toSlider(Number(values[param.path]), param)) / 10 : 0;
}

/**
 * What a key does to a handle: left and right its frequency, up and down its gain or where it has none its q,
 * with Alt or Ctrl its q; Shift is fine, PageUp and PageDown are coarse, Home and Delete bring the defaults back.
 *
 * @param {Grip} grip @param {Values} values
 * @param {{ key: string, shiftKey: boolean, altKey: boolean, ctrlKey: boolean, metaKey: boolean }} event
 * @returns {[string, number][] | null} paths and values; null is a key that it does not take
 */
export function pressed(grip, values, { key, shiftKey, altKey, ctrlKey, metaKey }) {
  const { frequency, gain, q } = grip;
  if (metaKey) return null;
  if (key === "Home" || key === "Delete" || key === "Backspace") {
    return paramsOf(grip).map((param) => [param.path, Number(param.default)]);
  }
  const up = key === "ArrowUp" || key === "PageUp" || key === "ArrowRight";
  const along = key === "ArrowLeft" || key === "ArrowRight";
  if (!up && !along && key !== "ArrowDown" && key !== "PageDown") return null;
  const turn = altKey || ctrlKey;
  if (turn && along) return null; // the browser's own, and the notebook's
  const param = along ? frequency : turn ? q : (gain ?? q);
  if (!param) return [];
  const size = key.startsWith("Page") ? "page" : shiftKey ? "fine" : "step";
  return [[param.path, stepped(Number(values[param.path]), param, up ? 1 : -1, size)]];
}
