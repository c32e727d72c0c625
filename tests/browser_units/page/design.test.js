import { expect, test, vi } from "vitest";
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

test("an unstable setting and coefficients that are not finite are muted, and both say why", () => {
  const setDesign = vi.fn();
  const program = {
    program: {
      design: (/** @type {{ pole: number }} */ { pole }) => ({
        sections: Float64Array.of(1, 0, 0, 1, -pole, 0),
      }),
      response: (/** @type {{ sections: Float64Array }} */ coefficients) => [{ path: "0", ...coefficients }],
    },
    setDesign,
  };
  const description = { limits: {}, roots: { 0: { stage: "1 Pole" } }, spec: { title: "Pole" } };
  const design = new Design(/** @type {any} */ (description), /** @type {any} */ (program));
  for (const [pole, message] of /** @type {[number, string][]} */ ([
    [1.01, "1 Pole is unstable"],
    [Number.NaN, "not finite numbers"],
  ])) {
    design.update(1, { pole });
    expect(design.problem?.message).toContain(message);
    expect(design.isMuted).toBe(true);
    expect(setDesign).toHaveBeenLastCalledWith(1, null);
  }
  design.update(2, { pole: 0.9 });
  expect([design.problem, design.isMuted]).toEqual([null, false]);
});
