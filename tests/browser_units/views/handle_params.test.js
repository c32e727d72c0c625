import { describe, expect, it } from "vitest";
import {
  findHandles,
  handleText,
  keyChanges,
  paramsOf,
  sliderPercent,
} from "../../../fxlab/browser/src/views/handles/handle_params.js";
import { CHAINS, param } from "../../support/browser/fake_stages.js";

const ALONE = { color: null, number: null, index: null, id: null };
const [, peak] = CHAINS.eq;
const [handle] = findHandles(peak);
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
  it("come from the roles of the parameters", () => {
    expect(paramsOf(handle).map(({ path }) => path)).toEqual(["1.frequency", "1.gain_db", "1.q"]);
    const band = (/** @type {number} */ index, /** @type {string} */ role, unit = "dB", placed = false) =>
      param({ path: `${role}.${index}`, name: role, role, unit, index, has_center_frequency: placed });
    const arrays = [band(0, "frequency", "Hz"), band(1, "frequency", "Hz"), band(0, "gain"), band(1, "gain")];
    const found = findHandles({ path: "", name: "Any", ...ALONE, params: arrays });
    expect(found.map((one) => paramsOf(one).map(({ path }) => path))).toEqual([
      ["frequency.0", "gain.0"],
      ["frequency.1", "gain.1"],
    ]);
    const placed = [band(0, "gain", "dB", true), band(1, "gain", "dB", true)];
    expect(
      findHandles({ path: "", name: "Any", ...ALONE, params: placed }).map(({ frequency }) => frequency),
    ).toEqual([null, null]);
    // A gain that is a factor is not a level in dB, and without a frequency there is no handle.
    expect(findHandles({ path: "", name: "Any", ...ALONE, params: [band(0, "gain", "")] })).toEqual([]);
    const plain = [band(0, "frequency", "Hz"), band(0, "gain", "")];
    expect(findHandles({ path: "", name: "Any", ...ALONE, params: plain })[0].gain).toBeNull();
  });

  it("have their values as text and their position as a percentage", () => {
    expect(handleText(handle, values, 1000)).toBe("1.00 kHz, +3.0 dB, q 0.71");
    expect(sliderPercent(handle, values)).toBeCloseTo(56.6, 1);
  });

  it("move horizontally by semitones, vertically by half decibels, and change the q with Alt or Ctrl", () => {
    expect(keyChanges(handle, values, key("ArrowRight"))).toEqual([["1.frequency", 1059]]);
    expect(keyChanges(handle, values, key("ArrowLeft", { shiftKey: true }))).toEqual([
      ["1.frequency", 994.2],
    ]);
    expect(keyChanges(handle, values, key("ArrowUp"))).toEqual([["1.gain_db", 3.5]]);
    expect(keyChanges(handle, values, key("ArrowDown", { shiftKey: true }))).toEqual([["1.gain_db", 2.9]]);
    expect(keyChanges(handle, values, key("PageUp"))).toEqual([["1.gain_db", 6]]);
    for (const held of [{ altKey: true }, { ctrlKey: true }]) {
      expect(keyChanges(handle, values, key("ArrowUp", held))?.[0][0]).toBe("1.q");
      expect(keyChanges(handle, values, key("ArrowRight", held))).toBeNull();
    }
    const [low] = findHandles(CHAINS.lowpass[0]);
    expect(keyChanges(low, { cutoff: 1000, q: 1 }, key("ArrowUp"))?.[0][0]).toBe("q");
  });

  it("restore the defaults, and ignore other keys", () => {
    const back = [
      ["1.frequency", 320],
      ["1.gain_db", -5],
      ["1.q", 1.4],
    ];
    for (const name of ["Home", "Delete", "Backspace"])
      expect(keyChanges(handle, values, key(name))).toEqual(back);
    for (const name of ["Tab", "a", "Enter"]) expect(keyChanges(handle, values, key(name))).toBeNull();
    expect(keyChanges(handle, values, key("ArrowUp", { metaKey: true }))).toBeNull();
  });
});
