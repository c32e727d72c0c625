import { describe, expect, it } from "vitest";
import { Peaks } from "../../../fxlab/browser/src/audio/peaks.js";

/** @param {Peaks} peaks @param {Int16Array} samples @param {number} start @param {number} frames @param {number} channels */
const write = (peaks, samples, start, frames, channels = 1) =>
  peaks.write(
    {
      ...{ dry: false, seq: 1, clipId: 1, frames, channels, rate: 1000 },
      ...{ scale: 0.5, start, count: samples.length / channels, last: false },
    },
    samples,
  );

describe("Peaks", () => {
  it("is the same for a complete sound and for its chunks in any order", () => {
    const sound = Int16Array.from({ length: 10007 }, (_, n) => Math.round(1000 * Math.sin(n * n)));
    const complete = new Peaks();
    write(complete, sound, 0, sound.length);
    const chunked = new Peaks();
    for (const [from, to] of [
      [4001, 10007],
      [0, 1234],
      [1234, 4001],
    ]) {
      write(chunked, sound.slice(from, to), from, sound.length);
    }
    let different = 0;
    for (let i = 0; i < complete.columns; i++) {
      // A column that two chunks share may keep some of its previous content.
      if (chunked.high[i] !== complete.high[i] || chunked.low[i] !== complete.low[i]) different += 1;
    }
    expect(different).toBeLessThanOrEqual(2);
    expect(complete.maximum).toBe(500);
  });

  it("overwrites the old render with the new one", () => {
    const peaks = new Peaks();
    write(peaks, new Int16Array(4000).fill(900), 0, 4000);
    write(peaks, new Int16Array(4000).fill(10), 0, 4000);
    expect(peaks.maximum).toBe(5);
  });

  it("includes every channel, and works with fewer frames than columns", () => {
    const peaks = new Peaks();
    write(peaks, Int16Array.from([10, 10, 10, -80, -80, -80]), 0, 3, 2);
    expect(Math.min(...peaks.low)).toBe(-40);
    expect(Math.max(...peaks.high)).toBe(5);
    expect(peaks.seconds).toBeCloseTo(0.003);
  });
});
