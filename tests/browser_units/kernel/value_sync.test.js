import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { float32, int16, ValueSync } from "../../../fxlab/browser/src/kernel/value_sync.js";

/** @type {(() => void)[]} */
let frames = [];

/** A page's animation frame, when the test says so. */
function nextFrame() {
  const due = frames;
  frames = [];
  for (const callback of due) callback();
}

beforeEach(() => {
  vi.useFakeTimers();
  frames = [];
  vi.stubGlobal("requestAnimationFrame", (/** @type {() => void} */ callback) => frames.push(callback));
  vi.stubGlobal("cancelAnimationFrame", () => {});
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function talking() {
  /** @type {any[]} */ const params = [];
  /** @type {any[]} */ const sent = [];
  /** @type {any[]} */ const got = [];
  /** @type {string[]} */ const reached = [];
  /** @type {Map<string, (...args: any[]) => void>} */ const listeners = new Map();
  /** @type {any} */ let trait = null;
  const state = { value: 0 };
  const model = {
    get: () => null,
    set: (/** @type {string} */ _name, /** @type {any} */ value) => {
      trait = value;
    },
    save_changes: () => params.push(structuredClone(trait)),
    on: (/** @type {string} */ name, /** @type {any} */ callback) => listeners.set(name, callback),
    off: (/** @type {string} */ name) => listeners.delete(name),
    send: (/** @type {any} */ content) => sent.push(content),
  };
  const sync = new ValueSync(model, {
    params: () => ({
      values: { cutoff: state.value },
      position: 1.5,
      loop: /** @type {[number, number]} */ ([0, 2]),
      playing: true,
      device: "cpu",
      views: [],
      revision: 0,
    }),
    views: () => ({ views: [], options: {}, axes: {} }),
    place: () => ({ position: 1.5, loop: [0, 2], playing: true }),
    message: (message, buffers) => got.push([message, buffers]),
    spec: () => {},
    sent: () => {},
    reach: (reach) => reached.push(reach),
  });
  return {
    sync,
    params,
    sent,
    got,
    reached,
    state,
    hear: (/** @type {any[]} */ ...args) => listeners.get("msg:custom")?.(...args),
    listeners,
  };
}

describe("Sync", () => {
  it("sends the first change at once and the rest once a frame, the last value always", async () => {
    const { sync, params, state } = talking();
    for (let frame = 0; frame < 10; frame++) {
      for (let i = 0; i < 10; i++) {
        state.value = 10 * frame + i;
        sync.changed();
        await Promise.resolve();
      }
      nextFrame();
    }
    nextFrame();
    nextFrame();
    expect(params.length).toBeLessThanOrEqual(11);
    expect(params.at(-1)).toEqual({
      seq: params.length,
      client: sync.client,
      revision: 0,
      values: { cutoff: 99 },
      position: 1.5,
      loop: [0, 2],
      playing: true,
      device: "cpu",
      views: [],
      received: [],
      ack_delays: [],
    });
    expect(params.map(({ seq }) => seq)).toEqual(params.map((_, i) => i + 1));
  });

  it("goes on in a hidden tab, which has no frames", async () => {
    const { sync, params, state } = talking();
    sync.changed();
    await Promise.resolve();
    state.value = 7;
    sync.changed();
    await vi.advanceTimersByTimeAsync(200);
    expect(params.at(-1).values.cutoff).toBe(7);
    expect(params.length).toBe(2);
  });

  it("makes one message of several values set together", async () => {
    const { sync, params } = talking();
    sync.changed();
    sync.changed();
    await Promise.resolve();
    expect(params.length).toBe(1);
  });

  it("says ready until the kernel answers, ever more seldom", async () => {
    const { sync, sent, hear } = talking();
    sync.ready();
    await vi.advanceTimersByTimeAsync(40_000);
    const asked = sent.filter(({ type }) => type === "ready").length;
    expect(asked).toBeGreaterThan(1);
    expect(asked).toBeLessThan(6);
    hear({ type: "values", values: {}, seq: 3 }, []);
    await vi.advanceTimersByTimeAsync(300_000);
    expect(sent.filter(({ type }) => type === "ready").length).toBe(asked);
    expect(sent[0]).toEqual({
      ...{ type: "ready", position: 1.5, loop: [0, 2], playing: true, views: [], options: {}, axes: {} },
      client: sync.client,
    });
  });

  it("acknowledges the pieces of sound that came within a while in one message", async () => {
    const { sync, sent, got, hear } = talking();
    hear({ type: "audio", id: 42 }, [new ArrayBuffer(2)]);
    hear({ type: "audio", id: 43 }, [new ArrayBuffer(2)]);
    expect(sent).toEqual([]);
    await vi.advanceTimersByTimeAsync(60);
    expect(sent).toEqual([{ type: "ack", received: [42, 43], ack_delays: [50, 50], client: sync.client }]);
    expect(got.length).toBe(2);
  });

  it("lets the next move carry what is to be acknowledged", async () => {
    const { sync, sent, params, hear } = talking();
    hear({ type: "audio", id: 42 }, [new ArrayBuffer(2)]);
    sync.changed();
    await vi.advanceTimersByTimeAsync(1000);
    expect(params.map(({ received }) => received)).toEqual([[42]]);
    expect(sent).toEqual([]);
  });

  it("names what arrived again, since ipywidgets may drop the move that said it first", async () => {
    const { sync, params, hear } = talking();
    for (const id of [42, 43]) {
      hear({ type: "audio", id }, [new ArrayBuffer(2)]);
      sync.changed();
      await vi.advanceTimersByTimeAsync(200);
    }
    expect(params.at(-1).received).toEqual([42, 43]);
  });

  it("takes a batch apart, each message with its own buffers", () => {
    const { got, hear } = talking();
    const [one, two, three] = [2, 4, 6].map((size) => new ArrayBuffer(size));
    const messages = [{ type: "audio", id: 1 }, { type: "status" }, { type: "curves" }];
    hear({ type: "batch", messages, buffer_counts: [1, 0, 2] }, [one, two, three]);
    expect(got.map(([message, buffers]) => [message.type, buffers])).toEqual([
      ["audio", [one]],
      ["status", []],
      ["curves", [two, three]],
    ]);
  });

  it("leaves the loader's messages alone, and hears nothing once closed", () => {
    const { sync, sent, got, hear, listeners } = talking();
    hear({ type: "bundle", hash: "x" }, []);
    expect(got.length).toBe(0);
    sync.close();
    expect(sent.at(-1)).toEqual({ type: "closed", client: sync.client });
    expect(listeners.size).toBe(0);
    // A report of the audio thread may still be on its way.
    const said = sent.length;
    sync.changed();
    sync.buffered(1, 1);
    expect(sent.length).toBe(said);
  });

  it("outlives a kernel that is gone", () => {
    const { sync } = talking();
    sync.model.send = () => {
      throw new Error("no comm");
    };
    expect(() => sync.ready()).not.toThrow();
    sync.close();
  });

  it("asks a kernel that is silent whether it is there, and says so when it is not", async () => {
    const { sync, sent, hear, reached } = talking();
    const pings = () => sent.filter(({ type }) => type === "ping").length;
    sync.changed();
    // A render that takes long: asked again and again, it is there each time.
    for (let n = 1; n < 4; n++) {
      await vi.advanceTimersByTimeAsync(4_900);
      expect(pings()).toBe(n - 1);
      await vi.advanceTimersByTimeAsync(200);
      expect(pings()).toBe(n);
      hear({ type: "pong" }, []);
    }
    expect(reached).toEqual([]);
    hear({ type: "status", state: "idle" }, []);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(pings()).toBe(3);
    expect(reached).toEqual([]);
    nextFrame();
    sync.changed();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(reached).toEqual(["silent"]);
    // It was only busy.
    hear({ type: "status", state: "idle" }, []);
    expect(reached).toEqual(["silent", "here"]);
    sync.close();
  });

  it("says nothing more to a kernel that died", async () => {
    const { sync, sent, params, reached, listeners } = talking();
    sync.ready();
    sync.changed();
    await Promise.resolve();
    listeners.get("comm_live_update")?.();
    const said = sent.length;
    nextFrame();
    sync.changed();
    const { seq } = sync;
    sync.command("undo", {}, []);
    expect(sync.seq).toBe(seq);
    await vi.advanceTimersByTimeAsync(60_000);
    sync.close();
    expect(reached).toEqual(["gone"]);
    expect(sent.length).toBe(said);
    expect(params.length).toBe(1);
    expect(listeners.size).toBe(0);
  });
});

describe("buffers", () => {
  it("are read wherever they lie in a message", () => {
    const bytes = new Uint8Array(16);
    new DataView(bytes.buffer).setInt16(3, -2, true);
    expect(Array.from(int16(new DataView(bytes.buffer, 3, 2)))).toEqual([-2]);
    new DataView(bytes.buffer).setFloat32(5, 0.5, true);
    expect(Array.from(float32(new DataView(bytes.buffer, 5, 4)))).toEqual([0.5]);
    expect(int16(new ArrayBuffer(4)).length).toBe(2);
  });
});
