import { fft } from "./fft.js";

/** @typedef {"log" | "linear" | "mel"} Scale */

const ROWS = 256;
const COLUMNS = 600;
const WINDOW_SECONDS = 0.04;
const MIN_FRAMES = 32;
const MAX_WINDOWS = 6000;
/** dB */
const DEPTH = 120;

/** @param {number} value @param {Scale} scale */
function toScale(value, scale) {
  if (scale === "log") return Math.log(Math.max(value, 1e-300));
  return scale === "mel" ? 2595 * Math.log10(1 + value / 700) : value;
}

/** @param {number} value @param {Scale} scale */
function fromScale(value, scale) {
  if (scale === "log") return Math.exp(value);
  return scale === "mel" ? 700 * (10 ** (value / 2595) - 1) : value;
}

/**
 * Return the levels of a sound over time and frequency as an image, as the kernel's view does: the mean power of all channels;
 * a sine of peak 1 is at 0 dB.
 *
 * @param {Float32Array[]} channels @param {number} rate @param {Scale} scale
 */
export function spectrogram(channels, rate, scale) {
  const frames = channels[0].length;
  if (frames < MIN_FRAMES)
    return { error: `The sound has ${frames} samples; a spectrogram needs at least ${MIN_FRAMES}.` };
  let size = 2 ** Math.max(5, Math.round(Math.log2(rate * WINDOW_SECONDS)));
  while (size > Math.max(MIN_FRAMES, Math.floor(frames / 4))) size /= 2;
  const nyquist = rate / 2;
  const low = scale === "log" ? (nyquist > 400 ? 20 : nyquist / 500) : 0;
  const rows = rowsOfAxis(low, nyquist, scale, size / 2 + 1);
  const db = new Float32Array(ROWS * COLUMNS);
  const perColumn = Math.min(
    Math.max(Math.round(frames / COLUMNS / (size / 2)), 1),
    Math.floor(MAX_WINDOWS / COLUMNS),
  );
  const window = Float64Array.from(
    { length: size },
    (_, n) => ((0.5 - 0.5 * Math.cos((2 * Math.PI * n) / size)) * 4) / size,
  );
  const re = new Float64Array(size);
  const im = new Float64Array(size);
  const power = new Float64Array(size / 2 + 1);
  let highest = -120;
  for (let column = 0; column < COLUMNS; column++) {
    power.fill(0);
    for (let part = 0; part < perColumn; part++) {
      const index = column * perColumn + part;
      const start = Math.trunc(((index + 0.5) * frames) / (COLUMNS * perColumn) - size / 2);
      for (const channel of channels) {
        for (let n = 0; n < size; n++) re[n] = (channel[start + n] ?? 0) * window[n];
        im.fill(0);
        fft(re, im);
        for (let k = 0; k < power.length; k++) power[k] += re[k] ** 2 + im[k] ** 2;
      }
    }
    for (let k = 0; k < power.length; k++)
      power[k] = Math.max(power[k] / (perColumn * channels.length), 1e-20);
    for (let row = 0; row < ROWS; row++) {
      const level = 10 * Math.log10(rows[row](power));
      db[(ROWS - 1 - row) * COLUMNS + column] = level;
      highest = Math.max(highest, level);
    }
  }
  const high = 6 * Math.ceil(highest / 6);
  const levels = Uint8Array.from(db, (value) =>
    Math.round(Math.min(255, Math.max(0, ((value - high + DEPTH) * 255) / DEPTH))),
  );
  const fields = {
    x: { unit: "s", low: 0, high: frames / rate },
    y: { unit: "Hz", scale, low, high: nyquist },
    level: { unit: "dB", low: high - DEPTH, high },
    rows: ROWS,
    columns: COLUMNS,
    note: "Hz over seconds, levels in dB",
    x_is_time: true,
  };
  return { fields, levels };
}

/**
 * Return for each row of the axis a function of the bins: interpolated between two, or the maximum of those that it covers.
 *
 * @param {number} low @param {number} high in Hz @param {Scale} scale @param {number} bins
 * @returns {((power: Float64Array) => number)[]}
 */
function rowsOfAxis(low, high, scale, bins) {
  const [first, last] = [toScale(low, scale), toScale(high, scale)];
  const edges = Array.from(
    { length: ROWS + 1 },
    (_, row) => (fromScale(first + ((last - first) * row) / ROWS, scale) / high) * (bins - 1),
  );
  return Array.from({ length: ROWS }, (_, row) => {
    const [from, to] = [edges[row], edges[row + 1]];
    if (to - from >= 1.5) {
      const start = Math.min(bins - 1, Math.ceil(from));
      const end = row === ROWS - 1 ? bins : Math.max(start + 1, Math.min(bins, Math.ceil(to)));
      return (power) => {
        let maximum = 0;
        for (let k = start; k < end; k++) if (power[k] > maximum) maximum = power[k];
        return maximum;
      };
    }
    const middle = Math.min(bins - 1, Math.max(0, (from + to) / 2));
    const bin = Math.min(Math.floor(middle), bins - 2);
    const share = middle - bin;
    return (power) => power[bin] ** (1 - share) * power[bin + 1] ** share;
  });
}
