/** The stages that the simulated kernel offers, and the parameters that they consist of. */

/** @import { Param, Stage } from "../../../fxlab/browser/src/types" */

/** @param {Partial<Param> & { path: string, name: string }} given @returns {Param} */
export function param(given) {
  return {
    label: given.name[0].toUpperCase() + given.name.slice(1).replace("_db", ""),
    kind: "number",
    value: 0,
    default: given.value ?? 0,
    low: 0,
    high: 1,
    scale: "linear",
    unit: "",
    role: null,
    index: null,
    has_center_frequency: false,
    step: null,
    shown_when: null,
    movable: false,
    movement: null,
    doc: "",
    ...given,
  };
}

/** @param {string} path @param {number} value @param {string} [name] */
const frequency = (path, value, name = "frequency") =>
  param({
    path,
    name,
    value,
    low: 20,
    high: 20000,
    scale: "log",
    unit: "Hz",
    role: "frequency",
    doc: "Corner or center frequency.",
  });
/** @param {string} path @param {number} value */
const gain = (path, value) =>
  param({ path, name: "gain_db", value, low: -24, high: 24, unit: "dB", role: "gain" });
/** @param {string} path @param {number} value */
const q = (path, value) =>
  param({ path, name: "q", label: "Q", value, low: 0.1, high: 20, scale: "log", role: "q" });

/** @param {Omit<Stage, "number" | "index" | "id" | "color">[]} stages @returns {Stage[]} */
const numbered = (stages) =>
  stages.map((stage, i) => ({
    ...stage,
    number: stage.path ? i + 1 : null,
    color: stage.path ? i : null,
    index: stage.path ? i : null,
    id: stage.path ? i + 100 : null,
  }));

/** @type {Record<string, Stage[]>} */
export const CHAINS = {
  lowpass: numbered([
    { path: "", name: "LowPass", params: [frequency("cutoff", 1000, "cutoff"), q("q", Math.SQRT1_2)] },
  ]),
  eq: numbered([
    { path: "0", name: "HighPass", params: [frequency("0.cutoff", 90, "cutoff"), q("0.q", Math.SQRT1_2)] },
    {
      path: "1",
      name: "Peak",
      params: [frequency("1.frequency", 320), gain("1.gain_db", -5), q("1.q", 1.4)],
    },
    {
      path: "2",
      name: "Peak",
      params: [frequency("2.frequency", 2800), gain("2.gain_db", 7.5), q("2.q", 0.9)],
    },
    {
      path: "3",
      name: "Extras",
      params: [
        param({
          path: "3.kind",
          name: "kind",
          kind: "choice",
          value: "hard",
          choices: ["soft", "hard", "fold"],
        }),
        param({ path: "3.invert", name: "invert", kind: "switch", value: false }),
        param({ path: "3.order", name: "order", kind: "count", value: 4, low: 1, high: 24 }),
        param({ path: "3.mix", name: "mix", value: 100, low: 0, high: 100, unit: "%" }),
        param({ path: "3.taps", name: "taps", kind: "fixed", value: "tensor of shape (4, 1)" }),
      ],
    },
  ]),
};
