import { beforeEach, describe, expect, it, vi } from "vitest";
import { Movement } from "../../../fxlab/browser/src/kernel/movement.js";
import { param } from "../../support/browser/fake_stages.js";

const POINTS = 3;

/** Return an answer in which a value rises by 1 in a second, and the response falls by 10 dB. @param {{ start: number }} request */
function answer({ start }) {
  const values = Float32Array.from({ length: 11 }, (_, i) => start + i / 10);
  const levels = Int16Array.from({ length: 2 * 2 * POINTS }, (_, i) => (i < 2 * POINTS ? 0 : -1000));
  const moments = {
    ...{ start, step: 0.1, count: 11, paths: ["cutoff"], limits: [[0, 4]] },
    ...{ curve_step: 1, curve_count: 2, has_response: true, stage_paths: ["0"] },
  };
  return { moments, buffers: [values.buffer, levels.buffer] };
}

/** A session with one parameter, which moves. */
function createSession() {
  const movement = { kind: "LFO", params: [], more: [], holds: null, clicks: null };
  const params = [param({ path: "cutoff", name: "cutoff", movement, movable: true })];
  const ask = vi.fn(async (/** @type {string} */ _name, /** @type {any} */ request) => answer(request));
  const session = {
    spec: { stages: [{ path: "", params }] },
    sound: { place: { position: 0, loop: null, playing: true }, duration: 4 },
    connection: { sendQuery: ask },
  };
  return /** @type {any} */ (session);
}

describe("where parameters are that move", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });

  /** Create the movement of a session, and wait until it has asked for what it needs. */
  async function create(session = createSession()) {
    const movement = new Movement(session, () => {});
    await vi.advanceTimersByTimeAsync(300);
    return {
      movement,
      session,
      asked: () => session.connection.sendQuery.mock.calls.map((/** @type {any} */ [, r]) => r.start),
    };
  }

  it("is asked for at the playhead and ahead of it, each second once", async () => {
    const { movement, session, asked } = await create();
    expect(asked()).toEqual([0, 1]);
    for (let t = 0; t < 8; t += 0.1) {
      session.sound.place.position = t % 4;
      movement.update();
      await vi.advanceTimersByTimeAsync(10);
    }
    expect(asked()).toEqual([0, 1, 2, 3]);
  });

  it("is asked for from the start of the loop before its end", async () => {
    const session = createSession();
    session.sound.place = { position: 2.5, loop: [1.2, 3], playing: true };
    expect((await create(session)).asked()).toEqual([2, 1]);
  });

  it("is asked for at the playhead only while the sound is paused", async () => {
    const session = createSession();
    session.sound.place.playing = false;
    expect((await create(session)).asked()).toEqual([0]);
  });

  it("is interpolated between the moments that are known", async () => {
    const { movement } = await create();
    expect(movement.valuesAt({ q: 1 }, 0.25)).toEqual({ q: 1, cutoff: expect.closeTo(0.25) });
    expect(movement.valuesAt({}, 1)).toEqual({ cutoff: expect.closeTo(1) });
    expect(movement.limitsAt(0.5, "cutoff")).toEqual([0, 4]);
    const responses = movement.responsesAt(0.25, POINTS);
    expect([...(responses?.response ?? [])]).toEqual([-2.5, -2.5, -2.5]);
    expect([...(responses?.stages.get("0") ?? [])]).toEqual([-2.5, -2.5, -2.5]);
    expect(movement.responsesAt(0.25, POINTS + 1), "another grid").toBeNull();
    expect(movement.valuesAt({ q: 1 }, 3.5), "not known yet").toEqual({ q: 1 });
  });

  it("is asked for again after a change, but not with every value of a drag", async () => {
    const { movement, asked } = await create();
    for (let n = 0; n < 60; n++) {
      movement.onValues();
      await vi.advanceTimersByTimeAsync(16);
    }
    expect(asked().length).toBeLessThan(10);
    await vi.advanceTimersByTimeAsync(300);
    expect(asked().slice(-2)).toEqual([0, 1]);
  });

  it("is not asked for if nothing moves", async () => {
    const session = createSession();
    session.spec.stages[0].params[0].movement = null;
    const { movement, asked } = await create(session);
    expect(movement.any).toBe(false);
    expect(asked()).toEqual([]);
    expect(movement.valuesAt({ cutoff: 5 }, 0)).toEqual({ cutoff: 5 });
  });
});
