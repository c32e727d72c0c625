import { describe, expect, it } from "vitest";
import { CEILING, Limiter } from "../../../fxlab/browser/src/audio/limiter.js";

const RATE = 48000;

/**
 * Limit a sound, and return the output of each channel.
 *
 * @param {Limiter} limiter
 * @param {number} frames
 * @param {(n: number, c: number) => number} sound
 * @param {(block: number) => void} [beforeBlock] is called with the number of each block
 */
function limit(limiter, frames, sound, beforeBlock) {
  const outputs = limiter.delayLines.length;
  const output = Array.from({ length: outputs }, () => new Float32Array(frames));
  const block = Array.from({ length: outputs }, () => new Float32Array(128));
  for (let at = 0; at < frames; at += 128) {
    beforeBlock?.(at / 128);
    const count = Math.min(128, frames - at);
    for (let c = 0; c < outputs; c++) for (let i = 0; i < count; i++) block[c][i] = sound(at + i, c);
    limiter.process(block, count);
    for (let c = 0; c < outputs; c++) output[c].set(block[c].subarray(0, count), at);
  }
  return output;
}

const maximum = (/** @type {Float32Array} */ x) => x.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
const sine = (/** @type {number} */ level, /** @type {number} */ hz) => (/** @type {number} */ n) =>
  level * Math.sin((2 * Math.PI * hz * n) / RATE);

/** Return the amplitude of one frequency over complete periods. @param {Float32Array} x @param {number} hz */
function amplitude(x, hz) {
  let re = 0;
  let im = 0;
  x.forEach((v, n) => {
    re += v * Math.cos((2 * Math.PI * hz * n) / RATE);
    im += v * Math.sin((2 * Math.PI * hz * n) / RATE);
  });
  return (2 * Math.hypot(re, im)) / x.length;
}

describe("Limiter", () => {
  it("passes sound below the ceiling bit by bit, 1.5 ms later, also after it has limited", () => {
    const limiter = new Limiter({ rate: RATE, outputs: 2 });
    expect(limiter.delay).toBe(72);
    const sound = (/** @type {number} */ n, /** @type {number} */ c) =>
      Math.fround((c ? -0.98 : 0.97) * Math.sin(n * n * 1e-5));
    const output = limit(limiter, 9000, sound);
    for (let c = 0; c < 2; c++) {
      for (let n = 72; n < 9000; n++) expect(output[c][n]).toBe(sound(n - 72, c));
    }
    expect(limiter.lowestGain).toBe(1);
    limit(limiter, 128, () => 30);
    expect(limiter.lowestGain).toBeLessThan(0.04);
    expect(limiter.peak).toBe(30);
    limit(limiter, 4 * RATE, () => 0);
    const again = limit(limiter, 1000, (n) => Math.fround(Math.sin(n) * 0.9));
    for (let n = 72; n < 1000; n++) expect(again[0][n]).toBe(Math.fround(Math.sin(n - 72) * 0.9));
  });

  it.each([
    ["a full-scale square", (/** @type {number} */ n) => (n % 100 < 50 ? 1 : -1)],
    ["a burst 40 dB over", (/** @type {number} */ n) => (n % 5000 < 300 ? 100 * Math.sin(n * 0.4) : 0.1)],
    ["+120 dB", (/** @type {number} */ n) => 1e6 * Math.sin(n * 1.7)],
    ["single samples, rising", (/** @type {number} */ n) => (n % 31 === 0 ? n * 0.01 : 0.2)],
    ["single samples, falling", (/** @type {number} */ n) => (n % 31 === 0 ? 200 - n * 0.01 : -0.2)],
    ["noise", (/** @type {number} */ n) => 8 * Math.sin(n * n * 0.37) * Math.sin(n * 0.01)],
  ])("never exceeds the ceiling: %s", (_, sound) => {
    const limiter = new Limiter({ rate: RATE, outputs: 2 });
    const output = limit(limiter, 20000, (n, c) => (c ? sound(n + 777) : sound(n)));
    for (const channel of output) expect(maximum(channel)).toBeLessThanOrEqual(CEILING);
    expect(Math.max(...output.map(maximum))).toBeGreaterThan(0.9);
  });

  it("reduces a tone that is 6 dB over by 6.1 dB, with little distortion", () => {
    for (const [hz, most] of [
      [1000, 0.001],
      [100, 0.02],
    ]) {
      const limiter = new Limiter({ rate: RATE, outputs: 1 });
      const [output] = limit(limiter, 2 * RATE, sine(2, hz));
      const part = output.subarray(RATE);
      const first = amplitude(part, hz);
      expect(20 * Math.log10(first)).toBeCloseTo(-0.1, 0);
      let harmonics = 0;
      for (let k = 2; k < 10; k++) harmonics += amplitude(part, k * hz) ** 2;
      expect(Math.sqrt(harmonics) / first).toBeLessThan(most);
    }
  });

  it("applies the same gain to all channels, so that the balance is kept", () => {
    const limiter = new Limiter({ rate: RATE, outputs: 2 });
    const output = limit(limiter, RATE, (n, c) => (c ? 0.25 : 1) * sine(4, 300)(n));
    for (let n = 1000; n < RATE; n++) expect(output[1][n]).toBeCloseTo(0.25 * output[0][n], 6);
  });

  it("is switched on and off without a step beyond those of the sound", () => {
    const limiter = new Limiter({ rate: RATE, outputs: 1 });
    const [output] = limit(limiter, 2 * RATE, sine(4, 50), (block) => {
      limiter.enabled = block % 150 < 75;
    });
    const own = 4 * 2 * Math.sin((Math.PI * 50) / RATE);
    let most = 0;
    for (let n = 1; n < output.length; n++) most = Math.max(most, Math.abs(output[n] - output[n - 1]));
    // The gain goes from 1 to a quarter within 1.5 ms.
    expect(most).toBeLessThan(own + 4 / limiter.delay);
    expect(maximum(output)).toBeGreaterThan(3);
  });
});
