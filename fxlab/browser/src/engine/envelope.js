/** Envelope followers with attack and release, as `fxlab.engine.envelope`. */

/**
 * @param {Float64Array} y `(rows, time)`
 * @param {Float64Array} after the last value of each row; may be `before`
 * @param {Float64Array} x
 * @param {Float64Array} attack the pole of each row
 * @param {Float64Array} release
 * @param {Float64Array} before
 * @param {number} rows
 * @param {number} time
 */
export function followBranching(y, after, x, attack, release, before, rows, time) {
  for (let row = 0; row < rows; row++) {
    let last = before[row];
    for (let n = row * time; n < (row + 1) * time; n++) {
      const pole = x[n] > last ? attack[row] : release[row];
      last = pole * last + (1 - pole) * x[n];
      y[n] = last;
    }
    after[row] = last;
  }
}

/**
 * The maximum of a step towards the input with the attack pole and of the last value, released towards 0.
 *
 * @param {Float64Array} y `(rows, time)`
 * @param {Float64Array} after
 * @param {Float64Array} x
 * @param {Float64Array} attack
 * @param {Float64Array} release
 * @param {Float64Array} before
 * @param {number} rows
 * @param {number} time
 */
export function followPeaks(y, after, x, attack, release, before, rows, time) {
  for (let row = 0; row < rows; row++) {
    let last = before[row];
    for (let n = row * time; n < (row + 1) * time; n++) {
      const released = last * release[row];
      last = x[n] > released ? attack[row] * last + (1 - attack[row]) * x[n] : released;
      y[n] = last;
    }
    after[row] = last;
  }
}
