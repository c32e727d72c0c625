import { describe, expect, it } from "vitest";
import { CEILING, Limiter } from "../../../fxlab/browser/src/audio/limiter.js";

const RATE = 48000;

/**
 * @param {Limiter} limiter
 * @param {number} frames
 * @param {(n: number, c: number) => number} sound
 * @param {(block: number) => void} [before] called with each block's number
 */
function through(limiter, frames, sound, before) {
  const outputs = limiter.lines.length;
  const heard = Array.from({ length: outputs }, () => new Float32Array(frames));
  const block = Array.from({ length: outputs }, () => new Float32Array(128));
  for (let at = 0; at < frames; at += 128) {
    before?.(at / 128);
    const count = Math.min(128, frames - at);
    for (let c = 0; c < outputs; c++) for (let i = 0; i < count; i++) block[c][i] = sound(at + i, c);
    limiter.pass(block, count);
    for (let c = 0; c < outputs; c++) heard[c].set(block[c].subarray(0, count), at);
  }
  return heard;
}

const top = (/** @type {Float32Array} */ x) => x.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
const sine = (/** @type {number} */ level, /** @type {number} */ hz) => (/** @type {number} */ n) =>
  level * Math.sin((2 * Math.PI * hz * n) / RATE);

/** The amplitude of one frequency, over whole periods. @param {Float32Array} x @param {number} hz */
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
  it("passes what is below the ceiling to the bit, 1.5 ms later, also after it has worked", () => {
    const limiter = new Limiter({ rate: RATE, outputs: 2 });
    expect(limiter.delay).toBe(72);
    const sound = (/** @type {number} */ n, /** @type {number} */ c) =>
      Math.fround((c ? -0.98 : 0.97) * Math.sin(n * n * 1e-5));
    const heard = through(limiter, 9000, sound);
    for (let c = 0; c < 2; c++) {
      for (let n = 72; n < 9000; n++) expect(heard[c][n]).toBe(sound(n - 72, c));
    }
    expect(limiter.lowest).toBe(1);
    through(limiter, 128, () => 30);
    expect(limiter.lowest).toBeLessThan(0.04);
    expect(limiter.peak).toBe(30);
    through(limiter, 4 * RATE, () => 0);
    const again = through(limiter, 1000, (n) => Math.fround(Math.sin(n) * 0.9));
    for (let n = 72; n < 1000; n++) expect(again[0][n]).toBe(Math.fround(Math.sin(n - 72) * 0.9));
  });

  it.each([
    ["a square of full scale", (/** @type {number} */ n) => (n % 100 < 50 ? 1 : -1)],
    ["a burst 40 dB over", (/** @type {number} */ n) => (n % 5000 < 300 ? 100 * Math.sin(n * 0.4) : 0.1)],
    ["+120 dB", (/** @type {number} */ n) => 1e6 * Math.sin(n * 1.7)],
    ["single samples, rising", (/** @type {number} */ n) => (n % 31 === 0 ? n * 0.01 : 0.2)],
    ["single samples, falling", (/** @type {number} */ n) => (n % 31 === 0 ? 200 - n * 0.01 : -0.2)],
    ["noise", (/** @type {number} */ n) => 8 * Math.sin(n * n * 0.37) * Math.sin(n * 0.01)],
  ])("never lets anything above the ceiling: %s", (_, sound) => {
    const limiter = new Limiter({ rate: RATE, outputs: 2 });
    const heard = through(limiter, 20000, (n, c) => (c ? sound(n + 777) : sound(n)));
    for (const channel of heard) expect(top(channel)).toBeLessThanOrEqual(CEILING);
    expect(Math.max(...heard.map(top))).toBeGreaterThan(0.9);
  });

  it("brings a tone 6 dB over down by 6.1 dB, and hardly bends it", () => {
    for (const [hz, most] of [
      [1000, 0.001],
      [100, 0.02],
    ]) {
      const limiter = new Limiter({ rate: RATE, outputs: 1 });
      const [heard] = through(limiter, 2 * RATE, sine(2, hz));
      const part = heard.subarray(RATE);
      const first = amplitude(part, hz);
      expect(20 * Math.log10(first)).toBeCloseTo(-0.1, 0);
      let harmonics = 0;
      for (let k = 2; k < 10; k++) harmonics += amplitude(part, k * hz) ** 2;
      expect(Math.sqrt(harmonics) / first).toBeLessThan(most);
    }
  });

  it("gives all channels one gain, so that the sides keep their balance", () => {
    const limiter = new Limiter({ rate: RATE, outputs: 2 });
    const heard = through(limiter, RATE, (n, c) => (c ? 0.25 : 1) * sine(4, 300)(n));
    for (let n = 1000; n < RATE; n++) expect(heard[1][n]).toBeCloseTo(0.25 * heard[0][n], 6);
  });

  it("is switched without a step beyond the sound's own", () => {
    const limiter = new Limiter({ rate: RATE, outputs: 1 });
    const [heard] = through(limiter, 2 * RATE, sine(4, 50), (block) => {
      limiter.on = block % 150 < 75;
    });
    const own = 4 * 2 * Math.sin((Math.PI * 50) / RATE);
    let most = 0;
    for (let n = 1; n < heard.length; n++) most = Math.max(most, Math.abs(heard[n] - heard[n - 1]));
    // The gain itself goes from 1 to a quarter within 1.5 ms.
    expect(most).toBeLessThan(own + 4 / limiter.delay);
    expect(top(heard)).toBeGreaterThan(3);
  });
});
