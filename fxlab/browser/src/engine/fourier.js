/** The fast Fourier transform of complex numbers whose length is a power of two. */

/** @type {Map<number, Float64Array>} */
const tables = new Map();

/**
 * The numbers `exp(-2πi k / n)` for `k < n / 2`, as pairs.
 *
 * @param {number} n
 */
function twiddles(n) {
  let table = tables.get(n);
  if (table === undefined) {
    table = new Float64Array(n);
    for (let k = 0; k < n / 2; k++) {
      table[2 * k] = Math.cos((2 * Math.PI * k) / n);
      table[2 * k + 1] = -Math.sin((2 * Math.PI * k) / n);
    }
    tables.set(n, table);
  }
  return table;
}

/**
 * Transform `n` complex numbers in place; the inverse is not divided by `n`.
 *
 * @param {Float64Array} values pairs of real and imaginary parts
 * @param {boolean} inverse
 */
export function transform(values, inverse) {
  const n = values.length / 2;
  const table = twiddles(n);
  const sign = inverse ? -1 : 1;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      const [re, im] = [values[2 * i], values[2 * i + 1]];
      values[2 * i] = values[2 * j];
      values[2 * i + 1] = values[2 * j + 1];
      values[2 * j] = re;
      values[2 * j + 1] = im;
    }
  }
  for (let size = 2; size <= n; size *= 2) {
    const half = size / 2;
    const step = n / size;
    for (let start = 0; start < n; start += size) {
      for (let k = 0; k < half; k++) {
        const wr = table[2 * k * step];
        const wi = sign * table[2 * k * step + 1];
        const a = 2 * (start + k);
        const b = 2 * (start + k + half);
        const re = values[b] * wr - values[b + 1] * wi;
        const im = values[b] * wi + values[b + 1] * wr;
        values[b] = values[a] - re;
        values[b + 1] = values[a + 1] - im;
        values[a] += re;
        values[a + 1] += im;
      }
    }
  }
}

/**
 * Return the spectrum of a frame of `x` times a window; samples outside of `x` are 0.
 *
 * @param {Float64Array} x
 * @param {number} start of the frame in `x`, which may be negative
 * @param {Float64Array} window
 * @param {number} length of the frame with zeros after the window, a power of two
 */
export function frameSpectrum(x, start, window, length) {
  const values = new Float64Array(2 * length);
  const stop = Math.min(window.length, x.length - start);
  for (let n = Math.max(0, -start); n < stop; n++) values[2 * n] = x[start + n] * window[n];
  transform(values, false);
  return values;
}

/**
 * The discrete Fourier transform of rows of complex numbers of any length, not normalized.
 *
 * @param {Float64Array} y `(rows, n)`, pairs
 * @param {Float64Array} x `(rows, n)`, pairs
 * @param {number} rows
 * @param {number} n
 * @param {number} sign -1 forwards, 1 backwards
 */
export function fourierTransform(y, x, rows, n, sign) {
  for (let row = 0; row < rows; row++) {
    const own = x.slice(2 * row * n, 2 * (row + 1) * n);
    const result = (n & (n - 1)) === 0 ? own : bluestein(own, n, sign);
    if (result === own) transform(own, sign > 0);
    y.set(result, 2 * row * n);
  }
}

/**
 * The transform of any length as a convolution with a chirp (L. I. Bluestein, 1970).
 *
 * @param {Float64Array} x
 * @param {number} n
 * @param {number} sign
 */
function bluestein(x, n, sign) {
  let size = 1;
  while (size < 2 * n - 1) size *= 2;
  const chirp = new Float64Array(2 * n);
  for (let k = 0; k < n; k++) {
    const angle = (sign * Math.PI * ((k * k) % (2 * n))) / n;
    chirp[2 * k] = Math.cos(angle);
    chirp[2 * k + 1] = Math.sin(angle);
  }
  const a = new Float64Array(2 * size);
  const b = new Float64Array(2 * size);
  for (let k = 0; k < n; k++) {
    const [cr, ci] = [chirp[2 * k], chirp[2 * k + 1]];
    a[2 * k] = x[2 * k] * cr - x[2 * k + 1] * ci;
    a[2 * k + 1] = x[2 * k] * ci + x[2 * k + 1] * cr;
    for (const at of k ? [k, size - k] : [0]) {
      b[2 * at] = cr;
      b[2 * at + 1] = -ci;
    }
  }
  transform(a, false);
  transform(b, false);
  for (let k = 0; k < size; k++) {
    const [ar, ai, br, bi] = [a[2 * k], a[2 * k + 1], b[2 * k], b[2 * k + 1]];
    a[2 * k] = ar * br - ai * bi;
    a[2 * k + 1] = ar * bi + ai * br;
  }
  transform(a, true);
  const y = new Float64Array(2 * n);
  for (let k = 0; k < n; k++) {
    const [re, im] = [a[2 * k] / size, a[2 * k + 1] / size];
    const [cr, ci] = [chirp[2 * k], chirp[2 * k + 1]];
    y[2 * k] = re * cr - im * ci;
    y[2 * k + 1] = re * ci + im * cr;
  }
  return y;
}
