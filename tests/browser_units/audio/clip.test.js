import { describe, expect, it } from "vitest";
import { Clip } from "../../../fxlab/browser/src/audio/clip.js";

const header = { seq: 1, clipId: 1, frames: 100, channels: 2, rate: 44100 };

/** @param {number} count @param {number} value */
const flat = (count, value) => new Int16Array(2 * count).fill(value);

describe("Clip", () => {
  it("reports how far it is loaded without a gap, whatever the order of its chunks", () => {
    const clip = new Clip(header);
    clip.write(60, 40, 1, flat(40, 1));
    expect(clip.loadedUntil(60)).toBe(100);
    expect(clip.loadedUntil(0)).toBe(0);
    clip.write(0, 30, 1, flat(30, 1));
    expect(clip.loadedUntil(10)).toBe(30);
    expect(clip.isComplete).toBe(false);
    clip.write(30, 30, 1, flat(30, 1));
    expect(clip.isComplete).toBe(true);
  });

  it("keeps the scale of each chunk, and lets a later chunk overwrite an earlier one", () => {
    const clip = new Clip(header);
    clip.write(0, 100, 0.5, flat(100, 10));
    clip.write(40, 20, 2, flat(20, 3));
    expect([39, 40, 59, 60].map((frame) => clip.sample(1, frame))).toEqual([5, 6, 6, 5]);
    expect(clip.isComplete).toBe(true);
  });

  it("reads planar channels, and zeros where nothing is loaded", () => {
    const clip = new Clip(header);
    const samples = new Int16Array(20);
    samples.fill(7, 0, 10);
    samples.fill(-7, 10);
    clip.write(5, 10, 1, samples);
    const out = new Float32Array(20);
    clip.mix(out, 0, 20, 1, 0, 1, 0);
    expect(Array.from(out.subarray(3, 17))).toEqual([0, 0, ...Array(10).fill(-7), 0, 0]);
  });

  it("cuts a chunk that goes beyond the end", () => {
    const clip = new Clip(header);
    clip.write(90, 20, 1, flat(20, 1));
    expect(clip.segments).toEqual([{ start: 90, end: 100, scale: 1 }]);
  });

  it("reports a click at the seam, and none for a tone that is cut at complete periods, however high", () => {
    const tone = (/** @type {number} */ periods) => {
      const clip = new Clip({ seq: 1, clipId: 1, frames: 1000, channels: 1, rate: 44100 });
      const samples = Int16Array.from({ length: 1000 }, (_, n) =>
        Math.round(30000 * Math.cos((2 * Math.PI * periods * n) / 1000)),
      );
      clip.write(0, 1000, 1 / 32768, samples);
      return clip.clicksAtSeam;
    };
    expect(tone(5)).toBe(false);
    expect(tone(230)).toBe(false);
    expect(tone(5.5)).toBe(true);
  });
});
