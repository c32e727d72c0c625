/**
 * The output over the input, sample by sample and level by level, of a tone whose level rises, as
 * `fxlab.analysis.transfer.measure_transfer`.
 *
 * @import { Coefficients, Program } from "../../engine/program"
 */

export const MIN_LEVEL = -60;
const MAX_LEVEL = 0;
const LEVEL_STEP = 3;
/** Hz */
const TONE = 220;
/** In seconds. */
const STEP = 0.06;
/** The blocks between two pauses. */
const BLOCKS = 64;

/** @typedef {{ inputLevels: Float32Array, outputLevels: Float32Array, input: Float32Array, output: Float32Array }} Transfer */

/**
 * Measure a live program in steps; the last one returns the result, null if the output is not finite.
 *
 * @param {Program} program @param {Coefficients} coefficients
 * @returns {Generator<undefined, Transfer | null>}
 */
export function* measureTransfer(program, coefficients) {
  const { rate, blockSize, channels, outputChannels, lag = 0 } = program;
  const period = Math.max(4, Math.round(rate / TONE));
  const length = Math.max(4, Math.round((STEP * rate) / period)) * period;
  const count = 1 + (MAX_LEVEL - MIN_LEVEL) / LEVEL_STEP;
  const levels = Float32Array.from({ length: count }, (_, i) => MIN_LEVEL + LEVEL_STEP * i);
  const x = Float64Array.from({ length: count * length }, (_, n) => {
    return Math.sin((2 * Math.PI * (n % period)) / period) * 10 ** (levels[Math.floor(n / length)] / 20);
  });
  const y = new Float64Array(x.length);
  const processor = program.createProcessor();
  const createBlock = (/** @type {number} */ rows) =>
    Array.from({ length: rows }, () => new Float64Array(blockSize));
  const [input, output] = [createBlock(channels), createBlock(outputChannels)];
  for (let start = 0, n = 1; start < x.length + lag; start += blockSize, n++) {
    for (const channel of input) {
      channel.fill(0);
      if (start < x.length) channel.set(x.subarray(start, start + blockSize));
    }
    processor.process(input, output, coefficients);
    for (let i = 0; i < blockSize; i++) {
      const at = start + i - lag;
      if (at >= 0 && at < y.length) y[at] = output[0][i];
    }
    if (n % BLOCKS === 0) yield;
  }
  if (!y.every(Number.isFinite)) return null;
  // The first half of a step is not used: it still contains the response to the step before.
  const outputLevels = levels.map((_, step) => {
    const settled = y.subarray(step * length + Math.floor(length / 2), (step + 1) * length);
    const power = settled.reduce((sum, value) => sum + value * value, 0) / settled.length;
    return 10 * Math.log10(2 * Math.max(power, 1e-20));
  });
  const last = (/** @type {Float64Array} */ values) => Float32Array.from(values.subarray(-2 * period));
  return { inputLevels: levels, outputLevels, input: last(x), output: last(y) };
}
