/** @import { Coefficients, Program, StageResponse } from "../../engine/program" */

/** The response ends where the slowest pole has decayed by 80 dB, between 64 samples and 4 seconds. */
const DECAY = 1e-4;
const MIN_SAMPLES = 64;
const MAX_SECONDS = 4;

/** The frames on either side of an impulse that are looked at, of a module that is not causal. */
const MIDDLE_FRAMES = 8192;

/** Return the impulse response of stages in series. @param {StageResponse[]} stages @param {number} rate */
export function impulseOfStages(stages, rate) {
  const length = Math.min(
    Math.ceil(MAX_SECONDS * rate),
    stages.reduce((sum, stage) => sum + lengthOf(stage), 0) + MIN_SAMPLES,
  );
  let h = new Float64Array(length);
  h[0] = 1;
  for (const { sections, taps } of stages) {
    if (taps) h = convolve(h, taps);
    for (let i = 0; sections && i < sections.length; i += 6) filter(h, sections.subarray(i, i + 6));
  }
  return h;
}

/** @param {StageResponse} stage in samples */
function lengthOf({ sections, taps }) {
  let radius = 0;
  for (let i = 0; sections && i < sections.length; i += 6) {
    const [a0, a1, a2] = sections.subarray(i + 3, i + 6);
    const root = a1 * a1 - 4 * a0 * a2;
    const size = root < 0 ? Math.sqrt(a2 / a0) : (Math.abs(a1) + Math.sqrt(root)) / (2 * Math.abs(a0));
    radius = Math.max(radius, size);
  }
  const decay = radius > 0 && radius < 1 ? Math.log(DECAY) / Math.log(radius) : 0;
  return Math.ceil((radius >= 1 ? Number.MAX_SAFE_INTEGER / 1e3 : decay) + (taps?.length ?? 0));
}

/** Filter in place with one section. @param {Float64Array} x @param {Float64Array} section */
function filter(x, section) {
  const [b0, b1, b2, a0, a1, a2] = section;
  let [s1, s2] = [0, 0];
  for (let i = 0; i < x.length; i++) {
    const y = (b0 * x[i]) / a0 + s1;
    s1 = (b1 * x[i] - a1 * y) / a0 + s2;
    s2 = (b2 * x[i] - a2 * y) / a0;
    x[i] = y;
  }
}

/** @param {Float64Array} x @param {Float64Array} taps */
function convolve(x, taps) {
  const y = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) {
    if (x[i] === 0) continue;
    const count = Math.min(taps.length, x.length - i);
    for (let k = 0; k < count; k++) y[i + k] += x[i] * taps[k];
  }
  return y;
}

/**
 * Return the impulse response of a linear program whose stages are not known, such as a sum: the output for an impulse, in its
 * first channel. That of a program that is not causal begins before the impulse, so only its magnitude has a meaning.
 *
 * @param {Program} program @param {Coefficients} coefficients
 */
export function impulseOfProgram(program, coefficients) {
  if (!program.live) return impulseInTheMiddle(program, coefficients);
  const size = program.blockSize;
  const processor = program.createProcessor();
  const input = Array.from({ length: program.channels }, () => new Float64Array(size));
  const block = Array.from({ length: program.outputChannels }, () => new Float64Array(size));
  for (const channel of input) channel[0] = 1;
  const h = new Float64Array(Math.ceil((MAX_SECONDS * program.rate) / size) * size);
  let largest = 0;
  let end = 0;
  for (let start = 0; start < h.length; start += size) {
    processor.process(input, block, coefficients);
    for (const channel of input) channel[0] = 0;
    h.set(block[0], start);
    let peak = 0;
    for (const value of block[0]) peak = Math.max(peak, Math.abs(value));
    largest = Math.max(largest, peak);
    if (peak > DECAY * largest) end = start + size;
    // After a quarter of a second without anything it has decayed.
    if (start - end > program.rate / 4) break;
  }
  return h.subarray(0, Math.max(end, size));
}

/** Return the part of an output around an impulse in the middle of silence. @param {Program} program @param {Coefficients} coefficients */
function impulseInTheMiddle(program, coefficients) {
  const size = program.blockSize;
  const input = Array.from({ length: program.channels }, () => new Float64Array(size));
  const frames = program.outputSize ?? size;
  const output = Array.from({ length: program.outputChannels }, () => new Float64Array(frames));
  const middle = Math.floor(size / 2);
  for (const channel of input) channel[middle] = 1;
  program.createProcessor().process(input, output, coefficients);
  return output[0].slice(Math.max(0, middle - MIDDLE_FRAMES), middle + MIDDLE_FRAMES);
}
