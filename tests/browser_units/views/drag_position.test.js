import { describe, expect, it } from "vitest";
import { responseRange } from "../../../fxlab/browser/src/views/axes/level_ranges.js";
import { DragPosition } from "../../../fxlab/browser/src/views/handles/drag_position.js";

/** @import { Frame } from "../../../fxlab/browser/src/views/axes/grid.js" */

/** @param {Partial<Frame>} [changes] @returns {Frame} */
const frameWith = (changes) => ({
  ...{ left: 40, right: 440, top: 10, bottom: 130 },
  ...{ low: 20, high: 20_000, log: true, level: { low: -12, high: 12 }, spectrum: null },
  ...changes,
});

describe("DragPosition", () => {
  it("moves as far as the pointer: along the logarithmic frequencies and up the levels", () => {
    const position = new DragPosition(200, -3);
    position.move(frameWith(), 400 / 3, 0);
    expect(position.frequency).toBeCloseTo(2000, 6);
    expect(position.level).toBe(-3);
    position.move(frameWith(), 0, -15);
    expect(position.level).toBeCloseTo(0, 9);
    position.move(frameWith(), -400 / 3, 30);
    expect(position.frequency).toBeCloseTo(200, 6);
    expect(position.level).toBeCloseTo(-6, 9);
  });

  it("does not jump when the level axis grows during the drag", () => {
    const position = new DragPosition(1000, 8);
    let level = frameWith().level;
    let previous = position.level;
    const highest = [level.high];
    // Fine steps of 2 px, each followed by the range that fits the new curve.
    for (let step = 0; step < 90; step++) {
      position.move(frameWith({ level }), 0, -2 * 0.1 * (step < 45 ? 1 : 10));
      const largestStep = ((step < 45 ? 0.2 : 2) * (level.high - level.low)) / 120;
      expect(position.level).toBeGreaterThan(previous);
      expect(position.level - previous).toBeCloseTo(largestStep, 9);
      previous = position.level;
      const needed = responseRange([[0, position.level]]);
      level = { low: Math.min(level.low, needed.low), high: Math.max(level.high, needed.high) };
      if (level.high > (highest.at(-1) ?? 0)) highest.push(level.high);
    }
    expect(highest).toEqual([12, 18, 24, 36, 48]);
  });

  it("does not jump when the visible frequencies or the scale change", () => {
    const position = new DragPosition(1000, 0);
    position.move(frameWith({ low: 500, high: 2000 }), 0, -10);
    expect(position.frequency).toBe(1000);
    position.move(frameWith({ low: 0, high: 20_000, log: false }), 2, 0);
    expect(position.frequency).toBeCloseTo(1100, 9);
    const before = position.level;
    position.move(frameWith({ level: { low: 0, high: 2, linear: true } }), 0, -6);
    expect(10 ** (position.level / 20)).toBeCloseTo(10 ** (before / 20) + 0.1, 9);
  });

  it("starts at the value, also if the handle is at the edge of a plot that does not reach it", () => {
    const position = new DragPosition(1000, 20);
    position.move(frameWith({ level: { low: -6, high: 6 } }), 0, 1);
    expect(position.level).toBeCloseTo(20 - 12 / 120, 9);
  });
});
