import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import loader from "../../fxlab/browser/src/loader.js";

beforeEach(() => {
  vi.useFakeTimers();
  delete (/** @type {any} */ (globalThis).__fxlab);
});

afterEach(() => {
  vi.useRealTimers();
});

/** A widget of a notebook, and what it sent to its kernel. @param {string} hash */
function widget(hash, send = (/** @type {any} */ _content) => {}) {
  /** @type {any[]} */ const sent = [];
  /** @type {Set<any>} */ const listeners = new Set();
  const model = {
    get: (/** @type {string} */ name) => (name === "bundle" ? hash : undefined),
    set: () => {},
    save_changes: () => {},
    on: (/** @type {string} */ _name, /** @type {any} */ callback) => listeners.add(callback),
    off: (/** @type {string} */ _name, /** @type {any} */ callback) => listeners.delete(callback),
    send: (/** @type {any} */ content) => {
      sent.push(content);
      send(content);
    },
  };
  return { model, sent, listeners };
}

describe("the loader", () => {
  it("asks until the kernel answers, for a kernel busy with Run All is silent for long", async () => {
    const one = widget("a");
    loader().initialize({ model: one.model });
    expect(one.sent).toEqual([{ type: "bundle" }]);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(one.sent.length).toBeGreaterThan(2);
    expect(one.sent.length).toBeLessThan(6);
  });

  it("leaves the asking to the first panel of the page, but not for ever", async () => {
    const one = widget("a");
    const two = widget("a");
    loader().initialize({ model: one.model });
    loader().initialize({ model: two.model });
    expect(two.sent).toEqual([]);
    // The first one's kernel may be gone.
    await vi.advanceTimersByTimeAsync(5_000);
    expect(two.sent.length).toBeGreaterThan(0);
  });

  it("asks for itself where another version is on the page", () => {
    const one = widget("a");
    const two = widget("b");
    loader().initialize({ model: one.model });
    loader().initialize({ model: two.model });
    expect(two.sent).toEqual([{ type: "bundle" }]);
  });

  it("outlives a page without a kernel, and stops when its widget goes", async () => {
    const one = widget("a", () => {
      throw new Error("no comm");
    });
    const stop = loader().initialize({ model: one.model });
    stop();
    const asked = one.sent.length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(one.sent.length).toBe(asked);
    expect(one.listeners.size).toBe(0);
  });
});
