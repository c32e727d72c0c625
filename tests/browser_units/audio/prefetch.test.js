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

function asking() {
  /** @type {number[][]} */ const asked = [];
  return { asked, ahead: new Prefetch((wet, dry) => asked.push([wet, dry])) };
}

describe("Ahead", () => {
  it("asks once when little is left, and again only where nothing comes", () => {
    const { asked, ahead } = asking();
    for (let left = 15; left > 6.5; left -= 1 / 30) {
      ahead.look(report(left, left + 1), true);
      vi.advanceTimersByTime(33);
    }
    expect(asked.length).toBe(1);
    expect(asked[0][0]).toBeCloseTo(7, 1);
    for (let k = 0; k < 30; k++) {
      vi.advanceTimersByTime(100);
      ahead.look(report(5 - k / 10, 6), true);
    }
    expect(asked.length).toBe(4);
  });

  it("waits while pieces come, and never asks of what is there from end to end", () => {
    const { asked, ahead } = asking();
    ahead.look(report(1), true);
    for (let k = 1; k < 50; k++) {
      vi.advanceTimersByTime(500);
      ahead.look(report(1 + k / 10), true);
    }
    expect(asked.length).toBe(1);
    ahead.look(report(Number.POSITIVE_INFINITY), true);
    vi.advanceTimersByTime(5000);
    ahead.look(report(Number.POSITIVE_INFINITY), true);
    expect(asked.length).toBe(1);
  });

  it("leaves a kernel alone that is sending, but for a seek", () => {
    const { asked, ahead } = asking();
    ahead.look(report(0.3), false);
    expect(asked).toEqual([]);
    ahead.seek();
    ahead.look(report(0), false);
    expect(asked).toEqual([[0, 0]]);
    ahead.look(report(0), false);
    expect(asked.length).toBe(1);
  });

  it("asks later where the kernel sends less", () => {
    const { asked, ahead } = asking();
    ahead.look(report(1), true);
    expect(asked.length).toBe(1);
    let left = 4;
    for (; left > 2.05; left -= 0.1) {
      ahead.look(report(left), true);
      vi.advanceTimersByTime(100);
    }
    expect(asked.length).toBe(1);
    ahead.look(report(1.95), true);
    expect(asked.length).toBe(2);
  });
});
