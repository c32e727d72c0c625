/** Conversion of the sample rate, as `fxlab.engine.resampling.polyphase`: a sinc with a Kaiser window. */

import { besselI0 } from "./numbers.js";

/** The half-width of the sinc in periods of the lower rate. */
const ZERO_CROSSINGS = 64;
/** The passband ends at this share of half the lower rate. */
const PASSBAND = 0.9;
/** The parameter of the Kaiser window for an attenuation of 100 dB. */
const BETA = 0.1102 * (100 - 8.7);
/** The largest number of different kernels that are kept; others are interpolated for each sample. */
const MAX_KERNELS = 2048;
/** The number of kernels between which others are interpolated, by Chebyshev polynomials. */
const NODES = 18;

/** @typedef {{ up: number, down: number }} Ratio of the sample rates, in lowest terms */

/**
 * Return `count` samples of `x` at `up / down` times its sample rate; sample m is at the position `m down / up`.
 *
 * @param {Float64Array} x
 * @param {number} count
 * @param {Ratio} ratio
 */
export function resample(x, count, { up, down }) {
  const y = new Float64Array(count);
  if (up === down) {
    y.set(x.subarray(0, count));
    return y;
  }
  const reach = Math.ceil(ZERO_CROSSINGS * Math.max(1, down / up));
  const kernelAt = up <= MAX_KERNELS ? keptKernels(up, down, reach) : interpolatedKernels(up, down, reach);
  for (let m = 0; m < count; m++) {
    const position = m * down;
    const base = Math.floor(position / up);
    const kernel = kernelAt(position - base * up);
    const first = Math.max(0, base - reach);
    const stop = Math.min(x.length, base + reach + 1);
    let sum = 0;
    for (let n = first, k = first - base + reach; n < stop; n++, k++) sum += x[n] * kernel[k];
    y[m] = sum;
  }
  return y;
}

/**
 * Return the kernel whose center is `share` of a sample after an input sample, before it is scaled to the sum 1.
 *
 * @param {number} share
 * @param {number} up
 * @param {number} down
 * @param {number} reach
 */
function kernelOf(share, up, down, reach) {
  const cutoff = (Math.min(1, up / down) * (1 + PASSBAND)) / 2;
  return Float64Array.from({ length: 2 * reach + 1 }, (_, k) => {
    const distance = k - reach - share;
    if (Math.abs(distance) > reach) return 0;
    const window = besselI0(BETA * Math.sqrt(Math.max(0, 1 - (distance / reach) ** 2)));
    const angle = Math.PI * cutoff * distance;
    return window * (angle === 0 ? 1 : Math.sin(angle) / angle);
  });
}

/** Scale a kernel to the sum 1. @param {Float64Array} kernel */
function normalized(kernel) {
  let sum = 0;
  for (const tap of kernel) sum += tap;
  return kernel.map((tap) => tap / sum);
}

/** @param {number} up @param {number} down @param {number} reach @returns {(phase: number) => Float64Array} */
function keptKernels(up, down, reach) {
  /** @type {Float64Array[]} */
  const kept = [];
  return (phase) => {
    kept[phase] ??= normalized(kernelOf(phase / up, up, down, reach));
    return kept[phase];
  };
}

/** @param {number} up @param {number} down @param {number} reach @returns {(phase: number) => Float64Array} */
function interpolatedKernels(up, down, reach) {
  const size = 2 * reach + 1;
  const angles = Array.from({ length: NODES }, (_, n) => (Math.PI * (n + 0.5)) / NODES);
  const nodes = angles.map((angle) => kernelOf((1 + Math.cos(angle)) / 4, up, down, reach));
  const coefficients = angles.map((_, n) => {
    const sums = new Float64Array(size);
    nodes.forEach((node, k) => {
      const weight = (Math.cos(n * angles[k]) * (n === 0 ? 1 : 2)) / NODES;
      for (let tap = 0; tap < size; tap++) sums[tap] += weight * node[tap];
    });
    return sums;
  });
  const whole = normalized(kernelOf(0, up, down, reach));
  const kernel = new Float64Array(size);
  const mirrored = new Float64Array(size);
  return (phase) => {
    if (phase === 0) return whole;
    const angle = Math.acos((4 * Math.min(phase, up - phase)) / up - 1);
    kernel.fill(0);
    for (let n = 0; n < NODES; n++) {
      const weight = Math.cos(n * angle);
      const part = coefficients[n];
      for (let tap = 0; tap < size; tap++) kernel[tap] += weight * part[tap];
    }
    const result = normalized(kernel);
    if (2 * phase <= up) return result;
    for (let tap = 1; tap < size; tap++) mirrored[tap] = result[size - tap];
    return mirrored;
  };
}

/**
 * Return the fraction closest to a number with a denominator of at most `most`, as `Fraction.limit_denominator` of Python.
 *
 * @param {number} value above 0
 * @param {number} most
 * @returns {{ numerator: number, denominator: number }}
 */
export function nearestFraction(value, most) {
  let scale = 1n;
  let scaled = value;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    scale *= 2n;
  }
  let [n, d] = [BigInt(scaled), scale];
  const limit = BigInt(most);
  let [p0, q0, p1, q1] = [0n, 1n, 1n, 0n];
  while (d !== 0n) {
    const whole = n / d;
    const q2 = q0 + whole * q1;
    if (q2 > limit) break;
    [p0, q0, p1, q1] = [p1, q1, p0 + whole * p1, q2];
    [n, d] = [d, n - whole * d];
  }
  if (d === 0n) return { numerator: Number(p1), denominator: Number(q1) };
  const k = (limit - q0) / q1;
  const [p2, q2] = [p0 + k * p1, q0 + k * q1];
  // Whether the first of the two fractions is the closer one, by a comparison of integers.
  const isFirst = 2n * d * q2 <= scale;
  return isFirst
    ? { numerator: Number(p1), denominator: Number(q1) }
    : { numerator: Number(p2), denominator: Number(q2) };
}

/**
 * Return the ratio of two sample rates.
 *
 * @param {number} from
 * @param {number} to
 * @returns {Ratio}
 */
export function rateRatio(from, to) {
  if (Number.isInteger(from) && Number.isInteger(to)) {
    let [a, b] = [from, to];
    while (b) [a, b] = [b, a % b];
    if (to / a <= 2 ** 20 && from / a <= 2 ** 20) return { up: to / a, down: from / a };
  }
  const { numerator, denominator } = nearestFraction(to / from, 2 ** 20);
  return { up: numerator, down: denominator };
}

/** The number of samples after a conversion. @param {number} samples @param {Ratio} ratio */
export function convertedLength(samples, { up, down }) {
  return Math.ceil((samples * up) / down);
}

/**
 * Convert rows to another sample rate.
 *
 * @param {Float64Array} y `(rows, size)`
 * @param {Float64Array} x `(rows, time)`
 * @param {number} rows
 * @param {number} time
 * @param {number} size
 * @param {number} from the sample rate of `x`
 * @param {number} to that of `y`
 */
export function convertRate(y, x, rows, time, size, from, to) {
  const ratio = rateRatio(from, to);
  for (let row = 0; row < rows; row++)
    y.set(resample(x.subarray(row * time, (row + 1) * time), size, ratio), row * size);
}

/**
 * Convert rows to another sample rate and back, so that they can be played at their own rate.
 *
 * @param {Float64Array} y `(rows, time)`
 * @param {Float64Array} x `(rows, time)`
 * @param {number} rows
 * @param {number} time
 * @param {number} rate that of `x`
 * @param {ArrayLike<number>} other one number, the other rate
 */
export function convertRateAndBack(y, x, rows, time, rate, other) {
  const [there, back] = [rateRatio(rate, other[0]), rateRatio(other[0], rate)];
  const length = convertedLength(time, there);
  for (let row = 0; row < rows; row++) {
    const converted = resample(x.subarray(row * time, (row + 1) * time), length, there);
    y.set(resample(converted, time, back), row * time);
  }
}
