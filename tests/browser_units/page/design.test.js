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
  const sections = (b0) => Float64Array.of(b0, 0, 0, 1, 0, 0);
  const program = {
    program: {
      design: ({ cutoff }) => ({ sections: sections(cutoff) }),
      response: (coefficients) => [{ path: "", ...coefficients }],
    },
    setDesign: () => {},
  };
  const design = new Design(description, program);
  design.update(1, { cutoff: 20000 });
  expect(design.problem).toEqual({
    message: "LowPass: cutoff is 20000 Hz; it must be below 4000 Hz.",
    path: "cutoff",
  });
  expect([design.isComputed, design.isMuted]).toEqual([false, true]);
  design.update(2, { cutoff: 500 });
  expect([design.problem, design.isComputed, design.isMuted]).toEqual([null, true, false]);
});
