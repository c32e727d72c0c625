/** @import { Coefficients } from "../engine/program" */

/** Return whether two sets of coefficients have the same names and lengths. @param {Coefficients} a @param {Coefficients} b */
export function haveSameShape(a, b) {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => b[name]?.length === a[name].length);
}

/** Coefficients that move linearly from one design to the next. */
export class CoefficientRamp {
  /** @type {Coefficients} */ #start;
  /** @type {Coefficients} */ #end;
  /** The current coefficients; they change in place. @type {Coefficients} */ current;
  #left = 0;

  /** @param {Coefficients} design @param {number} frames the length of a ramp @param {string[]} steps names of coefficients that jump */
  constructor(design, frames, steps) {
    this.steps = steps;
    const copy = () =>
      Object.fromEntries(Object.entries(design).map(([name, values]) => [name, values.slice()]));
    this.#start = copy();
    this.#end = copy();
    this.current = copy();
    this.frames = Math.max(1, frames);
  }

  get isMoving() {
    return this.#left > 0;
  }

  /** Move to a design of the same shape from where the coefficients are. @param {Coefficients} design */
  moveTo(design) {
    for (const name of Object.keys(this.current)) {
      this.#start[name].set(this.current[name]);
      this.#end[name].set(design[name]);
      if (this.steps.includes(name)) this.#start[name].set(design[name]);
    }
    this.#left = this.frames;
  }

  /** Move on by some frames. @param {number} frames */
  advance(frames) {
    if (this.#left === 0) return;
    this.#left = Math.max(0, this.#left - frames);
    const share = 1 - this.#left / this.frames;
    for (const name in this.current) {
      const start = this.#start[name];
      const end = this.#end[name];
      const current = this.current[name];
      for (let i = 0; i < current.length; i++) {
        current[i] = this.#left === 0 ? end[i] : start[i] + share * (end[i] - start[i]);
      }
    }
  }
}
