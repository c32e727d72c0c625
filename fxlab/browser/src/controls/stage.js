import { element } from "../ui/dom.js";
import { stageColor } from "../views/drawing/theme.js";
import { choice } from "./choice.js";
import { fixed } from "./fixed.js";
import { slider } from "./slider.js";
import { toggle } from "./toggle.js";

/** @import { Param, Stage, Value } from "../types" */
/** @import { Control } from "./slider.js" */

/**
 * @param {Param} param
 * @param {(path: string, value: Value) => void} onChange
 * @returns {Control}
 */
export function control(param, onChange) {
  const change = (/** @type {Value} */ value) => onChange(param.path, value);
  if (param.kind === "choice") return choice(param, change);
  if (param.kind === "switch") return toggle(param, change);
  if (param.kind === "fixed") return fixed(param);
  return slider(param, change);
}

/** Those of a stage's parameters that have a control. @param {Param[]} params */
export const controlled = (params) => params.filter(({ kind }) => kind !== "coordinate");

/**
 * The controls of one module of a chain, under its name where there are several.
 *
 * @param {Stage} stage
 * @param {(path: string, value: Value) => void} onChange
 */
export function stageControls(stage, onChange) {
  const controls = new Map(controlled(stage.params).map((param) => [param.path, control(param, onChange)]));
  const grid = element("div", { class: "grid" }, ...[...controls.values()].map(({ root }) => root));
  const { number, name } = stage;
  const title =
    number === null ? null : element("h4", { title: name }, element("span", {}, String(number)), name);
  const attributes = {
    class: "stage",
    "data-stage": stage.path,
    // Not a landmark, of which a page should have few: a graphic equaliser alone would be one among thirty.
    role: "group",
    "aria-label": number === null ? name : `${number} ${name}`,
  };
  const root = element("section", attributes, stage.index === null ? title : null, grid);
  if (stage.color !== null) root.style.setProperty("--stage", `var(--fx-${stageColor(stage.color)})`);
  return { root, controls, title };
}
