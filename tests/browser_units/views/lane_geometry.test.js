import { describe, expect, it } from "vitest";
import {
  addPoint,
  coordinateAt,
  corners,
  keyEdit,
  MAX_POINTS,
  movePoint,
  removePoint,
} from "../../../fxlab/browser/src/views/lane_geometry.js";
import { param } from "../../support/browser/fake_stages.js";

/** @import { Points } from "../../../fxlab/browser/src/types" */

const CUTOFF = param({
  path: "cutoff.points",
  name: "points",
  kind: "points",
  low: 20,
  high: 20000,
  scale: "log",
  unit: "Hz",
});
const GAIN = param({
  path: "gain_db.points",
  name: "points",
  kind: "points",
  low: -24,
  high: 24,
  unit: "dB",
});
/** @type {Points} */
const SWEEP = [
  [1, 200],
  [3, 2000],
];

/** @param {string} key */
const press = (key, shiftKey = false) => ({ key, shiftKey });

describe("the line of an automation", () => {
  it("is straight on the scale of the slider, and constant outside its points", () => {
    expect(coordinateAt(SWEEP, 0, CUTOFF, false)).toBeCloseTo(1 / 3);
    expect(coordinateAt(SWEEP, 2, CUTOFF, false)).toBeCloseTo(1 / 2);
    expect(coordinateAt(SWEEP, 9, CUTOFF, false)).toBeCloseTo(2 / 3);
  });

  it("holds the value of a point until the next one", () => {
    expect(coordinateAt(SWEEP, 2.9, CUTOFF, true)).toBeCloseTo(1 / 3);
    expect(corners(SWEEP, 4, CUTOFF, true).map(([time]) => time)).toEqual([0, 1, 3, 3, 4]);
  });

  it("reaches from the start to the end of the sound", () => {
    const line = corners(SWEEP, 4, CUTOFF, false);
    expect(line.map(([time]) => time)).toEqual([0, 1, 3, 4]);
    expect(line.map(([, t]) => t.toFixed(3))).toEqual(["0.333", "0.333", "0.667", "0.667"]);
  });

  it("jumps between two points at the same time", () => {
    /** @type {Points} */
    const jump = [
      [1, -6],
      [1, 6],
    ];
    expect(coordinateAt(jump, 0.999, GAIN, false)).toBeCloseTo(18 / 48);
    expect(coordinateAt(jump, 1, GAIN, false)).toBeCloseTo(30 / 48);
  });
});

describe("the points of an automation", () => {
  it("are added in the order of their times, with the value at the slider's coordinate", () => {
    expect(addPoint(SWEEP, 2.00049, 0.5, CUTOFF)).toEqual({
      points: [
        [1, 200],
        [2, 632.5],
        [3, 2000],
      ],
      index: 1,
    });
    expect(addPoint(SWEEP, 0, 1, CUTOFF)?.index).toBe(0);
    expect(addPoint(SWEEP, 3, 1, CUTOFF)?.points[2]).toEqual([3, 20000]);
  });

  it("are not more than the kernel takes", () => {
    /** @type {Points} */
    const many = Array.from({ length: MAX_POINTS }, (_, i) => [i, 100]);
    expect(addPoint(many, 0.5, 0.5, CUTOFF)).toBeNull();
  });

  it("stay between their neighbors and within the sound", () => {
    expect(movePoint(SWEEP, 0, -1, 300, 4).points[0]).toEqual([0, 300]);
    expect(movePoint(SWEEP, 0, 3.5, 300, 4).points[0]).toEqual([3, 300]);
    expect(movePoint(SWEEP, 1, 9, 300, 4).points[1]).toEqual([4, 300]);
  });

  it("are removed, but not the last one", () => {
    expect(removePoint(SWEEP, 1)).toEqual({ points: [[1, 200]], index: 0 });
    expect(removePoint([[1, 200]], 0)).toBeNull();
  });

  it("do not change the points that they are made from", () => {
    const before = JSON.stringify(SWEEP);
    movePoint(SWEEP, 0, 2, 500, 4);
    removePoint(SWEEP, 0);
    expect(JSON.stringify(SWEEP)).toBe(before);
  });
});

describe("the keys of a point", () => {
  /** @param {string} key */
  const edit = (key, shift = false, points = SWEEP, index = 0) =>
    keyEdit(points, index, press(key, shift), CUTOFF, 4, false);

  it("move it in time, finer with Shift", () => {
    expect(edit("ArrowRight")?.points[0]).toEqual([1.05, 200]);
    expect(edit("ArrowLeft", true)?.points[0]).toEqual([0.995, 200]);
  });

  it("change its value by semitones, octaves, and to the ends", () => {
    expect(edit("ArrowUp")?.points[0][1]).toBeCloseTo(200 * 2 ** (1 / 12), 1);
    expect(edit("PageDown")?.points[0][1]).toBe(100);
    expect(edit("Home")?.points[0][1]).toBe(20);
    expect(edit("End")?.points[0][1]).toBe(20000);
  });

  it("add a point on the line, halfway to the next one or to the end of the sound", () => {
    expect(edit("Enter")).toEqual({ points: [SWEEP[0], [2, 632.5], SWEEP[1]], index: 1 });
    expect(edit("Enter", false, SWEEP, 1)?.points[2]).toEqual([3.5, 2000]);
    // There is no space after a point at the end.
    expect(edit("Enter", false, [...SWEEP, [4, 200]], 2)?.points[2][0]).toBe(3.5);
  });

  it("remove it", () => {
    expect(edit("Delete")?.points).toEqual([SWEEP[1]]);
    expect(edit("Backspace", false, SWEEP, 1)).toEqual({ points: [SWEEP[0]], index: 0 });
  });

  it("are left to the panel if a point has no use for them", () => {
    expect(edit(" ")).toBeUndefined();
    expect(edit("Enter", true)).toBeUndefined();
    expect(edit("b")).toBeUndefined();
  });
});
