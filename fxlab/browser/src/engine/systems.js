/** Linear state spaces, constant or changing every `hop` samples, as `fxlab.engine.ssfilt` and `ssfilt_varying`. */

/**
 * Filter by `s' = A s + B x`, `y = C s + D x`.
 *
 * @param {Float64Array} y `(rows, time)`
 * @param {Float64Array} after the state after the block, `(rows, n)`; may be `before`
 * @param {Float64Array} x
 * @param {Float64Array} system `(frames, n + 1, n + 1)`, the block matrices `[[A, B], [C, D]]`, or such a table per row
 * @param {Float64Array} before
 * @param {number} rows
 * @param {number} time
 * @param {number} n
 * @param {number} stride the size of the table of a row; 0 if all rows share one
 * @param {number} frames
 * @param {number} hop
 */
export function filterSystem(y, after, x, system, before, rows, time, n, stride, frames, hop) {
  const size = (n + 1) * (n + 1);
  const next = new Float64Array(n + 1);
  const state = new Float64Array(n + 1);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < n; i++) state[i] = before[row * n + i];
    for (let t = 0; t < time; t++) {
      const frame = Math.min(Math.floor(t / hop), frames - 1);
      state[n] = x[row * time + t];
      multiply(next, system, row * stride + frame * size, state, n + 1);
      y[row * time + t] = next[n];
      state.set(next);
    }
    for (let i = 0; i < n; i++) after[row * n + i] = state[i];
  }
}

/**
 * Multiply the square matrix at `at` by a vector.
 *
 * @param {Float64Array} product
 * @param {Float64Array} matrix
 * @param {number} at
 * @param {Float64Array} vector
 * @param {number} size
 */
function multiply(product, matrix, at, vector, size) {
  for (let i = 0; i < size; i++) {
    let sum = 0;
    for (let k = 0; k < size; k++) sum += matrix[at + i * size + k] * vector[k];
    product[i] = sum;
  }
}

/**
 * Filter `u = tanh(drive (x - feedback y)) / drive` with a system whose output `y` is fed back without delay, as
 * `fxlab.engine.ssfilt_saturating`.
 *
 * @param {Float64Array} y `(rows, time)`
 * @param {Float64Array} after
 * @param {Float64Array} x
 * @param {Float64Array} system see `filterSystem`
 * @param {Float64Array} before
 * @param {number} rows
 * @param {number} time
 * @param {number} n
 * @param {number} stride
 * @param {number} frames
 * @param {number} hop
 * @param {Float64Array} feedback `(frames)`, or for each row
 * @param {number} feedbackStride
 * @param {Float64Array} drive `(frames)`, or for each row
 * @param {number} driveStride
 */
export function filterSaturatingSystem(
  y,
  after,
  x,
  system,
  before,
  rows,
  time,
  n,
  stride,
  frames,
  hop,
  feedback,
  feedbackStride,
  drive,
  driveStride,
) {
  const size = (n + 1) * (n + 1);
  const state = new Float64Array(n + 1);
  const next = new Float64Array(n + 1);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < n; i++) state[i] = before[row * n + i];
    for (let t = 0; t < time; t++) {
      const frame = Math.min(Math.floor(t / hop), frames - 1);
      const at = row * stride + frame * size;
      let output = 0;
      for (let k = 0; k < n; k++) output += system[at + n * (n + 1) + k] * state[k];
      const through = system[at + size - 1];
      const gain = feedback[row * feedbackStride + frame];
      const level = drive[row * driveStride + frame];
      const e = solveTanh(level * (x[row * time + t] - gain * output), gain * through);
      state[n] = Math.tanh(e) / level;
      multiply(next, system, at, state, n + 1);
      y[row * time + t] = next[n];
      state.set(next);
    }
    for (let i = 0; i < n; i++) after[row * n + i] = state[i];
  }
}

/**
 * Return the solution of `e + gain tanh(e) = target` for a gain of at least 0. For positive `e` the left side is
 * concave and increasing, so that Newton steps from below never overshoot.
 *
 * @param {number} target
 * @param {number} gain
 */
function solveTanh(target, gain) {
  const size = Math.abs(target);
  let e = Math.max(size / (1 + gain), size - gain);
  for (let i = 0; i < 40; i++) {
    const saturated = Math.tanh(e);
    const step = (size - e - gain * saturated) / (1 + gain * (1 - saturated * saturated));
    e += step;
    if (!(Math.abs(step) > 1e-15 * size)) break;
  }
  return target < 0 ? -e : e;
}
