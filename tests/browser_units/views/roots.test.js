import { describe, expect, test } from "vitest";
import {
  constrainRoot,
  formatPoint,
  frequencyOf,
  radiusOf,
  stepRoot,
  valuesForRoot,
} from "../../../fxlab/browser/src/views/poles/roots.js";

/** @import { Root } from "../../../fxlab/browser/src/types" */

const RATE = 48000;
const none = () => undefined;

/** @type {Root} */
const pair = { kind: "pole", re: 0.6, im: 0.7, pair: true, stage: "ZPK", path: "p.0" };
/** @type {Root} */
const real = { ...pair, re: 0.5, im: 0, pair: false, path: "p.2" };

/** Return the pole above the real axis of a section of the Audio EQ Cookbook. @param {number} frequency @param {number} q */
function pole(frequency, q) {
  const w = (2 * Math.PI * frequency) / RATE;
  const alpha = Math.sin(w) / (2 * q);
  const re = Math.cos(w) / (1 + alpha);
  return { re, im: Math.sqrt((1 - alpha) / (1 + alpha) - re * re) };
}

describe("roots with coordinates of their own", () => {
  test("a pair has two coordinates, those of the root above the axis", () => {
    const goal = constrainRoot(pair, { re: 0.31234567, im: -0.4 });
    expect(goal).toEqual({ re: 0.312346, im: 0.4 });
    expect(valuesForRoot(pair, goal, {}, RATE, none)).toEqual([
      ["p.0.re", 0.312346],
      ["p.0.im", 0.4],
    ]);
  });

  test("a real root stays on the real axis", () => {
    const goal = constrainRoot(real, { re: -0.25, im: 0.9 });
    expect(valuesForRoot(real, goal, {}, RATE, none)).toEqual([["p.2.re", -0.25]]);
  });

  test("a root may be outside the unit circle", () => {
    expect(radiusOf(constrainRoot(pair, { re: 1.2, im: 0.9 }))).toBeCloseTo(1.5, 6);
  });
});

describe("roots that are moved by a frequency and a q", () => {
  const values = { "0.cutoff": 1000, "0.q": 2 };
  /** @type {Root} */
  const root = {
    ...{ kind: "pole", pair: true, stage: "1 LowPass" },
    ...pole(1000, 2),
    frequency: "0.cutoff",
    q: "0.q",
  };
  const range = (/** @type {string} */ path) =>
    /** @type {any} */ (path === "0.q" ? { low: 0.1, high: 20 } : { low: 20, high: 20000 });

  test.each([
    [2500, 5],
    [150, 0.8],
    [12000, 12],
  ])("dragged to the root of %d Hz and q %d, they get these values", (frequency, q) => {
    const goal = constrainRoot(root, pole(frequency, q));
    const found = Object.fromEntries(valuesForRoot(root, goal, values, RATE, range));
    expect(Number(found["0.cutoff"]) / frequency).toBeCloseTo(1, 3);
    expect(Number(found["0.q"]) / q).toBeCloseTo(1, 3);
  });

  test.each([
    [2500, 5],
    [15000, 12],
  ])(
    "with a band of exactly frequency / q they get the values of the root at %d Hz, q %d",
    (frequency, q) => {
      // The pole of such a section has the cookbook's formula with alpha = tan(w / (2 q)).
      const at = (/** @type {number} */ hertz, /** @type {number} */ value) => {
        const w = (2 * Math.PI * hertz) / RATE;
        return pole(hertz, Math.sin(w) / (2 * Math.tan(w / (2 * value))));
      };
      const exact = { ...root, ...at(1000, 2), width: /** @type {const} */ ("exact") };
      const goal = constrainRoot(exact, at(frequency, q));
      const found = Object.fromEntries(valuesForRoot(exact, goal, values, RATE, range));
      expect(Number(found["0.cutoff"]) / frequency).toBeCloseTo(1, 3);
      expect(Number(found["0.q"]) / q).toBeCloseTo(1, 3);
    },
  );

  test("with a band of constant octaves they get the values of the cookbook's formula for bandwidths", () => {
    const at = (/** @type {number} */ hertz, /** @type {number} */ octaves) => {
      const w = (2 * Math.PI * hertz) / RATE;
      return pole(hertz, 1 / (2 * Math.sinh((Math.LN2 / 2) * octaves * (w / Math.sin(w)))));
    };
    const qOf = (/** @type {number} */ octaves) => 1 / (2 * Math.sinh((Math.LN2 / 2) * octaves));
    const octaves = { ...root, ...at(1000, 1), width: /** @type {const} */ ("octaves") };
    const goal = constrainRoot(octaves, at(12000, 0.5));
    const found = Object.fromEntries(
      valuesForRoot(octaves, goal, { "0.cutoff": 1000, "0.q": qOf(1) }, RATE, range),
    );
    expect(Number(found["0.cutoff"]) / 12000).toBeCloseTo(1, 3);
    expect(Number(found["0.q"]) / qOf(0.5)).toBeCloseTo(1, 3);
  });

  test("they stay inside the unit circle and off the axis, from which they could not return", () => {
    for (const place of [
      { re: 1.5, im: 1 },
      { re: 0.5, im: 0 },
      { re: -3, im: -0.001 },
    ]) {
      const goal = constrainRoot(root, place);
      expect(radiusOf(goal)).toBeLessThan(1);
      expect(goal.im).toBeGreaterThan(0);
      for (const [path, value] of valuesForRoot(root, goal, values, RATE, range)) {
        expect(Number(value)).toBeGreaterThanOrEqual(range(path).low);
        expect(Number(value)).toBeLessThanOrEqual(range(path).high);
      }
    }
  });

  test("a zero on the unit circle changes only the frequency", () => {
    const zero = { ...root, kind: /** @type {const} */ ("zero"), re: Math.cos(0.5), im: Math.sin(0.5) };
    const found = valuesForRoot(
      zero,
      constrainRoot(zero, { re: 0, im: 0.9 }),
      { "0.cutoff": 3820, "0.q": 2 },
      RATE,
      range,
    );
    expect(found.map(([path]) => path)).toEqual(["0.cutoff"]);
    expect(Number(found[0][1])).toBeGreaterThan(3820);
  });
});

describe("keys", () => {
  test("left and right move by a semitone, up and down change the radius, shift is finer", () => {
    const right = /** @type {any} */ (stepRoot(pair, "ArrowRight", false));
    expect(radiusOf(right)).toBeCloseTo(radiusOf(pair), 9);
    expect(frequencyOf(right, RATE) / frequencyOf(pair, RATE)).toBeCloseTo(2 ** (1 / 12), 9);
    const up = /** @type {any} */ (stepRoot(pair, "ArrowUp", true));
    expect(radiusOf(up) - radiusOf(pair)).toBeCloseTo(0.001, 9);
    expect(frequencyOf(up, RATE)).toBeCloseTo(frequencyOf(pair, RATE), 6);
    const page = /** @type {any} */ (stepRoot(pair, "PageDown", false));
    expect(Math.hypot(page.re, page.im)).toBeCloseTo(Math.hypot(pair.re, pair.im) - 0.1, 12);
    expect(stepRoot(pair, "a", false)).toBeNull();
  });

  test("a pair on the axis can be moved off it, and a real root moves along it", () => {
    const off = /** @type {any} */ (stepRoot({ ...pair, re: 0.8, im: 0 }, "ArrowRight", false));
    expect(off.im).toBeGreaterThan(0);
    expect(stepRoot(real, "ArrowLeft", false)).toEqual({ re: 0.49, im: 0 });
  });
});

test("a point as text", () => {
  expect(formatPoint({ re: 0, im: 0.95 }, true, RATE)).toBe("radius 0.9500, 12.0 kHz");
  expect(formatPoint({ re: -0.5, im: 0 }, false, RATE)).toBe("at −0.500 on the real axis");
});
