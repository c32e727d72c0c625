import { describe, expect, it } from "vitest";
import { decibels, responseOfStage } from "../../../fxlab/browser/src/page/analysis/complex_response.js";
import { frequencyGrid } from "../../../fxlab/browser/src/page/analysis/frequency_grid.js";
import { impulseOfStages } from "../../../fxlab/browser/src/page/analysis/impulse.js";
import { integratedLoudness } from "../../../fxlab/browser/src/page/analysis/loudness.js";
import { phaseAndDelay } from "../../../fxlab/browser/src/page/analysis/phase.js";
import { pairRoots, rootsOfStage } from "../../../fxlab/browser/src/page/analysis/roots.js";
import { spectrogram } from "../../../fxlab/browser/src/page/analysis/spectrogram.js";
import { longTermSpectrum } from "../../../fxlab/browser/src/page/analysis/spectrum.js";
import { findUnstable } from "../../../fxlab/browser/src/page/analysis/stability.js";

const RATE = 48_000;
const GRID = frequencyGrid(RATE);

/** A resonance of radius r at an angle, with zeros at 1 and -1. @param {number} r @param {number} angle */
const resonance = (r, angle) => Float64Array.of(1, 0, -1, 1, -2 * r * Math.cos(angle), r * r);

/** @param {number} frequency @param {number} seconds @param {number} peak */
const sine = (frequency, seconds, peak) =>
  Float32Array.from(
    { length: seconds * RATE },
    (_, n) => peak * Math.sin((2 * Math.PI * frequency * n) / RATE),
  );

describe("responses", () => {
  it("the phase is continuous, and the group delay is its slope", () => {
    const stages = [
      { path: "0", sections: resonance(0.98, 0.3) },
      { path: "1", taps: Float64Array.of(1, 4, 6, 4, 1) },
    ];
    const fine = Float64Array.from({ length: 4000 }, (_, k) => 20 + 5 * k);
    const { phase, delay } = phaseAndDelay(stages, fine, RATE);
    for (let k = 1; k < fine.length - 1; k++) {
      const slope = (-(phase[k + 1] - phase[k - 1]) / (10 * 2 * Math.PI)) * RATE;
      expect(Math.abs(slope - delay[k])).toBeLessThan(1e-3 * Math.max(1, Math.abs(delay[k])) + 0.02);
    }
  });

  it("symmetric taps delay by half their length, however far the frequencies are apart", () => {
    const taps = Float64Array.from({ length: 801 }, (_, n) => Math.exp(-(((n - 400) / 30) ** 2)));
    const { phase, delay } = phaseAndDelay([{ path: "", taps }], GRID.subarray(0, 256), RATE);
    delay.forEach((value, k) => {
      expect(value).toBeCloseTo(400, 3);
      expect(phase[k]).toBeCloseTo((-2 * Math.PI * GRID[k] * 400) / RATE, 3);
    });
  });

  it("the impulse response has the response as its transform", () => {
    const stage = { path: "", sections: resonance(0.95, 1) };
    const exact = decibels(responseOfStage(stage, GRID, RATE));
    const measured = decibels(
      responseOfStage({ path: "", taps: impulseOfStages([stage], RATE) }, GRID, RATE),
    );
    exact.forEach((level, k) => {
      if (level > -20) expect(measured[k]).toBeCloseTo(level, 1);
    });
  });

  it("finds the poles and zeros of sections and of taps", () => {
    const { poles, zeros } = rootsOfStage({ path: "", sections: resonance(0.9, 0.5) });
    expect(pairRoots(poles)).toEqual([
      { re: expect.closeTo(0.9 * Math.cos(0.5), 9), im: expect.closeTo(0.9 * Math.sin(0.5), 9), pair: true },
    ]);
    expect(zeros.map(({ re }) => re).sort()).toEqual([expect.closeTo(-1, 9), expect.closeTo(1, 9)]);
    // 64 taps of a moving average have the 64th roots of one as zeros, except 1 itself.
    const average = rootsOfStage({ path: "", taps: new Float64Array(64).fill(1 / 64) });
    const angles = average.zeros.map(({ re, im }) => Math.atan2(im, re)).sort((a, b) => a - b);
    expect(average.zeros.length).toBe(63);
    for (const { re, im } of average.zeros) expect(Math.hypot(re, im)).toBeCloseTo(1, 9);
    angles.forEach((angle) => {
      expect(
        Math.abs((64 * angle) / (2 * Math.PI)) % 1 < 1e-6 ||
          Math.abs((64 * angle) / (2 * Math.PI)) % 1 > 1 - 1e-6,
      ).toBe(true);
    });
    expect(average.poles.length).toBe(63);
  });

  it("knows an unstable section from a stable one", () => {
    const stages = (/** @type {number} */ r) => [{ path: "3", sections: resonance(r, 1) }];
    expect(findUnstable(stages(0.999))).toBe(null);
    expect(findUnstable(stages(1.001))).toBe("3");
    expect(findUnstable(stages(Number.NaN))).toBe("3");
  });
});

describe("measurements", () => {
  it("the spectrum has a tone at its level", () => {
    const [level] = longTermSpectrum([sine(1000, 1, 0.5)], RATE, [1000]);
    expect(level).toBeCloseTo(20 * Math.log10(0.5), 1);
  });

  it("the loudness of a sine of 997 Hz at full scale is -3.01 LUFS", () => {
    expect(integratedLoudness([sine(997, 2, 1)], RATE)).toBeCloseTo(-3.01, 2);
    expect(integratedLoudness([new Float32Array(RATE)], RATE)).toBe(null);
  });

  it("the spectrogram shows a tone in its row and at its level", () => {
    const { fields, levels } = spectrogram([sine(6000, 1, 1)], RATE, "linear");
    if (!fields || !levels) throw new Error("there is no picture");
    expect(fields.level.high).toBeCloseTo(0);
    const column = Array.from({ length: fields.rows }, (_, row) => levels[row * fields.columns + 300]);
    const top = column.indexOf(Math.max(...column));
    expect(Math.abs(top - fields.rows * (1 - 6000 / 24_000))).toBeLessThanOrEqual(2);
    expect(Math.max(...column)).toBeGreaterThan(250);
  });
});
