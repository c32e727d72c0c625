import { describe, expect, it } from "vitest";
import { Clip, MOST } from "../../../fxlab/browser/src/audio/clip.js";
import { PAGE, SamplePages, Spare } from "../../../fxlab/browser/src/audio/sample_pages.js";

/** @param {number} start @param {number} count @param {number} channels */
const colormap = (start, count, channels = 2) =>
  Int16Array.from({ length: channels * count }, (_, i) => {
    const value = (start + (i % count)) % 30000;
    return i < count ? value : -value;
  });

describe("Pages", () => {
  it("hold what was written, across their edges, and nothing elsewhere", () => {
    const pages = new SamplePages(2, new Spare());
    const start = PAGE - 100;
    pages.write(start, start + PAGE + 200, colormap(start, PAGE + 200), PAGE + 200);
    for (const frame of [start, PAGE - 1, PAGE, PAGE + 1, 2 * PAGE - 1, 2 * PAGE, 2 * PAGE + 99]) {
      expect(pages.at(0, frame)).toBe(frame % 30000);
      expect(pages.at(1, frame)).toBe(-(frame % 30000));
    }
    expect(pages.held.size).toBe(3);
    expect(pages.at(0, 40 * PAGE)).toBe(0);
    const out = new Float32Array(300);
    pages.mix(out, 10, 1, 2 * PAGE - 50, 2 * PAGE + 50, 0.5, 0.01);
    for (let k = 0; k < 100; k++) {
      expect(out[10 + k]).toBeCloseTo(-((2 * PAGE - 50 + k) % 30000) * (0.5 + 0.01 * k), 2);
    }
    expect(out[9]).toBe(0);
    expect(out[110]).toBe(0);
  });

  it("give their storage to the next, and keep no more of it than a sound has", () => {
    const spare = new Spare();
    const first = new SamplePages(1, spare);
    first.write(0, 4 * PAGE, colormap(0, 4 * PAGE, 1), 4 * PAGE);
    const storage = new Set(first.held.values());
    first.clear();
    const next = new SamplePages(1, spare);
    next.write(0, 4 * PAGE, colormap(7, 4 * PAGE, 1), 4 * PAGE);
    expect(new Set(next.held.values())).toEqual(storage);
    /** @type {Int16Array[]} */
    const kept = Array.from({ length: 400 }, () => new Int16Array(PAGE));
    spare.put(kept);
    const got = Array.from({ length: 400 }, () => spare.get(PAGE));
    expect(got.filter((page) => kept.includes(page)).length * 2 * PAGE).toBeLessThanOrEqual(MOST);
    expect(spare.get(2 * PAGE).length).toBe(2 * PAGE);
  });
});

describe("Take, of a long sound", () => {
  const rate = 44100;
  const header = { seq: 1, take: 1, frames: 600 * rate, channels: 2, rate };

  it("takes no more than its loaded parts, and at most so much, however far it is played", () => {
    const take = new Clip(header);
    take.write(300 * rate, rate, 1, colormap(0, rate));
    expect(take.pages.bytes).toBeLessThan(5 * 4 * PAGE);
    for (let second = 0; second < 200; second++)
      take.write(second * rate, rate, 1, colormap(second * rate, rate));
    expect(take.pages.bytes).toBeLessThanOrEqual(MOST);
    expect(take.loadedUntil(180 * rate)).toBe(200 * rate);
    expect(take.sample(0, 190 * rate + 3)).toBe((190 * rate + 3) % 30000);
    expect(take.loadedUntil(100 * rate)).toBe(100 * rate);
    expect(take.sample(0, 100 * rate)).toBe(0);
    expect(take.segments.length).toBeLessThan(60);
  });

  it("says nothing is loaded where the storage has gone, not half of it", () => {
    const take = new Clip(header);
    for (let second = 0; second < 100; second++)
      take.write(second * rate, rate, 1, colormap(second * rate, rate));
    for (const { start, end } of take.segments) {
      for (const frame of [start, end - 1]) expect(take.pages.held.has(Math.floor(frame / PAGE))).toBe(true);
    }
  });
});
