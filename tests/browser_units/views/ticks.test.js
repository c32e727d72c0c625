import { describe, expect, it } from "vitest";
import { frequencyAt, levelAt, xOf, yOf } from "../../../fxlab/browser/src/views/axes/grid.js";
import { indexAt, valueAt } from "../../../fxlab/browser/src/views/axes/interpolate.js";
import { responseRange, spectrumRange } from "../../../fxlab/browser/src/views/axes/level_ranges.js";
import { frequencyTicks, levelTicks, tickLabel } from "../../../fxlab/browser/src/views/axes/ticks.js";

describe("axes", () => {
  it("labels 20, 50, 100 … 20k", () => {
    const labels = frequencyTicks(20, 22050).map(({ label }) => label);
    expect(labels.filter(Boolean)).toEqual(["20", "50", "100", "200", "500", "1k", "2k", "5k", "10k", "20k"]);
  });

  it("never draws more levels than fit", () => {
    for (const [low, high] of [
      [-60, 6],
      [-6, 6],
      [-36, 48],
      [-108, -24],
    ]) {
      for (const most of [3, 6, 10]) {
        const ticks = levelTicks(low, high, most);
        expect(ticks.length).toBeLessThanOrEqual(most + 1);
        expect(ticks.length).toBeGreaterThanOrEqual(1);
      }
    }
    expect(levelTicks(-60, 6, 7)).toEqual([-60, -48, -36, -24, -12, 0]);
  });

  it("centers 0 dB for only a boost or only a cut, and cuts off a low-pass at −60 dB", () => {
    expect(responseRange([[0, 4, 0]])).toEqual({ high: 6, low: -6 });
    expect(responseRange([[0, 10, 0]])).toEqual({ high: 12, low: -12 });
    expect(responseRange([[0, -40, -150]])).toEqual({ high: 6, low: -60 });
    expect(responseRange([[0, 10, -8]])).toEqual({ high: 12, low: -12 });
    expect(responseRange([[0, Number.NaN]])).toEqual({ high: 6, low: -6 });
  });

  it("gives the spectra a fixed span below their loudest part", () => {
    expect(spectrumRange([[-38, -90], [-50]])).toEqual({ high: -24, low: -108 });
    expect(spectrumRange([[], []])).toEqual({ high: 0, low: -84 });
  });

  it("interpolates a curve between its points", () => {
    const grid = [10, 100, 1000];
    expect(indexAt(grid, 5)).toBe(0);
    expect(indexAt(grid, 55)).toBe(0.5);
    expect(indexAt(grid, 5000)).toBe(2);
    expect(valueAt([0, -6, -12], 1.5)).toBe(-9);
    expect(valueAt([0, -6, -12], 2)).toBe(-12);
  });

  it("converts px to hertz and decibels and back", () => {
    const frame = {
      left: 40,
      right: 900,
      top: 7,
      bottom: 220,
      low: 20,
      high: 20000,
      log: true,
      level: { high: 12, low: -24 },
      spectrum: null,
    };
    expect(frequencyAt(frame, xOf(frame, 440))).toBeCloseTo(440, 6);
    expect(levelAt(frame, yOf(frame, frame.level, -7))).toBeCloseTo(-7, 9);
    expect(xOf(frame, 20)).toBe(40);
  });
});

describe("labels of an axis", () => {
  it("stay short for very small and large values", () => {
    expect([2e-6, -0.00005, 0.001, 0, -1.5].map((value) => tickLabel(value))).toEqual([
      "2e−6",
      "−5e−5",
      "0.001",
      "0",
      "−1.5",
    ]);
    expect([2000, 25_000, -3e6].map((value) => tickLabel(value))).toEqual(["2000", "25k", "−3e6"]);
    expect(tickLabel(2000, "Hz")).toBe("2k");
  });
});
