import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { KernelState, QUERY_ERRORS } from "../../../fxlab/browser/src/kernel/kernel_state.js";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A watched kernel, and what was sent to it and reported. */
function watch() {
  /** @type {string[]} */ const events = [];
  const kernel = new KernelState(
    () => events.push("ping"),
    (status) => events.push(status),
    (error) => events.push(error),
  );
  return { kernel, events };
}

describe("KernelState", () => {
  it("sends a ping to a kernel that has not answered for a while, and reports it if there is no pong", () => {
    const { kernel, events } = watch();
    vi.advanceTimersByTime(60_000);
    expect(events).toEqual([]);
    kernel.expectAnswer();
    vi.advanceTimersByTime(5_000);
    expect(events).toEqual(["ping"]);
    vi.advanceTimersByTime(5_000);
    expect(events).toEqual(["ping", QUERY_ERRORS.silent, "silent"]);
    kernel.onMessage(false);
    expect(events.slice(3)).toEqual(["available"]);
    vi.advanceTimersByTime(60_000);
    expect(events.length).toBe(4);
  });

  it("waits on while a busy kernel answers the pings", () => {
    const { kernel, events } = watch();
    kernel.expectAnswer();
    for (let round = 1; round <= 5; round++) {
      vi.advanceTimersByTime(5_000);
      expect(events).toEqual(Array(round).fill("ping"));
      kernel.onMessage(true);
    }
    kernel.onMessage(false);
    vi.advanceTimersByTime(60_000);
    expect(events.length).toBe(5);
  });

  it("stays gone once the kernel has died", () => {
    const { kernel, events } = watch();
    kernel.expectAnswer();
    kernel.onGone();
    expect(kernel.isGone).toBe(true);
    expect(events).toEqual([QUERY_ERRORS.gone, "gone"]);
    kernel.onMessage(false);
    kernel.onGone();
    vi.advanceTimersByTime(60_000);
    expect(kernel.status).toBe("gone");
    expect(events.filter((event) => event === "gone" || event === "available")).toEqual(["gone"]);
  });

  it("expects nothing after it was stopped", () => {
    const { kernel, events } = watch();
    kernel.expectAnswer();
    kernel.stop();
    vi.advanceTimersByTime(60_000);
    expect(events).toEqual([]);
  });
});
