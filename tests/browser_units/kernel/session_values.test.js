import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Session } from "../../../fxlab/browser/src/kernel/session.js";

/** @type {Session} */ let session;
/** @type {any[]} */ let sent;
/** @type {(message: any) => void} */ let receive;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("addEventListener", () => {});
  vi.stubGlobal("requestAnimationFrame", (/** @type {() => void} */ callback) => setTimeout(callback, 16));
  vi.stubGlobal("cancelAnimationFrame", clearTimeout);
  vi.stubGlobal("removeEventListener", () => {});
  sent = [];
  /** @type {Map<string, (...args: any[]) => void>} */ const listeners = new Map();
  const spec = {
    rate: 8000,
    frames: 8000,
    channels: 1,
    device: "cpu",
    stages: [],
    views: [],
    open_views: [],
    title: "",
  };
  session = new Session(
    /** @type {any} */ ({
      get: () => ({ ...spec }),
      set: (/** @type {string} */ _, /** @type {any} */ params) => sent.push(params),
      save_changes: () => {},
      on: (/** @type {string} */ name, /** @type {any} */ callback) => listeners.set(name, callback),
      off: (/** @type {string} */ name) => listeners.delete(name),
      send: () => {},
    }),
  );
  session.values = { cutoff: 500, q: 1 };
  receive = (message) => listeners.get("msg:custom")?.(message, []);
});

afterEach(() => {
  session.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("keeps a value that the user has changed, and not sent yet, when values of the kernel arrive", async () => {
  session.set("cutoff", 600);
  await vi.advanceTimersByTimeAsync(0);
  expect(sent.at(-1).values).toEqual({ cutoff: 600, q: 1 });
  session.set("cutoff", 700); // waits for the next frame
  receive({
    type: "values",
    seq: sent.at(-1).seq + 1,
    values: { cutoff: 900, q: 2 },
    revision: 3,
    request_params: false,
  });
  expect(session.values).toEqual({ cutoff: 700, q: 2 });
  await vi.advanceTimersByTimeAsync(100);
  expect(sent.at(-1)).toMatchObject({
    values: { cutoff: 700, q: 2 },
    revision: 3,
  });
  receive({
    type: "values",
    seq: sent.at(-1).seq + 1,
    values: { cutoff: 900 },
    revision: 4,
    request_params: false,
  });
  expect(session.values.cutoff).toBe(900);
});
