import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import loader from "../../fxlab/browser/src/loader.js";

beforeEach(() => {
  vi.useFakeTimers();
  delete (/** @type {any} */ (globalThis).__fxlab);
});

afterEach(() => {
  vi.useRealTimers();
});

/** Return the model of a widget, the messages that it sent to its kernel, and its listeners. @param {string} hash */
function createWidget(hash, send = (/** @type {any} */ _content) => {}) {
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
  it("repeats its request until the kernel answers, which takes long during Run All", async () => {
    const first = createWidget("a");
    loader().initialize({ model: first.model });
    expect(first.sent).toEqual([{ type: "bundle" }]);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(first.sent.length).toBeGreaterThan(2);
    expect(first.sent.length).toBeLessThan(6);
  });

  it("leaves the request to the first panel of the page, but not for ever", async () => {
    const first = createWidget("a");
    const second = createWidget("a");
    loader().initialize({ model: first.model });
    loader().initialize({ model: second.model });
    expect(second.sent).toEqual([]);
    // The kernel of the first panel may be gone.
    await vi.advanceTimersByTimeAsync(5_000);
    expect(second.sent.length).toBeGreaterThan(0);
  });

  it("requests its own version if another one is on the page", () => {
    const first = createWidget("a");
    const second = createWidget("b");
    loader().initialize({ model: first.model });
    loader().initialize({ model: second.model });
    expect(second.sent).toEqual([{ type: "bundle" }]);
  });

  it("works without a kernel, and stops when its widget is closed", async () => {
    const first = createWidget("a", () => {
      throw new Error("no comm");
    });
    const stop = loader().initialize({ model: first.model });
    stop();
    const requests = first.sent.length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(first.sent.length).toBe(requests);
    expect(first.listeners.size).toBe(0);
  });
});
