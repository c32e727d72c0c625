import { describe, expect, it, vi } from "vitest";
import { AutoRange } from "../../../fxlab/browser/src/views/axes/auto_range.js";
import { scaledAround, zoomedRange } from "../../../fxlab/browser/src/views/axes/axis_zoom.js";
import { frequencyAt, levelAt, xOf, yOf } from "../../../fxlab/browser/src/views/axes/grid.js";
import { amplitudeRange } from "../../../fxlab/browser/src/views/axes/level_ranges.js";
import { axisTicks } from "../../../fxlab/browser/src/views/axes/ticks.js";

const full = { low: 20, high: 20000 };

describe("zoom", () => {
  it("keeps the value at the pointer where it is, on a log axis and on a linear axis", () => {
    const log = zoomedRange(full, full, true, ...scaledAround(0.25, 0.5));
    const at = 20 * 1000 ** 0.25;
    expect(log && log.low * (log.high / log.low) ** 0.25).toBeCloseTo(at, 6);
    expect(log && Math.log(log.high / log.low)).toBeCloseTo(Math.log(1000) / 2, 9);
    const linear = zoomedRange(
      { low: 0, high: 100 },
      { low: 0, high: 100 },
      false,
      ...scaledAround(0.5, 0.1),
    );
    expect(linear?.low).toBeCloseTo(45, 9);
    expect(linear?.high).toBeCloseTo(55, 9);
  });

  it("moves up to the ends of the axis without changing the width", () => {
    const shown = { low: 200, high: 2000 };
    const left = zoomedRange(shown, full, true, -5, -4);
    expect(left?.low).toBeCloseTo(20, 9);
    expect(left?.high).toBeCloseTo(200, 6);
    const right = zoomedRange(shown, full, true, 4, 5);
    expect(right?.high).toBeCloseTo(20000, 6);
    expect(right?.low).toBeCloseTo(2000, 6);
  });

  it("is null for the entire axis, and never shows less than a 400th of it", () => {
    expect(zoomedRange({ low: 200, high: 2000 }, full, true, ...scaledAround(0.5, 50))).toBeNull();
    let shown = full;
    for (let i = 0; i < 100; i++) shown = zoomedRange(shown, full, true, ...scaledAround(0.3, 0.5)) ?? full;
    expect(Math.log(shown.high / shown.low)).toBeCloseTo(Math.log(1000) / 400, 6);
  });
});

describe("scales", () => {
  const frame = {
    left: 40,
    right: 640,
    top: 10,
    bottom: 210,
    low: 0,
    high: 22050,
    log: false,
    spectrum: null,
  };

  it("converts linear frequencies and linear levels, in both directions", () => {
    const linear = { ...frame, level: { low: 0, high: 2, linear: true } };
    expect(xOf(linear, 0)).toBe(40);
    expect(frequencyAt(linear, xOf(linear, 5000))).toBeCloseTo(5000, 6);
    expect(yOf(linear, linear.level, 0)).toBe(110);
    expect(levelAt(linear, yOf(linear, linear.level, -7))).toBeCloseTo(-7, 6);
    expect(Number.isFinite(levelAt(linear, 500))).toBe(true);
  });

  it("draws lines at multiples of 1, 2 or 5 if a log axis shows less than a decade", () => {
    const labels = axisTicks({ low: 900, high: 1500, log: true, unit: "Hz" }, 8).map(({ label }) => label);
    expect(labels).toEqual(["900", "1k", "1.1k", "1.2k", "1.3k", "1.4k", "1.5k"]);
    expect(axisTicks({ low: -200, high: 100, log: false, unit: "°", steps: [45, 90] }, 5).length).toBe(4);
  });

  it("has the largest amplitude below the top", () => {
    expect(amplitudeRange([[0, -3]])).toEqual({ low: 0, high: 1.2 });
    expect(amplitudeRange([[12, Number.NaN]]).high).toBe(5);
  });

  it("grows at once, and shrinks after a delay", () => {
    vi.useFakeTimers();
    const shrunk = vi.fn();
    const range = new AutoRange(shrunk);
    range.fit({ low: -6, high: 6 });
    range.fit({ low: -12, high: 6 });
    expect(range.range).toEqual({ low: -12, high: 6 });
    range.frozen = true;
    range.fit({ low: -6, high: 6 });
    vi.advanceTimersByTime(3000);
    expect(range.range).toEqual({ low: -12, high: 6 });
    range.frozen = false;
    vi.advanceTimersByTime(1000);
    expect(range.range).toEqual({ low: -6, high: 6 });
    expect(shrunk).toHaveBeenCalledOnce();
    vi.useRealTimers();
  });
});
