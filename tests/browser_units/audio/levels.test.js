import { describe, expect, it } from "vitest";
import { Levels } from "../../../fxlab/browser/src/audio/levels.js";

/**
 * Report a constant level for some seconds.
 *
 * @param {Levels} levels @param {number} seconds
 * @param {{ peak?: number, square?: number, weighted?: number }} level
 */
function report(levels, seconds, { peak = 0, square = 0, weighted = 0 }) {
  for (let i = 0; i < Math.round(seconds * 30); i++) levels.add({ peak, square, weighted, seconds: 1 / 30 });
}

describe("Levels", () => {
  it("reads peak and RMS, holds a peak for 1.5 s, then lets it fall by 24 dB per second", () => {
    const levels = new Levels();
    expect([levels.peak, levels.rms, levels.momentary]).toEqual([-Infinity, -Infinity, -Infinity]);
    report(levels, 2, { peak: 0.5, square: 0.125 });
    expect(levels.peak).toBeCloseTo(-6.02, 2);
    expect(levels.rms).toBeCloseTo(-9.03, 2);
    report(levels, 1.4, { peak: 0.001 });
    expect(levels.peak).toBeCloseTo(-6.02, 2);
    report(levels, 1.1, { peak: 0.001 });
    expect(levels.peak).toBeCloseTo(-6.02 - 24, -1);
    report(levels, 3, { peak: 0.001 });
    expect(levels.peak).toBeCloseTo(-60, 6);
    expect(levels.rms).toBeLessThan(-90);
    levels.clear();
    expect([levels.peak, levels.rms, levels.shortTerm]).toEqual([-Infinity, -Infinity, -Infinity]);
  });

  it("reads the loudness of the last 0.4 s and of the last 3 s, or of less at first", () => {
    const levels = new Levels();
    const power = (/** @type {number} */ lufs) => 10 ** ((lufs + 0.691) / 10);
    report(levels, 0.2, { weighted: power(-20) });
    expect(levels.momentary).toBeCloseTo(-20, 6);
    expect(levels.shortTerm).toBeCloseTo(-20, 6);
    report(levels, 3, { weighted: power(-20) });
    report(levels, 0.4, { weighted: power(-40) });
    expect(levels.momentary).toBeCloseTo(-40, 6);
    const mean = (2.6 * power(-20) + 0.4 * power(-40)) / 3;
    expect(levels.shortTerm).toBeCloseTo(10 * Math.log10(mean) - 0.691, 6);
    // A late report counts for the time that it covers.
    levels.add({ peak: 0, square: 0, weighted: power(-30), seconds: 0.5 });
    expect(levels.momentary).toBeCloseTo(-30, 6);
    levels.add({ peak: 9, square: 9, weighted: 9, seconds: 0 });
    expect(levels.momentary).toBeCloseTo(-30, 6);
  });
});
