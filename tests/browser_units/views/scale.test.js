import { describe, expect, test } from "vitest";
import { Scale } from "../../../fxlab/browser/src/views/axes/scale.js";

describe("Scale", () => {
  const axis = { unit: "Hz", low: 20, high: 8000 };

  test("each kind maps the ends of the axis to its px, and px back to values", () => {
    for (const scale of /** @type {const} */ (["linear", "log", "mel"])) {
      const up = new Scale({ ...axis, scale }, [], 300, 0);
      expect(up.at(20)).toBeCloseTo(300, 9);
      expect(up.at(8000)).toBeCloseTo(0, 9);
      expect(up.value(up.at(1234))).toBeCloseTo(1234, 6);
    }
  });

  test("the mel scale is 2595 log10(1 + f / 700)", () => {
    const mel = (/** @type {number} */ f) => 2595 * Math.log10(1 + f / 700);
    const up = new Scale({ unit: "Hz", low: 0, high: 8000, scale: "mel" }, [], 0, 1);
    expect(up.at(3000)).toBeCloseTo(mel(3000) / mel(8000), 12);
    expect(
      up
        .ticks(8)
        .filter(({ label }) => label)
        .map(({ label }) => label),
    ).toEqual(["100", "200", "500", "1k", "2k", "5k"]);
  });
});
