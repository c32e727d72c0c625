/** Systems of linear equations, cumulative sums, products and maxima, and searching among sorted numbers. */

/**
 * Solve `a x = b` by elimination with partial pivoting.
 *
 * @param {Float64Array} x `(batch, n, columns)`
 * @param {Float64Array} a `(batch, n, n)`
 * @param {Float64Array} b `(batch, n, columns)`
 * @param {number} batch
 * @param {number} n
 * @param {number} columns
 */
export function solveLinear(x, a, b, batch, n, columns) {
  for (let k = 0; k < batch; k++) {
    const rows = Array.from({ length: n }, (_, i) => {
      const row = new Float64Array(n + columns);
      row.set(a.subarray((k * n + i) * n, (k * n + i + 1) * n));
      row.set(b.subarray((k * n + i) * columns, (k * n + i + 1) * columns), n);
      return row;
    });
    for (let i = 0; i < n; i++) eliminate(rows, i);
    for (let i = 0; i < n; i++) x.set(rows[i].subarray(n), (k * n + i) * columns);
  }
}

/**
 * Make column `i` that of the unit matrix.
 *
 * @param {Float64Array[]} rows
 * @param {number} i
 */
function eliminate(rows, i) {
  let best = i;
  for (let r = i + 1; r < rows.length; r++) if (Math.abs(rows[r][i]) > Math.abs(rows[best][i])) best = r;
  [rows[i], rows[best]] = [rows[best], rows[i]];
  const pivot = rows[i][i];
  for (let c = i; c < rows[i].length; c++) rows[i][c] /= pivot;
  for (let r = 0; r < rows.length; r++) {
    const factor = rows[r][i];
    if (r === i || factor === 0) continue;
    for (let c = i; c < rows[r].length; c++) rows[r][c] -= factor * rows[i][c];
  }
}

/**
 * Find the lower triangular matrix `l` with `l lᵀ = a`.
 *
 * @param {Float64Array} l `(batch, n, n)`
 * @param {Float64Array} failed the number of the first pivot that is not positive, 0 if all are, for each matrix
 * @param {Float64Array} a `(batch, n, n)`, symmetric
 * @param {number} batch
 * @param {number} n
 */
export function choleskyFactor(l, failed, a, batch, n) {
  l.fill(0);
  for (let k = 0; k < batch; k++) {
    const first = k * n * n;
    failed[k] = 0;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = a[first + i * n + j];
        for (let m = 0; m < j; m++) sum -= l[first + i * n + m] * l[first + j * n + m];
        if (i === j && !(sum > 0) && !failed[k]) failed[k] = i + 1;
        l[first + i * n + j] = i === j ? Math.sqrt(sum) : sum / l[first + j * n + j];
      }
    }
  }
}

/**
 * Solve `l lᵀ x = b` for a lower triangular matrix.
 *
 * @param {Float64Array} x `(batch, n, columns)`
 * @param {Float64Array} b `(batch, n, columns)`
 * @param {Float64Array} l `(batch, n, n)`
 * @param {number} batch
 * @param {number} n
 * @param {number} columns
 */
export function choleskySolve(x, b, l, batch, n, columns) {
  for (let k = 0; k < batch; k++) {
    const at = (/** @type {number} */ i, /** @type {number} */ j) => l[(k * n + i) * n + j];
    for (let column = 0; column < columns; column++) {
      const place = (/** @type {number} */ i) => (k * n + i) * columns + column;
      for (let i = 0; i < n; i++) {
        let sum = b[place(i)];
        for (let j = 0; j < i; j++) sum -= at(i, j) * x[place(j)];
        x[place(i)] = sum / at(i, i);
      }
      for (let i = n - 1; i >= 0; i--) {
        let sum = x[place(i)];
        for (let j = i + 1; j < n; j++) sum -= at(j, i) * x[place(j)];
        x[place(i)] = sum / at(i, i);
      }
    }
  }
}

/**
 * @param {Float64Array} y
 * @param {Float64Array} x
 * @param {number} rows
 * @param {number} time
 */
export function cumulativeSum(y, x, rows, time) {
  for (let row = 0; row < rows; row++) {
    let total = 0;
    for (let n = row * time; n < (row + 1) * time; n++) {
      total += x[n];
      y[n] = total;
    }
  }
}

/**
 * @param {Float64Array} y
 * @param {Float64Array} x
 * @param {number} rows
 * @param {number} time
 */
export function cumulativeProduct(y, x, rows, time) {
  for (let row = 0; row < rows; row++) {
    let total = 1;
    for (let n = row * time; n < (row + 1) * time; n++) {
      total *= x[n];
      y[n] = total;
    }
  }
}

/**
 * @param {Float64Array} y
 * @param {Float64Array} x
 * @param {number} rows
 * @param {number} time
 */
export function cumulativeMaximum(y, x, rows, time) {
  for (let row = 0; row < rows; row++) {
    let largest = Number.NEGATIVE_INFINITY;
    for (let n = row * time; n < (row + 1) * time; n++) {
      largest = Math.max(largest, x[n]);
      y[n] = largest;
    }
  }
}

/**
 * Find for each value the number of sorted ones below it, or with `right` not above it.
 *
 * @param {Float64Array} y `(rows, count)`
 * @param {Float64Array} sorted `(rows, size)`
 * @param {Float64Array} x `(rows, count)`
 * @param {number} rows
 * @param {number} size
 * @param {number} count
 * @param {number} right 1 or 0
 */
export function searchSorted(y, sorted, x, rows, size, count, right) {
  for (let row = 0; row < rows; row++) {
    for (let i = row * count; i < (row + 1) * count; i++) {
      let low = 0;
      let high = size;
      while (low < high) {
        const middle = (low + high) >> 1;
        const value = sorted[row * size + middle];
        if (value < x[i] || (right && value === x[i])) low = middle + 1;
        else high = middle;
      }
      y[i] = low;
    }
  }
}
