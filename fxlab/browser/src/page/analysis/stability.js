/** @import { Coefficients, StageResponse } from "../../engine/program" */

/** Whether all coefficients are finite numbers. @param {Coefficients} coefficients */
export function areFinite(coefficients) {
  return Object.values(coefficients).every((values) => values.every(Number.isFinite));
}

/** Return the path of the first stage with a pole on or outside of the unit circle, or null. @param {StageResponse[]} stages */
export function findUnstable(stages) {
  for (const { path, sections } of stages) {
    for (let i = 0; sections && i < sections.length; i += 6) {
      const a1 = sections[i + 4] / sections[i + 3];
      const a2 = sections[i + 5] / sections[i + 3];
      if (!(Math.abs(a2) < 1 && Math.abs(a1) < 1 + a2)) return path;
    }
  }
  return null;
}
