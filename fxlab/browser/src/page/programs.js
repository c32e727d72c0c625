import * as engine from "../engine/index.js";

/** @import { Program, ProgramFactory } from "../engine/program" */

/** The compiled modules by id; the scripts that hold them add them, on each thread on which they run. */
const threads = /** @type {{ fxlabPrograms?: Record<string, ProgramFactory> }} */ (globalThis);

/** Make the program of a module whose script was loaded on this thread. @param {string} id @returns {Program} */
export function findProgram(id) {
  const make = threads.fxlabPrograms?.[id];
  if (!make) throw new Error(`the program ${id} is not in this page`);
  return make(engine);
}
