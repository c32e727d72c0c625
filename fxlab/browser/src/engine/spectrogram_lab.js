/** The function of `fxlab.labs.spectrogram` as one program for all settings, which have too many combinations to compile each. */

import { picture, plot } from "./drawing.js";
import { frameSpectrum } from "./fourier.js";
import { roundHalfToEven } from "./numbers.js";

/** @import { ParameterValue, Program } from "./program" */

/** The weights of the cosines of each window, by the name that the panel shows. @type {Record<string, number[]>} */
const WINDOWS = {
  hann: [0.5, 0.5],
  hamming: [0.54, 0.46],
  blackman: [0.42, 0.5, 0.08],
  rectangular: [1],
  "blackman-harris": [0.35875, 0.48829, 0.14128, 0.01168],
};
const NAMES = Object.keys(WINDOWS);
/** The largest number of frames of a spectrogram; for a longer sound the hop is multiplied by a whole number. */
const MAX_FRAMES = 2400;
/** The points per bin, and the bins on each side, of the spectrum of the window. */
const [POINTS, BINS] = [32, 16];
const [ROWS, COLUMNS] = [512, 1200];

/**
 * @param {{ rate: number, channels: number, frames: number, first: Record<string, ParameterValue>, fields: string[] }} options
 *   the values at first, and the fields of the picture and of the plot as JSON
 * @returns {Program}
 */
export function spectrogramLab({ rate, channels, frames, first, fields }) {
  return {
    ...{ rate, channels, outputChannels: channels, latency: 0, live: false, isFunction: true },
    ...{ blockSize: frames, outputSize: frames, parameters: Object.keys(first), fixed: {}, steps: [] },
    design(values) {
      const { window, length, hop, zeros, log } = { ...first, ...values };
      const [numerator, denominator = "1"] = String(hop).split("/");
      const size = Number(length);
      const step = Math.floor((Number(numerator) * size) / Number(denominator));
      const name = NAMES.indexOf(String(window));
      return { settings: Float64Array.of(name, size, step, Number(zeros), Number(log)) };
    },
    response: () => [],
    createProcessor: () => ({
      process(input, output, { settings }) {
        for (const [c, channel] of output.entries()) channel.set(input[c]);
        const [name, size, step] = settings;
        const weights = WINDOWS[NAMES[name]];
        const response = windowResponse(weights, size);
        const note = describe(response, size, step, rate);
        this.drawings = [
          drawSpectrogram(fields[0], input, weights, note, settings),
          drawWindow(fields[1], response),
        ];
      },
      states: [],
      copyState() {},
      reset() {},
    }),
  };
}

/**
 * @param {string} text @param {Float64Array[]} sound @param {number[]} weights @param {string} note
 * @param {Float64Array} settings
 */
function drawSpectrogram(text, sound, weights, note, [, size, step, zeros, log]) {
  const cells = spectrogram(sound, weights, size, step, size * zeros);
  const { rows, columns, levels } = cells;
  for (let i = 0; i < levels.length; i++)
    levels[i] = log ? 10 * Math.log10(Math.max(levels[i], 1e-24)) : Math.sqrt(levels[i]);
  const highest = levels.reduce((a, b) => Math.max(a, b));
  // The lower limit keeps the colors of silence dark.
  const top = log ? Math.max(-120, highest) : highest || 1;
  const described = { ...JSON.parse(text), rows, columns, level: { unit: log ? "dB" : "" }, note };
  return picture(
    "Spectrogram",
    JSON.stringify(described),
    [],
    { levels },
    rows,
    columns,
    log ? 120 : top,
    top,
  );
}

/**
 * Return the power of each cell, relative to a sine of amplitude 1: the highest of its bins and frames.
 *
 * @param {Float64Array[]} sound @param {number[]} weights @param {number} size @param {number} step
 * @param {number} length of the frame with its zeros
 */
function spectrogram(sound, weights, size, step, length) {
  const taps = windowTaps(weights, size);
  const reference = (taps.reduce((a, b) => a + b) / 2) ** 2 * sound.length;
  const samples = sound[0].length;
  const hop = step * Math.ceil(samples / (step * MAX_FRAMES));
  const bins = length / 2 + 1;
  const frames = 1 + Math.floor(samples / hop);
  const [rows, columns] = [Math.min(bins, ROWS), Math.min(frames, COLUMNS)];
  const levels = new Float64Array(rows * columns);
  const power = new Float64Array(bins);
  for (let frame = 0; frame < frames; frame++) {
    addPower(power.fill(0), sound, taps, frame * hop - size / 2, length);
    const from = Math.floor((frame * columns) / frames);
    for (let column = from; column < columns && Math.floor((column * frames) / columns) <= frame; column++)
      for (let row = 0; row < rows; row++) {
        const stop = Math.ceil(((row + 1) * bins) / rows);
        let highest = levels[row * columns + column];
        for (let k = Math.floor((row * bins) / rows); k < stop; k++) highest = Math.max(highest, power[k]);
        levels[row * columns + column] = highest;
      }
  }
  return { rows, columns, levels: levels.map((level) => level / reference) };
}

/**
 * @param {Float64Array} power @param {Float64Array[]} sound @param {Float64Array} taps @param {number} start
 * @param {number} length
 */
function addPower(power, sound, taps, start, length) {
  for (const samples of sound) {
    const values = frameSpectrum(samples, start, taps, length);
    for (let k = 0; k < power.length; k++) power[k] += values[2 * k] ** 2 + values[2 * k + 1] ** 2;
  }
}

/** @param {number[]} weights @param {number} size */
function windowTaps(weights, size) {
  return Float64Array.from({ length: size }, (_, n) =>
    weights.reduce((sum, weight, k) => sum + (-1) ** k * weight * Math.cos((2 * Math.PI * k * n) / size), 0),
  );
}

/**
 * Return the level of the spectrum of a window from bin 0 on, in dB. Each cosine adds two shifted spectra of a rectangle.
 *
 * @param {number[]} weights @param {number} size
 */
function windowResponse(weights, size) {
  const spectrum = Float64Array.from({ length: BINS * POINTS + 1 }, (_, point) => {
    let [re, im] = [0, 0];
    for (const [k, weight] of weights.entries())
      for (const bin of k ? [point / POINTS - k, point / POINTS + k] : [point / POINTS]) {
        const factor = (((-1) ** k * weight) / (k ? 2 : 1)) * rectangle(bin, size);
        const angle = (-Math.PI * bin * (size - 1)) / size;
        re += factor * Math.cos(angle);
        im += factor * Math.sin(angle);
      }
    return Math.hypot(re, im);
  });
  return spectrum.map((value) => 20 * Math.log10(Math.max(value / spectrum[0], 1e-9)));
}

/** The spectrum of `size` ones without its linear phase, which is real. @param {number} bin @param {number} size */
function rectangle(bin, size) {
  return bin === 0 ? size : Math.sin(Math.PI * bin) / Math.sin((Math.PI * bin) / size);
}

/** @param {Float64Array} level of the spectrum of the window @param {number} size @param {number} step @param {number} rate */
function describe(level, size, step, rate) {
  let edge = 1;
  while (edge < level.length && level[edge] <= level[edge - 1] + 1e-9) edge++;
  edge -= 1; // the last point before the level rises
  const lobe = (2 * edge) / POINTS;
  const side = level.subarray(edge).reduce((a, b) => Math.max(a, b));
  return (
    `Main lobe ${precise(lobe)} bins = ${threeDigits((lobe * rate) / size)} Hz wide, side lobes −${roundHalfToEven(-side)} dB, ` +
    `frames of ${threeDigits((1000 * size) / rate)} ms every ${threeDigits((1000 * step) / rate)} ms`
  );
}

/** Write a number above 0 with up to three digits; halves are rounded to the even digit, as in Python. @param {number} value */
function precise(value) {
  const factor = 10 ** (2 - Math.floor(Math.log10(value)));
  return String(roundHalfToEven(value * factor) / factor);
}

/** As `three_digits` in `fxlab/labs/spectrogram.py`. @param {number} value */
function threeDigits(value) {
  return value >= 100 ? String(roundHalfToEven(value)) : precise(value);
}

/** @param {string} text @param {Float64Array} level of the spectrum of the window */
function drawWindow(text, level) {
  const last = level.length - 1;
  const x0 = Float64Array.from({ length: 2 * last + 1 }, (_, i) => (i - last) / POINTS);
  const y0 = x0.map((_, i) => level[Math.abs(i - last)]);
  return plot("Window", text, [], { x0, y0 });
}
