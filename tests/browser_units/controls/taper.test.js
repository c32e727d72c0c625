import { describe, expect, it } from "vitest";
import { fromSlider, roundValue, stepValue, toSlider } from "../../../fxlab/browser/src/controls/taper.js";

/** @import { Range } from "../../../fxlab/browser/src/controls/taper.js" */

/** @type {Record<string, Range>} */
const RANGES = {
  cutoff: { kind: "number", low: 20, high: 20000, scale: "log", role: "frequency", unit: "Hz", step: null },
  q: { kind: "number", low: 0.1, high: 20, scale: "log", role: "q", unit: "", step: null },
  gain: { kind: "number", low: -24, high: 24, scale: "linear", role: "gain", unit: "dB", step: null },
  mix: { kind: "number", low: 0, high: 1, scale: "linear", role: null, unit: "", step: null },
  order: { kind: "count", low: 1, high: 24, scale: "linear", role: null, unit: "", step: 1 },
};

describe("the slider's coordinate", () => {
  it.each(Object.entries(RANGES))(
    "%s: converts to the slider and back to the same value, ends included",
    (_, range) => {
      for (let i = 0; i <= 100; i++) {
        const value = fromSlider(i / 100, range);
        expect(fromSlider(toSlider(value, range), range)).toBe(value);
        expect(value).toBeGreaterThanOrEqual(range.low);
        expect(value).toBeLessThanOrEqual(range.high);
      }
      expect(fromSlider(0, range)).toBe(range.low);
      expect(fromSlider(1, range)).toBe(range.high);
    },
  );

  it.each(Object.entries(RANGES))("%s: never decreases when the slider increases", (_, range) => {
    let last = Number.NEGATIVE_INFINITY;
    for (let i = 0; i <= 1000; i++) {
      const value = fromSlider(i / 1000, range);
      expect(value).toBeGreaterThanOrEqual(last);
      last = value;
    }
  });

  it("has the geometric mean in the middle of a log scale, the arithmetic mean in the middle of a linear scale", () => {
    expect(fromSlider(0.5, RANGES.cutoff)).toBeCloseTo(Math.sqrt(20 * 20000), 0);
    expect(fromSlider(0.5, RANGES.gain)).toBe(0);
  });

  it("is at its end for a value outside the range", () => {
    expect(toSlider(22000, RANGES.cutoff)).toBe(1);
    expect(toSlider(-3, RANGES.cutoff)).toBe(0);
    expect(toSlider(Number.NaN, RANGES.cutoff)).toBe(0);
  });

  it("is linear where a log scale is impossible", () => {
    /** @type {Range} */
    const range = { kind: "number", low: 0, high: 10, scale: "log", step: null };
    expect(fromSlider(0.5, range)).toBe(5);
  });

  it("rounds to a useful precision: four digits of a frequency, tenths of a decibel", () => {
    expect(roundValue(1234.5678, RANGES.cutoff)).toBe(1235);
    expect(roundValue(0.1 + 0.2, RANGES.gain)).toBe(0.3);
    expect(roundValue(3.4, RANGES.order)).toBe(3);
    expect(roundValue(0.37, { ...RANGES.mix, step: 0.25 })).toBe(0.25);
  });
});

describe("the arrow keys", () => {
  it("change a frequency by a semitone, PageUp by an octave, shift by a tenth of a semitone", () => {
    expect(stepValue(1000, RANGES.cutoff, 1, "step")).toBe(1059);
    expect(stepValue(1000, RANGES.cutoff, -1, "page")).toBe(500);
    expect(stepValue(1000, RANGES.cutoff, 1, "fine")).toBe(1006);
  });

  it("change a gain by half a decibel, PageUp by three decibels", () => {
    expect(stepValue(0, RANGES.gain, 1, "step")).toBe(0.5);
    expect(stepValue(0, RANGES.gain, -1, "page")).toBe(-3);
    expect(stepValue(0, RANGES.gain, 1, "fine")).toBe(0.1);
  });

  it("change a count by one, and any other parameter by about a hundredth of its range", () => {
    expect(stepValue(4, RANGES.order, 1, "step")).toBe(5);
    expect(stepValue(0.5, RANGES.mix, -1, "step")).toBe(0.49);
    expect(stepValue(2, RANGES.q, 1, "page")).toBe(4);
  });

  it.each(Object.entries(RANGES))("%s: always change the value, and stop at the ends", (_, range) => {
    for (const size of /** @type {const} */ (["fine", "step", "page"])) {
      for (const t of [0.01, 0.3, 0.5, 0.9]) {
        const value = fromSlider(t, range);
        if (value > range.low) expect(stepValue(value, range, -1, size)).toBeLessThan(value);
        expect(stepValue(value, range, 1, size)).toBeGreaterThan(value);
      }
      expect(stepValue(range.high, range, 1, size)).toBe(range.high);
      expect(stepValue(range.low, range, -1, size)).toBe(range.low);
    }
  });

  it("change a count on a log scale by about a twentieth, to a multiple of a power of two", () => {
    const length = { kind: "count", low: 64, high: 8192, scale: /** @type {const} */ ("log"), step: 1 };
    expect(stepValue(400, length, 1, "step")).toBe(416);
    expect(stepValue(400, length, 1, "fine")).toBe(401);
    expect(stepValue(400, length, -1, "page")).toBe(200);
    for (let t = 0; t <= 1; t += 0.01) {
      const value = fromSlider(t, length);
      expect(value % 2 ** (Math.floor(Math.log2(value)) - 4)).toBe(0);
      expect(toSlider(value, length)).toBeCloseTo(t, 1);
    }
  });

  it("return into the range from a value outside it", () => {
    expect(stepValue(30000, RANGES.cutoff, -1, "step")).toBe(20000);
  });
});
