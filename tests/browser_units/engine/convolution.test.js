import { expect, test } from "vitest";
import { convolve, createConvolver, fourierTransform } from "../../../fxlab/browser/src/engine/index.js";

/** @param {number} count @param {number} seed */
function noise(count, seed) {
  let state = seed;
  return Float64Array.from({ length: count }, () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648 - 0.5;
  });
}

test.each([8, 10, 63])("a transform of %i numbers and back gives the numbers", (n) => {
  const x = noise(2 * n, n);
  const spectrum = new Float64Array(2 * n);
  const back = new Float64Array(2 * n);
  fourierTransform(spectrum, x, 1, n, -1);
  fourierTransform(back, spectrum, 1, n, 1);
  back.forEach((value, i) => {
    expect(value / n).toBeCloseTo(x[i], 12);
  });
  let sum = 0;
  for (let i = 0; i < n; i++) sum += x[2 * i];
  expect(spectrum[0]).toBeCloseTo(sum, 12);
});

test("a stream in partitions equals the convolution of the complete sound", () => {
  const [time, blocks, count] = [16, 6, 41];
  const x = noise(time * blocks, 1);
  const taps = noise(count, 2);
  const expected = new Float64Array(x.length);
  const padded = new Float64Array(count - 1 + x.length);
  padded.set(x, count - 1);
  convolve(expected, padded, taps, 1, x.length, count, 0);
  const convolver = createConvolver(1, time, count, 0);
  const y = new Float64Array(x.length);
  for (const _ of [1, 2]) {
    convolver.reset();
    for (let start = 0; start < x.length; start += time) {
      convolver.process(y.subarray(start, start + time), x.subarray(start, start + time), taps);
    }
    y.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 12);
    });
  }
});
