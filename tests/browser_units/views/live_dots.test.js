import { describe, expect, it } from "vitest";
import { dotPlace, nearestIndex } from "../../../fxlab/browser/src/views/live_dots.js";

const silence = { rms: Number.NEGATIVE_INFINITY, peak: Number.NEGATIVE_INFINITY };

/** @param {object} more */
const sound = (more) => ({ position: 0, levels: { input: silence, output: silence }, ...more });

/** @param {number[]} x @param {number[]} y @param {Record<string, number[]>} [more] */
const plot = (x, y, more = {}) => ({
  arrays: Object.fromEntries(Object.entries({ x, y, ...more }).map(([k, v]) => [k, new Float32Array(v)])),
  form: { label: "", y: { unit: "" }, lines: [{ x: "x", y: "y", label: "" }] },
});

describe("live dots", () => {
  it("are at the levels of input and output, as those of a tone with their power", () => {
    const levels = { input: { rms: -20, peak: -6 }, output: { rms: -12, peak: 0 } };
    const place = dotPlace({ y: "y", follows: "levels" }, plot([-60, 0], [-60, 0]), sound({ levels }));
    expect(place?.x).toBeCloseTo(-20 + 3.0103, 3);
    expect(place?.y).toBeCloseTo(-12 + 3.0103, 3);
  });

  it("are on the curve at the peak of the input and its opposite", () => {
    const levels = { input: { rms: -20, peak: 20 * Math.log10(0.5) }, output: silence };
    const curve = plot([-1, -0.5, 0, 0.5, 1], [-0.8, -0.45, 0, 0.45, 0.8]);
    const high = dotPlace({ y: "y", follows: "peak" }, curve, sound({ levels }));
    const low = dotPlace({ y: "y", follows: "trough" }, curve, sound({ levels }));
    expect(high).toEqual({ x: 0.5, y: Math.fround(0.45) });
    expect(low).toEqual({ x: -0.5, y: Math.fround(-0.45) });
  });

  it("stay at the end of the curve where the input exceeds it", () => {
    expect(nearestIndex([-1, 0, 1], 7)).toBe(2);
  });

  it("follow the phase around the cycle", () => {
    const curve = plot([0, 180, 360], [0, 1, 0], { time: [0, 10], phase: [90, 90 + 3600] });
    /** @type {import("../../../fxlab/browser/src/types").TraceDot} */
    const dot = { y: "y", follows: "phase", time: "time", phase: "phase" };
    expect(dotPlace(dot, curve, sound({ position: 0 }))).toEqual({ x: 90, y: 0.5 });
    const place = dotPlace(dot, curve, sound({ position: 0.5 }));
    expect(place?.x).toBeCloseTo(270, 3);
    expect(place?.y).toBeCloseTo(0.5, 5);
  });

  it("are nowhere in silence", () => {
    expect(dotPlace({ y: "y", follows: "levels" }, plot([-60, 0], [-60, 0]), sound({}))).toBeNull();
    expect(dotPlace({ y: "y", follows: "peak" }, plot([-1, 1], [-1, 1]), sound({}))).toBeNull();
  });
});
