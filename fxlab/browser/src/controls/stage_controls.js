import { element } from "../ui/dom.js";
import { stageColor } from "../views/drawing/theme.js";
import { createChoice } from "./choice.js";
import { createFixedValue } from "./fixed_value.js";
import { createSlider } from "./slider.js";
import { createToggle } from "./toggle.js";

/** @import { Param, Stage, Value } from "../types" */
/** @import { Control } from "./slider.js" */

/**
 * Create the control of a parameter.
 *
 * @param {Param} param
 * @param {(path: string, value: Value) => void} onChange
 * @returns {Control}
 */
export function createControl(param, onChange) {
  const onValue = (/** @type {Value} */ value) => onChange(param.path, value);
  if (param.kind === "choice") return createChoice(param, onValue);
  if (param.kind === "switch") return createToggle(param, onValue);
  if (param.kind === "fixed") return createFixedValue(param);
  return createSlider(param, onValue);
}

/** Return the parameters of a stage that have a control. @param {Param[]} params */
export const paramsWithControl = (params) => params.filter(({ kind }) => kind !== "coordinate");

/**
 * Create the controls of one stage, under its name if there are several stages.
 *
 * @param {Stage} stage
 * @param {(path: string, value: Value) => void} onChange
 */
export function createStageControls(stage, onChange) {
  const params = paramsWithControl(stage.params);
  const controls = new Map(params.map((param) => [param.path, createControl(param, onChange)]));
  const grid = element("div", { class: "grid" }, ...[...controls.values()].map(({ root }) => root));
  const { number, name } = stage;
  const title =
    number === null ? null : element("h4", { title: name }, element("span", {}, String(number)), name);
  const attributes = {
    class: "stage",
    "data-stage": stage.path,
    // A group and no landmark: a page should have few landmarks, and a graphic equalizer alone would add thirty.
    role: "group",
    "aria-label": number === null ? name : `${number} ${name}`,
  };
  const root = element("section", attributes, stage.index === null ? title : null, grid);
  if (stage.color !== null) root.style.setProperty("--stage", `var(--fx-${stageColor(stage.color)})`);
  return { root, controls, title };
}
