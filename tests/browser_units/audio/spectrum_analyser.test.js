import { describe, expect, it } from "vitest";
import { Bands } from "../../../fxlab/browser/src/audio/spectrum_analyser.js";

const RATE = 48000;
const SIZE = 4096;

/** What an analyser makes of a sound: a Blackman window's spectrum, in dB. @param {(n: number) => number} sound */
function analysed(sound) {
  const x = Float64Array.from({ length: SIZE }, (_, n) => {
    const turn = (2 * Math.PI * n) / SIZE;
    return sound(n) * (0.42 - 0.5 * Math.cos(turn) + 0.08 * Math.cos(2 * turn));
  });
  return Float32Array.from({ length: SIZE / 2 }, (_, k) => {
    let re = 0;
    let im = 0;
    for (let n = 0; n < SIZE; n++) {
      re += x[n] * Math.cos((2 * Math.PI * k * n) / SIZE);
      im += x[n] * Math.sin((2 * Math.PI * k * n) / SIZE);
    }
    return 20 * Math.log10(Math.hypot(re, im) / SIZE);
  });
}

describe("Bands", () => {
  it("reads a sine at its peak level, wherever it falls, in the mean of the channels' power", () => {
    for (const hz of [60, 997, 1003.4, 9000]) {
      const bands = new Bands([hz], RATE);
      const spectrum = analysed((n) => 0.5 * Math.sin((2 * Math.PI * hz * n) / RATE + 0.3));
      bands.take([spectrum], 1);
      expect(bands.db[0]).toBeCloseTo(-6.02, 0);
      const silent = new Float32Array(SIZE / 2).fill(Number.NEGATIVE_INFINITY);
      const both = new Bands([hz], RATE);
      both.take([spectrum, silent], 1);
      expect(both.db[0]).toBeCloseTo(bands.db[0] - 3.01, 1);
    }
  });

  it("sinks no faster than it is let, to a floor, and rises at once", () => {
    const bands = new Bands([100, 1000, 20000], RATE);
    const silent = new Float32Array(SIZE / 2).fill(Number.NEGATIVE_INFINITY);
    const loud = new Float32Array(SIZE / 2).fill(-40);
    bands.take([loud], 1);
    const top = bands.db[1];
    expect(top).toBeGreaterThan(-30);
    bands.take([silent], 3);
    expect(bands.db[1]).toBeCloseTo(top - 3, 4);
    for (let i = 0; i < 60; i++) bands.take([silent], 3);
    expect([...bands.db]).toEqual([-150, -150, -150]);
    bands.take([loud], 3);
    expect(bands.db[1]).toBeCloseTo(top, 4);
  });
});
