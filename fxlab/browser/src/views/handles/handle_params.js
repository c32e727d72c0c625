import { formatQuantity, formatValue } from "../../controls/format.js";
import { stepValue, toSlider } from "../../controls/taper.js";

/** @import { Param, Stage, Values } from "../../types" */

/**
 * The parameters that one handle moves: a frequency, or only a gain or q where the frequency is fixed, and if they exist
 * the gain and the q that belong to it. `index` is their place in an array, null if they are single values.
 *
 * @typedef {{ frequency: Param | null, gain: Param | null, q: Param | null, index: number | null }} HandleParams
 */

/** @param {Param} param @param {string} role */
const hasRole = (param, role) =>
  param.kind === "number" && param.role === role && (role !== "gain" || param.unit === "dB");

/**
 * Derive the handles of a stage from the roles of its parameters. Each frequency has a handle, which also sets the gain and
 * the q of the same index; a gain with a fixed frequency has a handle of its own.
 *
 * @param {Stage} stage
 * @returns {HandleParams[]}
 */
export function findHandles({ params }) {
  /** @type {HandleParams[]} */
  const found = [];
  /** @type {Set<Param>} */
  const used = new Set();
  /** @param {string} role @param {number | null} index */
  const partner = (role, index) => {
    const match = params.find(
      (param) =>
        hasRole(param, role) && param.index === index && !param.has_center_frequency && !used.has(param),
    );
    if (match) used.add(match);
    return match ?? null;
  };
  for (const param of params) {
    const { index } = param;
    if (hasRole(param, "frequency")) {
      found.push({ frequency: param, gain: partner("gain", index), q: partner("q", index), index });
    } else if (hasRole(param, "gain") && param.has_center_frequency) {
      found.push({ frequency: null, gain: param, q: null, index });
    }
  }
  return found;
}

/** Return the parameters that a handle has. @param {HandleParams} handle @returns {Param[]} */
export const paramsOf = ({ frequency, gain, q }) => [frequency, gain, q].filter((param) => param !== null);

/**
 * Return a handle's values as text, such as "1.00 kHz, +3.0 dB, q 0.71".
 *
 * @param {HandleParams} handle
 * @param {Values} values
 * @param {number} fixedFrequency in Hz, for a handle whose frequency is no parameter
 */
export function handleText({ frequency, gain, q }, values, fixedFrequency) {
  const texts = [
    frequency ? formatValue(values[frequency.path], frequency) : formatQuantity(fixedFrequency, "Hz"),
  ];
  if (gain) texts.push(formatValue(values[gain.path], gain));
  if (q) texts.push(`q ${formatValue(values[q.path], q)}`);
  return texts.join(", ");
}

/** Return the slider position of a handle's first parameter, 0 to 100. @param {HandleParams} handle @param {Values} values */
export function sliderPercent({ frequency, gain }, values) {
  const param = frequency ?? gain;
  return param ? Math.round(1000 * toSlider(Number(values[param.path]), param)) / 10 : 0;
}

/**
 * Return the changes that a key makes. Left and right change the frequency; up and down the gain, or the q if there is
 * no gain or with Alt or Ctrl. Steps are finer with Shift and larger with PageUp and PageDown. Home and Delete restore
 * the defaults.
 *
 * @param {HandleParams} handle @param {Values} values
 * @param {{ key: string, shiftKey: boolean, altKey: boolean, ctrlKey: boolean, metaKey: boolean }} event
 * @returns {[string, number][] | null} paths and values; null: the handle does not use this key
 */
export function keyChanges(handle, values, { key, shiftKey, altKey, ctrlKey, metaKey }) {
  const { frequency, gain, q } = handle;
  if (metaKey) return null;
  if (key === "Home" || key === "Delete" || key === "Backspace") {
    return paramsOf(handle).map((param) => [param.path, Number(param.default)]);
  }
  const increases = key === "ArrowUp" || key === "PageUp" || key === "ArrowRight";
  const isHorizontal = key === "ArrowLeft" || key === "ArrowRight";
  if (!increases && !isHorizontal && key !== "ArrowDown" && key !== "PageDown") return null;
  const forQ = altKey || ctrlKey;
  if (forQ && isHorizontal) return null; // shortcuts of the browser and the notebook
  const param = isHorizontal ? frequency : forQ ? q : (gain ?? q);
  if (!param) return [];
  const size = key.startsWith("Page") ? "page" : shiftKey ? "fine" : "step";
  return [[param.path, stepValue(Number(values[param.path]), param, increases ? 1 : -1, size)]];
}
