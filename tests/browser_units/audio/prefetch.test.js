import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Prefetch } from "../../../fxlab/browser/src/audio/prefetch.js";

beforeEach(() => {
  vi.useFakeTimers();
  vi.advanceTimersByTime(1000);
});
afterEach(() => vi.useRealTimers());

/** @param {number} wetAhead @param {number} [dryAhead] */
const report = (wetAhead, dryAhead = wetAhead) =>
  /** @type {import("../../../fxlab/browser/src/audio/messages").Report} */ (
    /** @type {unknown} */ ({ wetAhead, dryAhead })
  );

function createPrefetch() {
  /** @type {number[][]} */ const requests = [];
  return { requests, prefetch: new Prefetch((wet, dry) => requests.push([wet, dry])) };
}

describe("Prefetch", () => {
  it("asks once when little is left, and again only if nothing arrives", () => {
    const { requests, prefetch } = createPrefetch();
    for (let left = 15; left > 6.5; left -= 1 / 30) {
      prefetch.update(report(left, left + 1), true);
      vi.advanceTimersByTime(33);
    }
    expect(requests.length).toBe(1);
    expect(requests[0][0]).toBeCloseTo(7, 1);
    for (let k = 0; k < 30; k++) {
      vi.advanceTimersByTime(100);
      prefetch.update(report(5 - k / 10, 6), true);
    }
    expect(requests.length).toBe(4);
  });

  it("waits while chunks arrive, and never asks if everything is loaded", () => {
    const { requests, prefetch } = createPrefetch();
    prefetch.update(report(1), true);
    for (let k = 1; k < 50; k++) {
      vi.advanceTimersByTime(500);
      prefetch.update(report(1 + k / 10), true);
    }
    expect(requests.length).toBe(1);
    prefetch.update(report(Number.POSITIVE_INFINITY), true);
    vi.advanceTimersByTime(5000);
    prefetch.update(report(Number.POSITIVE_INFINITY), true);
    expect(requests.length).toBe(1);
  });

  it("does not ask a kernel that is sending, except after a seek", () => {
    const { requests, prefetch } = createPrefetch();
    prefetch.update(report(0.3), false);
    expect(requests).toEqual([]);
    prefetch.onSeek();
    prefetch.update(report(0), false);
    expect(requests).toEqual([[0, 0]]);
    prefetch.update(report(0), false);
    expect(requests.length).toBe(1);
  });

  it("asks later if the kernel sends less", () => {
    const { requests, prefetch } = createPrefetch();
    prefetch.update(report(1), true);
    expect(requests.length).toBe(1);
    let left = 4;
    for (; left > 2.05; left -= 0.1) {
      prefetch.update(report(left), true);
      vi.advanceTimersByTime(100);
    }
    expect(requests.length).toBe(1);
    prefetch.update(report(1.95), true);
    expect(requests.length).toBe(2);
  });
});
