import { describe, expect, it } from "vitest";
import { Clip, MAX_BYTES } from "../../../fxlab/browser/src/audio/clip.js";
import { PagePool } from "../../../fxlab/browser/src/audio/page_pool.js";
import { PAGE_FRAMES, SamplePages } from "../../../fxlab/browser/src/audio/sample_pages.js";

/** Return samples that tell their frame. @param {number} start @param {number} count @param {number} channels */
const ramp = (start, count, channels = 2) =>
  Int16Array.from({ length: channels * count }, (_, i) => {
    const value = (start + (i % count)) % 30000;
    return i < count ? value : -value;
  });

describe("SamplePages", () => {
  it("return what was written, across page boundaries, and 0 elsewhere", () => {
    const pages = new SamplePages(2, new PagePool());
    const start = PAGE_FRAMES - 100;
    pages.write(start, start + PAGE_FRAMES + 200, ramp(start, PAGE_FRAMES + 200), PAGE_FRAMES + 200);
    for (const frame of [
      start,
      PAGE_FRAMES - 1,
      PAGE_FRAMES,
      PAGE_FRAMES + 1,
      2 * PAGE_FRAMES - 1,
      2 * PAGE_FRAMES,
      2 * PAGE_FRAMES + 99,
    ]) {
      expect(pages.sample(0, frame)).toBe(frame % 30000);
      expect(pages.sample(1, frame)).toBe(-(frame % 30000));
    }
    expect(pages.pages.size).toBe(3);
    expect(pages.sample(0, 40 * PAGE_FRAMES)).toBe(0);
    const out = new Float32Array(300);
    pages.mix(out, 10, 1, 2 * PAGE_FRAMES - 50, 2 * PAGE_FRAMES + 50, 0.5, 0.01);
    for (let k = 0; k < 100; k++) {
      expect(out[10 + k]).toBeCloseTo(-((2 * PAGE_FRAMES - 50 + k) % 30000) * (0.5 + 0.01 * k), 2);
    }
    expect(out[9]).toBe(0);
    expect(out[110]).toBe(0);
  });

  it("reuse the memory of others, and keep no more of it than one clip may occupy", () => {
    const pool = new PagePool();
    const first = new SamplePages(1, pool);
    first.write(0, 4 * PAGE_FRAMES, ramp(0, 4 * PAGE_FRAMES, 1), 4 * PAGE_FRAMES);
    const storage = new Set(first.pages.values());
    first.clear();
    const next = new SamplePages(1, pool);
    next.write(0, 4 * PAGE_FRAMES, ramp(7, 4 * PAGE_FRAMES, 1), 4 * PAGE_FRAMES);
    expect(new Set(next.pages.values())).toEqual(storage);
    /** @type {Int16Array[]} */
    const kept = Array.from({ length: 400 }, () => new Int16Array(PAGE_FRAMES));
    pool.put(kept);
    const got = Array.from({ length: 400 }, () => pool.get(PAGE_FRAMES));
    expect(got.filter((page) => kept.includes(page)).length * 2 * PAGE_FRAMES).toBeLessThanOrEqual(MAX_BYTES);
    expect(pool.get(2 * PAGE_FRAMES).length).toBe(2 * PAGE_FRAMES);
  });
});

describe("Clip, of a long sound", () => {
  const rate = 44100;
  const header = { seq: 1, clipId: 1, frames: 600 * rate, channels: 2, rate };

  it("occupies no more than its loaded parts, and never more than the limit", () => {
    const clip = new Clip(header);
    clip.write(300 * rate, rate, 1, ramp(0, rate));
    expect(clip.pages.bytes).toBeLessThan(5 * 4 * PAGE_FRAMES);
    for (let second = 0; second < 200; second++)
      clip.write(second * rate, rate, 1, ramp(second * rate, rate));
    expect(clip.pages.bytes).toBeLessThanOrEqual(MAX_BYTES);
    expect(clip.loadedUntil(180 * rate)).toBe(200 * rate);
    expect(clip.sample(0, 190 * rate + 3)).toBe((190 * rate + 3) % 30000);
    expect(clip.loadedUntil(100 * rate)).toBe(100 * rate);
    expect(clip.sample(0, 100 * rate)).toBe(0);
    expect(clip.segments.length).toBeLessThan(60);
  });

  it("reports nothing as loaded whose page was removed", () => {
    const clip = new Clip(header);
    for (let second = 0; second < 100; second++)
      clip.write(second * rate, rate, 1, ramp(second * rate, rate));
    for (const { start, end } of clip.segments) {
      for (const frame of [start, end - 1])
        expect(clip.pages.pages.has(Math.floor(frame / PAGE_FRAMES))).toBe(true);
    }
  });
});
