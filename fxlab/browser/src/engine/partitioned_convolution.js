/**
 * Convolution of a stream with a long impulse response, in partitions of the length of a block, by FFT.
 *
 * The spectra of the last blocks are kept, so that a block costs one transform, one product per partition, and one
 * transform back.
 */

import { transform } from "./fourier.js";

/** @param {Float64Array} a @param {Float64Array} b */
function areEqual(a, b) {
  let i = 0;
  while (i < a.length && a[i] === b[i]) i++;
  return i === a.length && a.length === b.length;
}

/**
 * @param {number} rows
 * @param {number} time the length of a block, a power of two
 * @param {number} count the number of taps
 * @param {number} stride 0 if all rows share the taps
 */
export function createConvolver(rows, time, count, stride) {
  const parts = Math.ceil(count / time);
  const size = 4 * time;
  const kernels = stride ? rows : 1;
  const spectra = new Float64Array(kernels * parts * size);
  const history = new Float64Array(rows * parts * size);
  const last = new Float64Array(rows * time);
  const work = new Float64Array(size);
  const sum = new Float64Array(size);
  let known = new Float64Array(0);
  /** The number of partitions before the zeros at the end of the taps. */
  let used = 0;
  /** The place of the newest spectrum in `history`. */
  const newest = new Float64Array(1);

  /** @param {Float64Array} taps */
  function prepare(taps) {
    if (areEqual(known, taps)) return;
    known = taps.slice();
    used = 0;
    for (let k = 0; k < taps.length; k++)
      if (taps[k] !== 0) used = Math.max(used, Math.floor((k % count) / time) + 1);
    for (let kernel = 0; kernel < kernels; kernel++) {
      for (let part = 0; part < used; part++) {
        work.fill(0);
        for (let k = 0; k < time && part * time + k < count; k++) {
          work[2 * k] = taps[kernel * stride + part * time + k];
        }
        transform(work, false);
        spectra.set(work, (kernel * parts + part) * size);
      }
    }
  }

  return {
    states: [history, last, newest],
    reset() {
      history.fill(0);
      last.fill(0);
      newest[0] = 0;
    },
    /**
     * @param {Float64Array} y `(rows, time)`
     * @param {Float64Array} x `(rows, time)`
     * @param {Float64Array} taps
     */
    process(y, x, taps) {
      prepare(taps);
      newest[0] = (newest[0] + parts - 1) % parts;
      for (let row = 0; row < rows; row++) {
        for (let n = 0; n < time; n++) {
          work[2 * n] = last[row * time + n];
          work[2 * (n + time)] = x[row * time + n];
          work[2 * n + 1] = 0;
          work[2 * (n + time) + 1] = 0;
          last[row * time + n] = x[row * time + n];
        }
        transform(work, false);
        history.set(work, (row * parts + newest[0]) * size);
        sum.fill(0);
        for (let part = 0; part < used; part++) {
          const a = (row * parts + ((newest[0] + part) % parts)) * size;
          const b = ((stride ? row : 0) * parts + part) * size;
          // Both are spectra of real signals, so that half of the products is enough.
          for (let k = 0; k <= size / 2; k += 2) {
            sum[k] += history[a + k] * spectra[b + k] - history[a + k + 1] * spectra[b + k + 1];
            sum[k + 1] += history[a + k] * spectra[b + k + 1] + history[a + k + 1] * spectra[b + k];
          }
        }
        for (let k = 2; k < size / 2; k += 2) {
          sum[size - k] = sum[k];
          sum[size - k + 1] = -sum[k + 1];
        }
        transform(sum, true);
        for (let n = 0; n < time; n++) y[row * time + n] = sum[2 * (n + time)] / (2 * time);
      }
    },
  };
}
