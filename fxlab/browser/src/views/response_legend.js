import { valueAt } from "./axes/interpolate.js";

/** @import { Curves } from "../types" */
/** @import { Entry } from "./readout.js" */

/** The curves that have an entry in the legend, in its order. */
const CURVE_NAMES = /** @type {const} */ ([
  "response",
  "measured",
  "target",
  "targetSpectrum",
  "input",
  "output",
]);

/** @type {Record<typeof CURVE_NAMES[number], Entry>} */
const ENTRIES = {
  response: { key: "response", label: "Response" },
  measured: { key: "measured", label: "", swatch: "dashed" },
  target: { key: "target", label: "Target", swatch: "dotted", color: "target" },
  targetSpectrum: { key: "targetSpectrum", label: "Target", swatch: "dotted", color: "target" },
  input: { key: "input", label: "Input", swatch: "area", color: "input" },
  output: { key: "output", label: "Output", swatch: "area", color: "output" },
};

/**
 * Return the entries of the legend of a response view.
 *
 * @param {Curves} curves @param {boolean} takesInput the module has an input, whose spectrum is named
 */
export function legendEntries(curves, takesInput) {
  const present = CURVE_NAMES.filter((name) => curves[name] !== null && (name !== "input" || takesInput));
  // A measured response of a nonlinear module is only valid at this level.
  const measured = `Measured at ${curves.level} dBFS`.replace("-", "−");
  return present.map((name) => (name === "measured" ? { ...ENTRIES[name], label: measured } : ENTRIES[name]));
}

/**
 * Return the values of the curves of the legend, as texts by the key of the entry.
 *
 * @param {Curves} curves @param {number} index the place on the frequency grid; it need not be whole
 */
export function legendValues(curves, index) {
  /** @type {Record<string, string>} */
  const values = {};
  for (const name of CURVE_NAMES) {
    const curve = curves[name];
    if (curve) values[name] = formatLevel(valueAt(curve, index));
  }
  return values;
}

/** Return a level as text; below -140 dB it is minus infinity. @param {number} db */
export function formatLevel(db) {
  return db < -140 || Number.isNaN(db) ? "−∞ dB" : `${db.toFixed(1).replace("-", "−")} dB`;
}
