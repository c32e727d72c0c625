import { areFinite, findUnstable } from "./analysis/stability.js";

/**
 * @import { Coefficients, StageResponse } from "../engine/program"
 * @import { Values } from "../types"
 * @import { Description, Limits } from "./description"
 * @import { PageProgram } from "./page_program.js"
 */

/** The reason why a design cannot be played. @typedef {{ message: string, path: string | null }} Problem */

/**
 * Return why a value is not accepted, as the kernel says it, or null.
 *
 * @param {unknown} value @param {Limits} limits
 */
function checkValue(value, { name, unit, above, at_least: least, below, at_most: most, allowed }) {
  if (typeof value !== "number") return null;
  const isLowEnough = (below === null || value < below) && (most === null || value <= most);
  const isHighEnough = (above === null || value > above) && (least === null || value >= least);
  if (Number.isFinite(value) && isLowEnough && isHighEnough) return null;
  return `${name} is ${Number(value.toPrecision(6))}${unit ? ` ${unit}` : ""}; it must be ${allowed}.`;
}

/** The coefficients of the current values, and whether they can be played. */
export class Design {
  /** @type {Problem | null} */ problem = null;
  /** The last coefficients that could be computed. @type {Coefficients} */ coefficients = {};
  /** The stages that run. @type {StageResponse[]} */ stages = [];
  /** The stages that are left out. @type {StageResponse[]} */ inactiveStages = [];
  /** Whether there are such coefficients: not before the first valid values. */ isComputed = false;
  /** Whether the output is muted: there are no coefficients yet, or they cannot be played. */ isMuted = true;

  /** @param {Description} description @param {PageProgram} program */
  constructor(description, program) {
    this.description = description;
    this.program = program;
  }

  /** Whether `stages` describe the response of the module. */
  get hasStages() {
    return this.stages.length > 0;
  }

  /** Play these values. @param {number} seq @param {Values} values */
  update(seq, values) {
    this.problem = this.#checkValues(values);
    // The sound of the last valid values continues, as with a kernel.
    if (this.problem) return;
    const coefficients = this.#compute(values);
    if (!coefficients) return;
    if (!areFinite(coefficients)) {
      const message =
        "These values give coefficients that are not finite numbers (NaN), so the output is muted.";
      this.#mute(seq, message);
      return;
    }
    this.coefficients = coefficients;
    this.isComputed = true;
    const stages = this.program.program.response(coefficients);
    const isLeftOut = (/** @type {StageResponse} */ { path }) => Boolean(values[`${path}.bypassed`]);
    this.stages = stages.filter((stage) => !isLeftOut(stage));
    this.inactiveStages = stages.filter(isLeftOut);
    const unstable = findUnstable(this.stages);
    if (unstable === null) {
      this.isMuted = false;
      this.program.setDesign(seq, coefficients);
      return;
    }
    const name = this.description.roots[unstable]?.stage ?? this.description.spec.title;
    const message = `${name} is unstable: it has a pole on or outside of the unit circle, so the output is muted.`;
    this.#mute(seq, message);
  }

  /** Return the coefficients; null if the program refuses the values. @param {Values} values @returns {Coefficients | null} */
  #compute(values) {
    try {
      return this.program.program.design(/** @type {any} */ (values));
    } catch (error) {
      this.problem = { message: /** @type {Error} */ (error).message, path: null };
      return null;
    }
  }

  /** @param {number} seq @param {string} message why */
  #mute(seq, message) {
    this.problem = { message, path: null };
    this.isMuted = true;
    this.program.setDesign(seq, null);
  }

  /** @param {Values} values @returns {Problem | null} */
  #checkValues(values) {
    for (const [path, limits] of Object.entries(this.description.limits)) {
      const message = checkValue(values[path], limits);
      if (message) return { message, path };
    }
    return null;
  }
}
