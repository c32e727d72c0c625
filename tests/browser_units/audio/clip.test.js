import { describe, expect, it } from "vitest";
import { Clip } from "../../../fxlab/browser/src/audio/clip.js";

const header = { seq: 1, take: 1, frames: 100, channels: 2, rate: 44100 };

/** @param {number} count @param {number} value */
const flat = (count, value) => new Int16Array(2 * count).fill(value);

describe("Take", () => {
  it("knows how far it can be read without a gap, whatever the order of its pieces", () => {
    const take = new Clip(header);
    take.write(60, 40, 1, flat(40, 1));
    expect(take.loadedUntil(60)).toBe(100);
    expect(take.loadedUntil(0)).toBe(0);
    take.write(0, 30, 1, flat(30, 1));
    expect(take.loadedUntil(10)).toBe(30);
    expect(take.complete).toBe(false);
    take.write(30, 30, 1, flat(30, 1));
    expect(take.complete).toBe(true);
  });

  it("keeps every piece's own scale, and lets a later piece write over an earlier one", () => {
    const take = new Clip(header);
    take.write(0, 100, 0.5, flat(100, 10));
    take.write(40, 20, 2, flat(20, 3));
    expect([39, 40, 59, 60].map((frame) => take.sample(1, frame))).toEqual([5, 6, 6, 5]);
    expect(take.complete).toBe(true);
  });

  it("reads planar channels, and nothing where nothing is loaded", () => {
    const take = new Clip(header);
    const samples = new Int16Array(20);
    samples.fill(7, 0, 10);
    samples.fill(-7, 10);
    take.write(5, 10, 1, samples);
    const out = new Float32Array(20);
    take.mix(out, 0, 20, 1, 0, 1, 0);
    expect(Array.from(out.subarray(3, 17))).toEqual([0, 0, ...Array(10).fill(-7), 0, 0]);
  });

  it("cuts a piece that would go beyond the end", () => {
    const take = new Clip(header);
    take.write(90, 20, 1, flat(20, 1));
    expect(take.segments).toEqual([{ start: 90, end: 100, scale: 1 }]);
  });

  it("finds a rough seam, and none in a tone cut at whole periods however high", () => {
    const tone = (/** @type {number} */ periods) => {
      const take = new Clip({ seq: 1, take: 1, frames: 1000, channels: 1, rate: 44100 });
      const samples = Int16Array.from({ length: 1000 }, (_, n) =>
        Math.round(30000 * Math.cos((2 * Math.PI * periods * n) / 1000)),
      );
      take.write(0, 1000, 1 / 32768, samples);
      return take.roughSeam;
    };
    expect(tone(5)).toBe(false);
    expect(tone(230)).toBe(false);
    expect(tone(5.5)).toBe(true);
  });
});
