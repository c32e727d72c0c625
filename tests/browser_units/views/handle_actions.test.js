import { describe, expect, it } from "vitest";
import {
  gripNow,
  grips,
  gripText,
  paramsOf,
  pressed,
} from "../../../fxlab/browser/src/views/handles/handle_actions.js";
import { CHAINS, param } from "../../support/browser/fake_kernel.js";

const ALONE = { color: null, number: null, index: null, id: null };
const [, peak] = CHAINS.eq;
const [grip] = grips(peak);
const values = { "1.frequency": 1000, "1.gain_db": 3, "1.q": Math.SQRT1_2 };
const key = (/** @type {string} */ name, held = {}) => ({
  key: name,
  shiftKey: false,
  altKey: false,
  ctrlKey: false,
  metaKey: false,
  ...held,
});

describe("handles", () => {
  it("come from the roles that parameters say they have", () => {
    expect(paramsOf(grip).map(({ path }) => path)).toEqual(["1.frequency", "1.gain_db", "1.q"]);
    const band = (/** @type {number} */ index, /** @type {string} */ role, unit = "dB", placed = false) =>
      param({ path: `${role}.${index}`, name: role, role, unit, index, has_center_frequency: placed });
    const arrays = [band(0, "frequency", "Hz"), band(1, "frequency", "Hz"), band(0, "gain"), band(1, "gain")];
    const found = grips({ path: "", name: "Any", ...ALONE, params: arrays });
    expect(found.map((one) => paramsOf(one).map(({ path }) => path))).toEqual([
      ["frequency.0", "gain.0"],
      ["frequency.1", "gain.1"],
    ]);
    const placed = [band(0, "gain", "dB", true), band(1, "gain", "dB", true)];
    expect(
      grips({ path: "", name: "Any", ...ALONE, params: placed }).map(({ frequency }) => frequency),
    ).toEqual([null, null]);
    // A factor is no level, and what has no frequency has no place.
    expect(grips({ path: "", name: "Any", ...ALONE, params: [band(0, "gain", "")] })).toEqual([]);
    const plain = [band(0, "frequency", "Hz"), band(0, "gain", "")];
    expect(grips({ path: "", name: "Any", ...ALONE, params: plain })[0].gain).toBeNull();
  });

  it("say where they are", () => {
    expect(gripText(grip, values, 1000)).toBe("1.00 kHz, +3.0 dB, q 0.71");
    expect(gripNow(grip, values)).toBeCloseTo(56.6, 1);
  });

  it("go along by semitones, up by half decibels, and turn the q with Alt or Ctrl", () => {
    expect(pressed(grip, values, key("ArrowRight"))).toEqual([["1.frequency", 1059]]);
    expect(pressed(grip, values, key("ArrowLeft", { shiftKey: true }))).toEqual([["1.frequency", 994.2]]);
    expect(pressed(grip, values, key("ArrowUp"))).toEqual([["1.gain_db", 3.5]]);
    expect(pressed(grip, values, key("ArrowDown", { shiftKey: true }))).toEqual([["1.gain_db", 2.9]]);
    expect(pressed(grip, values, key("PageUp"))).toEqual([["1.gain_db", 6]]);
    for (const held of [{ altKey: true }, { ctrlKey: true }]) {
      expect(pressed(grip, values, key("ArrowUp", held))?.[0][0]).toBe("1.q");
      expect(pressed(grip, values, key("ArrowRight", held))).toBeNull();
    }
    const [low] = grips(CHAINS.lowpass[0]);
    expect(pressed(low, { cutoff: 1000, q: 1 }, key("ArrowUp"))?.[0][0]).toBe("q");
  });

  it("bring the defaults back, and leave other keys alone", () => {
    const back = [
      ["1.frequency", 320],
      ["1.gain_db", -5],
      ["1.q", 1.4],
    ];
    for (const name of ["Home", "Delete", "Backspace"])
      expect(pressed(grip, values, key(name))).toEqual(back);
    for (const name of ["Tab", "a", "Enter"]) expect(pressed(grip, values, key(name))).toBeNull();
    expect(pressed(grip, values, key("ArrowUp", { metaKey: true }))).toBeNull();
  });
});
