import { describe, expect, it } from "vitest";
import { SpectrumBands } from "../../../fxlab/browser/src/audio/spectrum_bands.js";

const RATE = 48000;
const SIZE = 4096;

/**
 * Return the spectrum in dB of a sound with a Blackman window, as an AnalyserNode does.
 *
 * @param {(n: number) => number} sound
 */
function analyse(sound) {
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

describe("SpectrumBands", () => {
  it("reads the peak level of a sine of any frequency, and the mean power of the channels", () => {
    for (const hz of [60, 997, 1003.4, 9000]) {
      const bands = new SpectrumBands([hz], RATE);
      const spectrum = analyse((n) => 0.5 * Math.sin((2 * Math.PI * hz * n) / RATE + 0.3));
      bands.update([spectrum], 1);
      expect(bands.db[0]).toBeCloseTo(-6.02, 0);
      const silent = new Float32Array(SIZE / 2).fill(Number.NEGATIVE_INFINITY);
      const both = new SpectrumBands([hz], RATE);
      both.update([spectrum, silent], 1);
      expect(both.db[0]).toBeCloseTo(bands.db[0] - 3.01, 1);
    }
  });

  it("falls no faster than allowed, down to a floor, and rises at once", () => {
    const bands = new SpectrumBands([100, 1000, 20000], RATE);
    const silent = new Float32Array(SIZE / 2).fill(Number.NEGATIVE_INFINITY);
    const loud = new Float32Array(SIZE / 2).fill(-40);
    bands.update([loud], 1);
    const top = bands.db[1];
    expect(top).toBeGreaterThan(-30);
    bands.update([silent], 3);
    expect(bands.db[1]).toBeCloseTo(top - 3, 4);
    for (let i = 0; i < 60; i++) bands.update([silent], 3);
    expect([...bands.db]).toEqual([-150, -150, -150]);
    bands.update([loud], 3);
    expect(bands.db[1]).toBeCloseTo(top, 4);
  });
});
