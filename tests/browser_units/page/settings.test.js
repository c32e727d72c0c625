import { beforeEach, expect, it, vi } from "vitest";
import { Settings } from "../../../fxlab/browser/src/page/settings.js";

const param = { kind: "number", movement: null };
const spec = /** @type {any} */ ({
  stages: [
    {
      params: [
        { ...param, path: "cutoff", value: 1000 },
        { ...param, path: "q", value: 1 },
      ],
    },
  ],
});

/** @type {Settings} */
let settings;

beforeEach(() => {
  vi.useFakeTimers({ now: 10_000, toFake: ["performance"] });
  settings = new Settings(spec);
});

it("undoes a drag as one step", () => {
  for (const cutoff of [1100, 1200, 1300]) {
    settings.set({ cutoff, q: 1 });
    vi.advanceTimersByTime(50);
  }
  vi.advanceTimersByTime(2000);
  settings.set({ cutoff: 1300, q: 2 });
  settings.run("undo", {});
  expect(settings.values).toEqual({ cutoff: 1300, q: 1 });
  settings.run("undo", {});
  expect(settings.values).toEqual({ cutoff: 1000, q: 1 });
  expect(settings.state).toMatchObject({ can_undo: false, can_redo: true });
  settings.run("redo", {});
  expect(settings.values.cutoff).toBe(1300);
});

it("leaves out stages, as one step that can be undone", () => {
  const chain = /** @type {any} */ ({ stages: [0, 1, 2].map((index) => ({ index, params: [] })) });
  settings = new Settings(chain, { bypassed: [2], soloed: [] });
  expect(settings.state).toMatchObject({ bypassed: [2], soloed: [], is_chain: true });
  settings.run("set_stage_state", { index: 1, state: "soloed", on: true });
  const left = () => [0, 1, 2].filter((index) => settings.forProgram[`${index}.bypassed`]);
  expect(left()).toEqual([0, 2]);
  settings.run("undo", {});
  expect([left(), settings.state.soloed]).toEqual([[2], []]);
});

it("keeps four settings and named presets", () => {
  settings.set({ cutoff: 2000, q: 1 });
  settings.run("save_preset", { preset: "bright" });
  settings.run("select_settings", { letter: "B" });
  settings.set({ cutoff: 300, q: 1 });
  settings.run("select_settings", { letter: "A" });
  expect(settings.values.cutoff).toBe(2000);
  settings.run("select_settings", { letter: "B" });
  expect(settings.values.cutoff).toBe(300);
  settings.run("recall_preset", { preset: "bright" });
  expect(settings.values.cutoff).toBe(2000);
  expect(settings.state).toMatchObject({ selected: "B", used: ["A", "B"], presets: ["bright"] });
});

it("says what needs a kernel", () => {
  expect(settings.run("add_stage", { kind: "Peak" })).toMatch(/no kernel/);
});

it("begins again with the first draw after the last one", () => {
  const draw = { kind: "draw", path: "draw", value: 1, high: 100, movement: null };
  const drawn = new Settings(/** @type {any} */ ({ stages: [{ params: [draw] }] }));
  drawn.set({ draw: 100 });
  expect(drawn.forProgram).toEqual({ draw: 100 });
  drawn.set({ draw: 101 });
  expect(drawn.forProgram).toEqual({ draw: 1 });
});
