/** Recursive filters of any order in transposed direct form II, as `fxlab.engine.lfilter`. */

/**
 * @param {Float64Array} y `(rows, time)`
 * @param {Float64Array} after the state after the block, `(rows, order)`; may be `before`
 * @param {Float64Array} x
 * @param {Float64Array} b the numerator, `(order + 1)`, or one for each row
 * @param {Float64Array} a the denominator
 * @param {Float64Array} before
 * @param {number} rows
 * @param {number} time
 * @param {number} order
 * @param {number} bStride 0 if all rows share one
 * @param {number} aStride
 */
export function filterPolynomials(y, after, x, b, a, before, rows, time, order, bStride, aStride) {
  const state = new Float64Array(order + 1);
  for (let row = 0; row < rows; row++) {
    const [p, q] = [row * bStride, row * aStride];
    for (let i = 0; i < order; i++) state[i] = before[row * order + i];
    for (let n = row * time; n < (row + 1) * time; n++) {
      const sample = x[n];
      const output = (b[p] * sample) / a[q] + state[0];
      for (let i = 1; i <= order; i++)
        state[i - 1] = state[i] + (b[p + i] * sample) / a[q] - (a[q + i] * output) / a[q];
      y[n] = output;
    }
    for (let i = 0; i < order; i++) after[row * order + i] = state[i];
  }
}
