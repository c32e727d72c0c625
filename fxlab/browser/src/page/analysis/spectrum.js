import { fft } from "./fft.js";

const SIZE = 8192;
const MAX_FRAMES = 64;
const OCTAVES = 1 / 6;
/** -150 dB */
const FLOOR = 1e-15;

/**
 * Return the mean spectrum of a sound in dB relative to a full-scale sine, smoothed over a sixth of an octave, as
 * `fxlab.analysis.long_term_spectrum`.
 *
 * @param {Float32Array[]} channels @param {number} rate @param {ArrayLike<number>} frequencies in Hz
 */
export function longTermSpectrum(channels, rate, frequencies) {
  const frames = Math.max(SIZE, channels[0].length);
  const count = Math.min(MAX_FRAMES, Math.max(1, 2 * Math.floor(frames / SIZE)));
  const window = Float64Array.from(
    { length: SIZE },
    (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / SIZE),
  );
  const scale = 2 / window.reduce((sum, value) => sum + value, 0);
  const power = new Float64Array(SIZE / 2 + 1);
  const re = new Float64Array(SIZE);
  const im = new Float64Array(SIZE);
  for (const channel of channels) {
    for (let frame = 0; frame < count; frame++) {
      const start = count === 1 ? 0 : Math.floor((frame * (frames - SIZE)) / (count - 1));
      for (let n = 0; n < SIZE; n++) re[n] = (channel[start + n] ?? 0) * window[n] * scale;
      im.fill(0);
      fft(re, im);
      for (let k = 0; k < power.length; k++) power[k] += re[k] ** 2 + im[k] ** 2;
    }
  }
  // The sum over a band divided by the noise bandwidth of the window, 1.5 bins, is the level of a tone in it.
  const total = new Float64Array(power.length + 1);
  for (let k = 0; k < power.length; k++) total[k + 1] = total[k] + power[k] / (count * channels.length) / 1.5;
  const at = (/** @type {number} */ bin) => {
    const place = Math.min(Math.max(bin + 0.5, 0), total.length - 1);
    const index = Math.min(Math.floor(place), total.length - 2);
    return total[index] + (place - index) * (total[index + 1] - total[index]);
  };
  const half = 2 ** (OCTAVES / 2);
  return Float32Array.from(frequencies, (frequency) => {
    const bin = (frequency * SIZE) / rate;
    const band = at(Math.max(bin * half, bin + 2)) - at(Math.min(bin / half, bin - 2));
    return 10 * Math.log10(band + FLOOR);
  });
}

/** Return a curve over `known` interpolated at `wanted`, both ascending. @param {Float32Array} curve @param {ArrayLike<number>} known @param {ArrayLike<number>} wanted */
export function interpolate(curve, known, wanted) {
  let index = 1;
  return Float32Array.from(wanted, (value) => {
    while (index < known.length - 1 && known[index] < value) index += 1;
    const share = Math.min(1, Math.max(0, (value - known[index - 1]) / (known[index] - known[index - 1])));
    return curve[index - 1] + share * (curve[index] - curve[index - 1]);
  });
}
