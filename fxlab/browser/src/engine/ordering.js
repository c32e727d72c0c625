/** Sorting, the places of extremes, and writing at computed places. */

/**
 * Sort rows. Equal numbers keep their order, and NaN is above all others, as in PyTorch.
 *
 * @param {Float64Array} y `(rows, count)`
 * @param {Float64Array} places `(rows, count)`, where the numbers were in their row
 * @param {Float64Array} x `(rows, count)`
 * @param {number} rows
 * @param {number} count
 * @param {number} descending 1 or 0
 */
export function sortRows(y, places, x, rows, count, descending) {
  const sign = descending ? -1 : 1;
  for (let row = 0; row < rows; row++) {
    const first = row * count;
    const order = Array.from({ length: count }, (_, i) => i);
    order.sort((i, j) => sign * compare(x[first + i], x[first + j]));
    for (let i = 0; i < count; i++) {
      places[first + i] = order[i];
      y[first + i] = x[first + order[i]];
    }
  }
}

/** @param {number} a @param {number} b */
function compare(a, b) {
  if (a < b) return -1;
  if (a > b) return 1;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

/**
 * Find the first of the largest numbers of each row, or of the smallest; NaN is both.
 *
 * @param {Float64Array} y `(rows,)`
 * @param {Float64Array} x `(rows, count)`
 * @param {number} rows
 * @param {number} count
 * @param {number} sign 1 for the largest, -1 for the smallest
 */
export function extremePlaces(y, x, rows, count, sign) {
  for (let row = 0; row < rows; row++) {
    let best = row * count;
    for (let i = best + 1; i < (row + 1) * count; i++) {
      if (Number.isNaN(x[best])) break;
      if (Number.isNaN(x[i]) || sign * x[i] > sign * x[best]) best = i;
    }
    y[row] = best - row * count;
  }
}

/**
 * Write values at the places that an index gives for each row.
 *
 * @param {Float64Array} y `(rows, size)`
 * @param {Float64Array} index `(rows, count)`
 * @param {Float64Array} values `(rows, count)`
 * @param {number} rows
 * @param {number} size
 * @param {number} count
 */
export function scatter(y, index, values, rows, size, count) {
  for (let row = 0; row < rows; row++) {
    for (let i = row * count; i < (row + 1) * count; i++) y[row * size + index[i]] = values[i];
  }
}

/**
 * Add values at the places that an index gives for each row.
 *
 * @param {Float64Array} y `(rows, size)`
 * @param {Float64Array} index `(rows, count)`
 * @param {Float64Array} values `(rows, count)`
 * @param {number} rows
 * @param {number} size
 * @param {number} count
 */
export function scatterAdd(y, index, values, rows, size, count) {
  for (let row = 0; row < rows; row++) {
    for (let i = row * count; i < (row + 1) * count; i++) y[row * size + index[i]] += values[i];
  }
}

/**
 * Add frames that begin `hop` samples after one another.
 *
 * @param {Float64Array} y `(rows, time)`
 * @param {Float64Array} parts `(rows, frames, size)`
 * @param {number} rows
 * @param {number} time
 * @param {number} frames
 * @param {number} size
 * @param {number} hop
 */
export function overlapAdd(y, parts, rows, time, frames, size, hop) {
  y.fill(0);
  for (let frame = 0; frame < rows * frames; frame++) {
    const start = Math.floor(frame / frames) * time + (frame % frames) * hop;
    for (let n = 0; n < size; n++) y[start + n] += parts[frame * size + n];
  }
}
