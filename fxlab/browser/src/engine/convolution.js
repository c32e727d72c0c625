/** Convolution with taps, as `fxlab.engine.convolve`: sum by sum, or by FFTs if both are long and not mostly zeros. */

import { transform } from "./fourier.js";

/** The smallest product of the lengths for which FFTs are faster. */
const MIN_PRODUCT = 2 ** 20;

/** An input with at most this many numbers that are not 0, such as an impulse, is convolved number by number. */
const MAX_SPARSE = 8;

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
    const own = taps.subarray(row * stride, row * stride + count);
    const input = x.subarray(row * length, (row + 1) * length);
    const output = y.subarray(row * time, (row + 1) * time);
    const places = nonzeroPlaces(input, MAX_SPARSE);
    if (places) convolveSparse(output, input, own, places);
    else if (time > count / 8 && time * count >= MIN_PRODUCT) convolveByTransform(output, input, own);
    else convolveBySums(output, input, own);
  }
}

/** Return the places of the numbers that are not 0, or null if there are more than `most`. @param {Float64Array} x @param {number} most */
function nonzeroPlaces(x, most) {
  const places = [];
  for (let n = 0; n < x.length; n++) {
    if (x[n] === 0) continue;
    if (places.length === most) return null;
    places.push(n);
  }
  return places;
}

/** @param {Float64Array} y @param {Float64Array} x @param {Float64Array} taps @param {number[]} places */
function convolveSparse(y, x, taps, places) {
  y.fill(0);
  const past = taps.length - 1;
  for (const place of places) {
    const start = place - past;
    const stop = Math.min(y.length, place + 1);
    for (let n = Math.max(0, start); n < stop; n++) y[n] += x[place] * taps[n - start];
  }
}

/** @param {Float64Array} y @param {Float64Array} x @param {Float64Array} taps */
function convolveBySums(y, x, taps) {
  const count = taps.length;
  for (let n = 0; n < y.length; n++) {
    let sum = 0;
    for (let k = 0; k < count; k++) sum += taps[k] * x[count - 1 + n - k];
    y[n] = sum;
  }
}

/**
 * Convolve by FFTs. The samples that circular convolution wraps around lie before the block, and are not used.
 *
 * @param {Float64Array} y @param {Float64Array} x @param {Float64Array} taps
 */
function convolveByTransform(y, x, taps) {
  let size = 1;
  while (size < x.length) size *= 2;
  const [a, b] = [spectrumOf(x, size), spectrumOf(taps, size)];
  for (let k = 0; k < 2 * size; k += 2) {
    const [re, im] = [a[k], a[k + 1]];
    a[k] = re * b[k] - im * b[k + 1];
    a[k + 1] = re * b[k + 1] + im * b[k];
  }
  transform(a, true);
  for (let n = 0; n < y.length; n++) y[n] = a[2 * (taps.length - 1 + n)] / size;
}

/** @param {Float64Array} values @param {number} size */
function spectrumOf(values, size) {
  const spectrum = new Float64Array(2 * size);
  for (let n = 0; n < values.length; n++) spectrum[2 * n] = values[n];
  transform(spectrum, false);
  return spectrum;
}
