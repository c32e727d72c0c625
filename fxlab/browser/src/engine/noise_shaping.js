/** Rounding with the error filtered by (1 − z⁻¹)², as `fxlab.effects.distortion.dither.round_shaped`. */

import { roundHalfToEven } from "./numbers.js";

/** The digits behind the point with which errors are kept: whole numbers of 2⁻³² steps. */
const UNIT = 2 ** 32;

/**
 * @param {Float64Array} y whole numbers of steps, `(rows, time)`
 * @param {Float64Array} after the last two errors of each row, the newest first; may be `before`
 * @param {Float64Array} x in steps
 * @param {Float64Array} noise `(time)`, in steps
 * @param {Float64Array} before
 * @param {number} rows
 * @param {number} time
 */
export function roundShaped(y, after, x, noise, before, rows, time) {
  for (let row = 0; row < rows; row++) {
    let e1 = before[2 * row];
    let e2 = before[2 * row + 1];
    for (let n = 0; n < time; n++) {
      const sample = x[row * time + n];
      // The whole part is kept apart, since all digits of both do not fit into one number.
      const whole = Math.floor(sample);
      const value = roundHalfToEven((sample - whole) * UNIT) + 2 * e1 - e2;
      const steps = Math.floor((value + roundHalfToEven(noise[n] * UNIT) + UNIT / 2) / UNIT);
      e2 = e1;
      e1 = value - steps * UNIT;
      y[row * time + n] = whole + steps;
    }
    after[2 * row] = e1;
    after[2 * row + 1] = e2;
  }
}
