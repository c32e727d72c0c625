/** Convolution with taps, as `fxlab.engine.convolve`: sum by sum, for up to a few hundred taps. */

/**
 * Convolve a block whose preceding samples are given.
 *
 * @param {Float64Array} y `(rows, time)`
 * @param {Float64Array} x the samples before the block and those of the block, `(rows, count - 1 + time)`
 * @param {Float64Array} taps `(count)`, or one set for each row
 * @param {number} rows
 * @param {number} time
 * @param {number} count
 * @param {number} stride 0 if all rows share the taps
 */
export function convolve(y, x, taps, rows, time, count, stride) {
  const length = count - 1 + time;
  for (let row = 0; row < rows; row++) {
    for (let n = 0; n < time; n++) {
      const newest = row * length + count - 1 + n;
      let sum = 0;
      for (let k = 0; k < count; k++) sum += taps[row * stride + k] * x[newest - k];
      y[row * time + n] = sum;
    }
  }
}
