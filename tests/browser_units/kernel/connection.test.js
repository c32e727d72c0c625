import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { float32, int16 } from "../../../fxlab/browser/src/kernel/buffers.js";
import { Connection } from "../../../fxlab/browser/src/kernel/connection.js";

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

/** A connection over a fake model, and what was sent and received. */
function connect() {
  /** @type {any[]} */ const params = [];
  /** @type {any[]} */ const sent = [];
  /** @type {any[]} */ const messages = [];
  /** @type {string[]} */ const kernelStates = [];
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
  const connection = new Connection(model, {
    getParams: () => ({
      values: { cutoff: state.value },
      position: 1.5,
      loop: /** @type {[number, number]} */ ([0, 2]),
      playing: true,
      device: "cpu",
      views: [],
      revision: 0,
    }),
    getViews: () => ({ views: [], options: {}, axes: {} }),
    getPlayhead: () => ({ position: 1.5, loop: [0, 2], playing: true }),
    onMessage: (message, buffers) => messages.push([message, buffers]),
    onSpec: () => {},
    onSent: () => {},
    onKernelStatus: (status) => kernelStates.push(status),
  });
  return {
    connection,
    params,
    sent,
    messages,
    kernelStates,
    state,
    receive: (/** @type {any[]} */ ...args) => listeners.get("msg:custom")?.(...args),
    listeners,
  };
}

describe("Connection", () => {
  it("sends the first change at once and the rest once a frame, the last value always", async () => {
    const { connection, params, state } = connect();
    for (let frame = 0; frame < 10; frame++) {
      for (let i = 0; i < 10; i++) {
        state.value = 10 * frame + i;
        connection.sendValues();
        await Promise.resolve();
      }
      nextFrame();
    }
    nextFrame();
    nextFrame();
    expect(params.length).toBeLessThanOrEqual(11);
    expect(params.at(-1)).toEqual({
      seq: params.length,
      client: connection.client,
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
    const { connection, params, state } = connect();
    connection.sendValues();
    await Promise.resolve();
    state.value = 7;
    connection.sendValues();
    await vi.advanceTimersByTimeAsync(200);
    expect(params.at(-1).values.cutoff).toBe(7);
    expect(params.length).toBe(2);
  });

  it("makes one message of several values set together", async () => {
    const { connection, params } = connect();
    connection.sendValues();
    connection.sendValues();
    await Promise.resolve();
    expect(params.length).toBe(1);
  });

  it("says ready until the kernel answers, ever more seldom", async () => {
    const { connection, sent, receive } = connect();
    connection.sendReady();
    await vi.advanceTimersByTimeAsync(40_000);
    const asked = sent.filter(({ type }) => type === "ready").length;
    expect(asked).toBeGreaterThan(1);
    expect(asked).toBeLessThan(6);
    receive({ type: "values", values: {}, seq: 3 }, []);
    await vi.advanceTimersByTimeAsync(300_000);
    expect(sent.filter(({ type }) => type === "ready").length).toBe(asked);
    expect(sent[0]).toEqual({
      ...{ type: "ready", position: 1.5, loop: [0, 2], playing: true, views: [], options: {}, axes: {} },
      client: connection.client,
    });
  });

  it("acknowledges the pieces of sound that came within a while in one message", async () => {
    const { connection, sent, messages, receive } = connect();
    receive({ type: "audio", id: 42 }, [new ArrayBuffer(2)]);
    receive({ type: "audio", id: 43 }, [new ArrayBuffer(2)]);
    expect(sent).toEqual([]);
    await vi.advanceTimersByTimeAsync(60);
    expect(sent).toEqual([
      { type: "ack", received: [42, 43], ack_delays: [50, 50], client: connection.client },
    ]);
    expect(messages.length).toBe(2);
  });

  it("lets the next move carry what is to be acknowledged", async () => {
    const { connection, sent, params, receive } = connect();
    receive({ type: "audio", id: 42 }, [new ArrayBuffer(2)]);
    connection.sendValues();
    await vi.advanceTimersByTimeAsync(1000);
    expect(params.map(({ received }) => received)).toEqual([[42]]);
    expect(sent).toEqual([]);
  });

  it("names what arrived again, since ipywidgets may drop the move that said it first", async () => {
    const { connection, params, receive } = connect();
    for (const id of [42, 43]) {
      receive({ type: "audio", id }, [new ArrayBuffer(2)]);
      connection.sendValues();
      await vi.advanceTimersByTimeAsync(200);
    }
    expect(params.at(-1).received).toEqual([42, 43]);
  });

  it("takes a batch apart, each message with its own buffers", () => {
    const { messages, receive } = connect();
    const [one, two, three] = [2, 4, 6].map((size) => new ArrayBuffer(size));
    const batched = [{ type: "audio", id: 1 }, { type: "status" }, { type: "curves" }];
    receive({ type: "batch", messages: batched, buffer_counts: [1, 0, 2] }, [one, two, three]);
    expect(messages.map(([message, buffers]) => [message.type, buffers])).toEqual([
      ["audio", [one]],
      ["status", []],
      ["curves", [two, three]],
    ]);
  });

  it("leaves the loader's messages alone, and hears nothing once closed", () => {
    const { connection, sent, messages, receive, listeners } = connect();
    receive({ type: "bundle", hash: "x" }, []);
    expect(messages.length).toBe(0);
    connection.close();
    expect(sent.at(-1)).toEqual({ type: "closed", client: connection.client });
    expect(listeners.size).toBe(0);
    // A report of the audio thread may still be on its way.
    const said = sent.length;
    connection.sendValues();
    connection.sendBuffered(1, 1);
    expect(sent.length).toBe(said);
  });

  it("outlives a kernel that is gone", () => {
    const { connection } = connect();
    connection.model.send = () => {
      throw new Error("no comm");
    };
    expect(() => connection.sendReady()).not.toThrow();
    connection.close();
  });

  it("asks a kernel that is silent whether it is there, and says so when it is not", async () => {
    const { connection, sent, receive, kernelStates } = connect();
    const pings = () => sent.filter(({ type }) => type === "ping").length;
    connection.sendValues();
    // A render that takes long: asked again and again, it is there each time.
    for (let n = 1; n < 4; n++) {
      await vi.advanceTimersByTimeAsync(4_900);
      expect(pings()).toBe(n - 1);
      await vi.advanceTimersByTimeAsync(200);
      expect(pings()).toBe(n);
      receive({ type: "pong" }, []);
    }
    expect(kernelStates).toEqual([]);
    receive({ type: "status", state: "idle" }, []);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(pings()).toBe(3);
    expect(kernelStates).toEqual([]);
    nextFrame();
    connection.sendValues();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(kernelStates).toEqual(["silent"]);
    // It was only busy.
    receive({ type: "status", state: "idle" }, []);
    expect(kernelStates).toEqual(["silent", "available"]);
    connection.close();
  });

  it("says nothing more to a kernel that died", async () => {
    const { connection, sent, params, kernelStates, listeners } = connect();
    connection.sendReady();
    connection.sendValues();
    await Promise.resolve();
    listeners.get("comm_live_update")?.();
    const said = sent.length;
    nextFrame();
    connection.sendValues();
    const { seq } = connection;
    connection.sendCommand("undo", {});
    expect(connection.seq).toBe(seq);
    await vi.advanceTimersByTimeAsync(60_000);
    connection.close();
    expect(kernelStates).toEqual(["gone"]);
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
