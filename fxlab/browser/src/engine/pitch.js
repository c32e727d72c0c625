/** Changes of the speed and the pitch, as `Speed`, `TimeStretch` and `PitchShift` of `fxlab.effects.pitch`. */

import { frameSpectrum, transform } from "./fourier.js";
import { refuse, roundHalfToEven } from "./numbers.js";
import { convertedLength, nearestFraction, resample } from "./resampling.js";

/** The number of frames of the phase vocoder that overlap at each sample. */
const OVERLAP = 4;
/** A peak of a spectrum is larger than this many bins on each side. */
const REACH = 2;
/** The largest denominator of the ratios of `Speed` and `PitchShift`. */
const MAX_DENOMINATOR = 1000;
/** Real and imaginary parts of up to this magnitude count as 0, as in `fxlab.effects.pitch.unit`. */
const TINY = 2 ** 24 * 2.2250738585072014e-308;

const TOO_LONG =
  "This page has no memory for so long an output. Choose a higher rate, or open the notebook for this one.";

/** @param {number} rate */
function speedRatio(rate) {
  const { numerator, denominator } = nearestFraction(rate, MAX_DENOMINATOR);
  return { up: denominator, down: numerator };
}

/**
 * Compute the length of a sound that is played at another speed, with another pitch, and refuse one above `most`.
 *
 * @param {Float64Array} length one number
 * @param {ArrayLike<number>} rate one number
 * @param {number} time
 * @param {number} most
 */
export function fasterLength(length, rate, time, most) {
  length[0] = convertedLength(time, speedRatio(rate[0]));
  if (length[0] > most) refuse(TOO_LONG);
}

/**
 * Compute the length of a sound that is stretched, with the same pitch, and refuse one above `most`.
 *
 * @param {Float64Array} length one number
 * @param {ArrayLike<number>} rate one number
 * @param {number} time
 * @param {number} most
 */
export function stretchedLength(length, rate, time, most) {
  length[0] = Math.max(1, roundHalfToEven(time / rate[0]));
  if (length[0] > most) refuse(TOO_LONG);
}

/**
 * Play rows at another speed, which changes the pitch as well; silence follows.
 *
 * @param {Float64Array} y `(rows, size)`
 * @param {Float64Array} x `(rows, time)`
 * @param {ArrayLike<number>} length one number, of the samples before the silence
 * @param {ArrayLike<number>} rate one number
 * @param {number} rows
 * @param {number} time
 * @param {number} size
 */
export function playFaster(y, x, length, rate, rows, time, size) {
  y.fill(0);
  const ratio = speedRatio(rate[0]);
  for (let row = 0; row < rows; row++)
    y.set(resample(x.subarray(row * time, (row + 1) * time), length[0], ratio), row * size);
}

/**
 * Play rows at another speed with the same pitch; silence follows.
 *
 * @param {Float64Array} y `(rows, size)`
 * @param {Float64Array} x `(rows, time)`
 * @param {ArrayLike<number>} length one number, of the samples before the silence
 * @param {ArrayLike<number>} rate one number
 * @param {number} rows
 * @param {number} time
 * @param {number} size
 * @param {number} window the length of the frames
 */
export function stretchTime(y, x, length, rate, rows, time, size, window) {
  y.fill(0);
  for (let row = 0; row < rows; row++)
    y.set(stretch(x.subarray(row * time, (row + 1) * time), rate[0], length[0], window), row * size);
}

/**
 * Shift the pitch of rows: stretch them, and undo the change of their length by another sample rate.
 *
 * @param {Float64Array} y `(rows, time)`
 * @param {Float64Array} x `(rows, time)`
 * @param {ArrayLike<number>} semitones one number
 * @param {number} rows
 * @param {number} time
 * @param {number} window the length of the frames
 */
export function shiftPitch(y, x, semitones, rows, time, window) {
  const { numerator, denominator } = nearestFraction(2 ** (semitones[0] / 12), MAX_DENOMINATOR);
  const ratio = { up: denominator, down: numerator };
  const length = Math.max(1, roundedQuotient(time * numerator, denominator));
  y.fill(0);
  for (let row = 0; row < rows; row++) {
    let sound = x.slice(row * time, (row + 1) * time);
    if (numerator !== denominator) {
      const longer = stretch(sound, denominator / numerator, length, window);
      sound = resample(longer, Math.min(time, convertedLength(length, ratio)), ratio);
    }
    y.set(sound, row * time);
  }
}

/** Divide whole numbers and round, halves to the even number. @param {number} a @param {number} b */
function roundedQuotient(a, b) {
  const below = Math.floor(a / b);
  const rest = 2 * (a - below * b);
  return rest > b || (rest === b && below % 2 === 1) ? below + 1 : below;
}

/**
 * Return `length` samples of `x`, played `rate` times as fast by a phase vocoder with identity phase locking.
 *
 * @param {Float64Array} x
 * @param {number} rate
 * @param {number} length
 * @param {number} size the length of the frames, a power of two
 */
function stretch(x, rate, length, size) {
  const hop = size / OVERLAP;
  const half = OVERLAP / 2;
  const frames = Math.ceil(length / hop) + 2 * half;
  const window = Float64Array.from(
    { length: size },
    (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / size),
  );
  const power = window.reduce((sum, value) => sum + value * value, 0);
  const total = new Float64Array((frames + OVERLAP) * hop);
  const turns = new PeakTurns(size / 2 + 1);
  /** @param {number} start */
  const spectrumFrom = (start) => frameSpectrum(x, start, window, size);
  for (let frame = 0; frame < frames; frame++) {
    const start = roundHalfToEven((frame - half) * hop * rate) - size / 2;
    const spectrum = spectrumFrom(start);
    const turned = rate === 1 ? spectrum : turns.apply(spectrum, spectrumFrom(start - hop), size);
    transform(turned, true);
    for (let n = 0; n < size; n++)
      total[frame * hop + n] += ((turned[2 * n] / size) * window[n] * hop) / power;
  }
  return total.subarray(size, size + length);
}

/** The factors of magnitude 1 by which the bins of successive frames are turned. */
class PeakTurns {
  /** The last spectrum. @type {Float64Array | null} */ #last = null;

  /** @param {number} bins */
  constructor(bins) {
    this.bins = bins;
    this.factors = new Float64Array(2 * bins);
    this.steps = new Float64Array(2 * bins);
    this.peaks = new Int32Array(bins);
    this.power = new Float64Array(bins);
  }

  /**
   * Return the turned spectrum, with its negative frequencies.
   *
   * @param {Float64Array} spectrum
   * @param {Float64Array} earlier that of the frame that begins a hop before it in the input
   * @param {number} size
   */
  apply(spectrum, earlier, size) {
    const { bins, factors, steps, peaks, power } = this;
    const last = this.#last;
    for (let k = 0; k < bins; k++) {
      const [re, im] = [spectrum[2 * k], spectrum[2 * k + 1]];
      power[k] = re * re + im * im;
      if (last) this.#step(k, last, earlier);
    }
    if (last) findPeaks(peaks, power);
    const turned = new Float64Array(2 * size);
    for (let k = 0; k < bins; k++) {
      factors[2 * k] = last ? steps[2 * peaks[k]] : 1;
      factors[2 * k + 1] = last ? steps[2 * peaks[k] + 1] : 0;
      const re = spectrum[2 * k] * factors[2 * k] - spectrum[2 * k + 1] * factors[2 * k + 1];
      const im = spectrum[2 * k] * factors[2 * k + 1] + spectrum[2 * k + 1] * factors[2 * k];
      turned[2 * k] = re;
      turned[2 * k + 1] = k === 0 || k === bins - 1 ? 0 : im;
      if (k > 0 && k < bins - 1) {
        turned[2 * (size - k)] = re;
        turned[2 * (size - k) + 1] = -im;
      }
    }
    this.#last = spectrum;
    return turned;
  }

  /** Compute the factor of a bin, whose phase changes from frame to frame as in the input. @param {number} k @param {Float64Array} last @param {Float64Array} earlier */
  #step(k, last, earlier) {
    const { factors, steps } = this;
    let re = last[2 * k] * earlier[2 * k] + last[2 * k + 1] * earlier[2 * k + 1];
    let im = last[2 * k + 1] * earlier[2 * k] - last[2 * k] * earlier[2 * k + 1];
    re = Math.abs(re) <= TINY ? 0 : re;
    im = Math.abs(im) <= TINY ? 0 : im;
    const size = Math.hypot(re, im);
    const [unitRe, unitIm] = size === 0 ? [1, 0] : [re / size, im / size];
    steps[2 * k] = factors[2 * k] * unitRe - factors[2 * k + 1] * unitIm;
    steps[2 * k + 1] = factors[2 * k] * unitIm + factors[2 * k + 1] * unitRe;
  }
}

/**
 * Find the nearest peak for each bin, the lower of two; without a peak each bin is its own.
 *
 * @param {Int32Array} peaks
 * @param {Float64Array} power
 */
function findPeaks(peaks, power) {
  const bins = power.length;
  let below = -1;
  for (let k = 0; k < bins; k++) {
    let isPeak = power[k] > 0;
    for (let n = Math.max(0, k - REACH); isPeak && n <= Math.min(bins - 1, k + REACH); n++)
      isPeak = power[k] >= power[n];
    if (!isPeak) continue;
    const middle = below < 0 ? -1 : Math.floor((below + k) / 2);
    for (let bin = below + 1; bin <= k; bin++) peaks[bin] = bin <= middle ? below : k;
    below = k;
  }
  for (let bin = below + 1; bin < bins; bin++) peaks[bin] = below < 0 ? bin : below;
}
