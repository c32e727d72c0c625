import { expect, test } from "vitest";
import { Design } from "../../../fxlab/browser/src/page/design.js";

test("values that are invalid from the start are an error, and nothing is computed from them", () => {
  const limits = {
    name: "LowPass: cutoff",
    unit: "Hz",
    above: 0,
    at_least: null,
    below: 4000,
    at_most: null,
  };
  const description = {
    limits: { cutoff: { ...limits, allowed: "below 4000 Hz" } },
    roots: {},
    spec: { title: "LowPass" },
  };
  const program = {
    program: {
      design: (/** @type {{ cutoff: number }} */ { cutoff }) => ({
        sections: Float64Array.of(cutoff, 0, 0, 1, 0, 0),
      }),
      response: (/** @type {{ sections: Float64Array }} */ coefficients) => [{ path: "", ...coefficients }],
    },
    setDesign: () => {},
  };
  // What the design does not use is left out.
  const design = new Design(/** @type {any} */ (description), /** @type {any} */ (program));
  design.update(1, { cutoff: 20000 });
  expect(design.problem).toEqual({
    message: "LowPass: cutoff is 20000 Hz; it must be below 4000 Hz.",
    path: "cutoff",
  });
  expect([design.isComputed, design.isMuted]).toEqual([false, true]);
  design.update(2, { cutoff: 500 });
  expect([design.problem, design.isComputed, design.isMuted]).toEqual([null, true, false]);
});
