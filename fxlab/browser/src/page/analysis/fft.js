/** @type {Map<number, Float64Array>} */
const tables = new Map();

/** Cosines and sines of half a turn, in turns. @param {number} size */
function tableFor(size) {
  let table = tables.get(size);
  if (!table) {
    table = new Float64Array(size);
    for (let k = 0; k < size / 2; k++) {
      table[2 * k] = Math.cos((2 * Math.PI * k) / size);
      table[2 * k + 1] = -Math.sin((2 * Math.PI * k) / size);
    }
    tables.set(size, table);
  }
  return table;
}

/** Compute the discrete Fourier transform in place; the length is a power of two. @param {Float64Array} re @param {Float64Array} im */
export function fft(re, im) {
  const size = re.length;
  const table = tableFor(size);
  for (let i = 1, j = 0; i < size; i++) {
    let bit = size >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [re[i], re[j]] = [re[j], re[i]];
      [im[i], im[j]] = [im[j], im[i]];
    }
  }
  for (let length = 2; length <= size; length *= 2) {
    const half = length / 2;
    const stride = (2 * size) / length;
    for (let start = 0; start < size; start += length) {
      for (let k = 0, t = 0; k < half; k++, t += stride) {
        const a = start + k;
        const b = a + half;
        const x = re[b] * table[t] - im[b] * table[t + 1];
        const y = re[b] * table[t + 1] + im[b] * table[t];
        re[b] = re[a] - x;
        im[b] = im[a] - y;
        re[a] += x;
        im[a] += y;
      }
    }
  }
}
