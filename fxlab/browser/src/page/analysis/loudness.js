import { kWeighting } from "../../audio/k_weighting.js";

/** Seconds of a block, and from one block to the next. */
const BLOCK = 0.4;
const STEP = 0.1;
/** dB */
const OFFSET = -0.691;
/** LUFS and LU: blocks below these gates do not count. */
const ABSOLUTE_GATE = -70;
const RELATIVE_GATE = -10;
/** The lowest sample rate for which the weighting is defined, in Hz. */
const MIN_RATE = 3400;
/** @type {Record<number, number[]>} */
const CHANNEL_WEIGHTS = { 5: [1, 1, 1, 1.41, 1.41], 6: [1, 1, 1, 0, 1.41, 1.41] };

/** @param {number[]} values */
const mean = (values) =>
  values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : 0;

/** @param {number} power */
const toLufs = (power) => OFFSET + 10 * Math.log10(power);

/**
 * Return the integrated loudness in LUFS, by ITU-R BS.1770; null where there is none.
 *
 * @param {Float32Array[]} channels @param {number} rate
 * @returns {number | null}
 */
export function integratedLoudness(channels, rate) {
  if (rate < MIN_RATE) return null;
  const frames = channels[0].length;
  const total = new Float64Array(frames + 1);
  const weights = CHANNEL_WEIGHTS[channels.length] ?? channels.map(() => 1);
  channels.forEach((channel, c) => {
    addWeightedPower(channel, rate, weights[c], total);
  });
  for (let i = 0; i < frames; i++) total[i + 1] += total[i];
  const size = Math.max(1, Math.min(frames, Math.round(BLOCK * rate)));
  /** @type {number[]} */
  const powers = [];
  for (let block = 0; ; block++) {
    const start = Math.round(block * STEP * rate);
    if (start + size > frames) break;
    powers.push((total[start + size] - total[start]) / size);
  }
  const loud = powers.filter((power) => toLufs(power) > ABSOLUTE_GATE);
  const gate = mean(loud) * 10 ** (RELATIVE_GATE / 10);
  const loudness = toLufs(mean(loud.filter((power) => power > gate)));
  return Number.isFinite(loudness) ? loudness : null;
}

/** @param {Float32Array} channel @param {number} rate @param {number} weight @param {Float64Array} total gets the power of each sample, from index 1 on */
function addWeightedPower(channel, rate, weight, total) {
  const [b0, b1, b2, a1, a2, c0, c1, c2, d1, d2] = kWeighting(rate);
  let [s1, s2, t1, t2] = [0, 0, 0, 0];
  for (let i = 0; i < channel.length; i++) {
    const x = channel[i];
    const shelf = b0 * x + s1;
    s1 = b1 * x - a1 * shelf + s2;
    s2 = b2 * x - a2 * shelf;
    const y = c0 * shelf + t1;
    t1 = c1 * shelf - d1 * y + t2;
    t2 = c2 * shelf - d2 * y;
    total[i + 1] += weight * y * y;
  }
}

/** Return the highest absolute sample in dBFS; null for silence. @param {Float32Array[]} channels @returns {number | null} */
export function peakDb(channels) {
  let peak = 0;
  for (const channel of channels) for (const value of channel) peak = Math.max(peak, Math.abs(value));
  return peak > 0 ? 20 * Math.log10(peak) : null;
}
