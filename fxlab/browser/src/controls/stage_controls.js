import { button, element, icon, setAttribute } from "../ui/dom.js";
import { stageColor } from "../views/drawing/theme.js";
import { createChoice } from "./choice.js";
import { createDrawButton } from "./draw_button.js";
import { createFixedValue } from "./fixed_value.js";
import { MovementStrip } from "./movement_strip.js";
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
  if (param.kind === "draw") return createDrawButton(param, onValue);
  if (param.kind === "fixed") return createFixedValue(param);
  return createSlider(param, onValue);
}

/** Return the parameters of a stage that have a control. @param {Param[]} params */
export const paramsWithControl = (params) => params.filter(({ kind }) => kind !== "coordinate");

/**
 * Add to a control the button that opens the strip in which its parameter is let move.
 *
 * @param {Param} param
 * @param {Control} control
 * @param {MovementStrip} strip
 * @param {Set<string>} open the paths of the strips that are open
 */
function addMoveButton({ path, label, movement }, { root }, strip, open) {
  const show = (/** @type {boolean} */ isOpen) => {
    strip.root.hidden = !isOpen;
    setAttribute(move, "aria-expanded", String(isOpen));
  };
  const toggle = () => {
    const isOpen = strip.root.hidden;
    if (isOpen) open.add(path);
    else open.delete(path);
    show(isOpen);
    if (isOpen) strip.select?.focus();
  };
  const move = button("move", `Move ${label}`, toggle, icon("wave"), {
    ...{ title: movement ? `${label} is moved by ${movement.kind}` : `Move ${label}: LFO or automation` },
    ...{ class: "move", "data-index": path },
  });
  root.children[0].after(move);
  show(open.has(path));
}

/**
 * Create the controls of one stage, under its name if there are several stages.
 *
 * @param {Stage} stage
 * @param {{
 *   onChange: (path: string, value: Value) => void,
 *   setMovement: (path: string, kind: string | null) => void,
 *   open: Set<string>,
 *   headingLevel: number,
 * }} session `open` has the paths of the parameters whose strip of their movement is open
 */
export function createStageControls(stage, { onChange, setMovement, open, headingLevel }) {
  const params = paramsWithControl(stage.params);
  const controls = new Map(params.map((param) => [param.path, createControl(param, onChange)]));
  const grid = element("div", { class: "grid" }, ...[...controls.values()].map(({ root }) => root));
  const body = element("div", { class: "stage-body" }, grid);
  for (const param of params) {
    const control = controls.get(param.path);
    if (!(param.movable || param.movement) || !control) continue;
    const setKind = param.movable
      ? (/** @type {string | null} */ kind) => setMovement(param.path, kind)
      : null;
    const strip = new MovementStrip(param, (own) => createControl(own, onChange), setKind);
    for (const [path, own] of strip.controls) controls.set(path, own);
    addMoveButton(param, control, strip, open);
    body.append(strip.root);
  }
  const { number, name } = stage;
  const title =
    number === null
      ? null
      : element("h4", { title: name, "aria-level": headingLevel }, element("span", {}, String(number)), name);
  const attributes = {
    class: "stage",
    "data-stage": stage.path,
    // A group and no landmark: a page should have few landmarks, and a graphic equalizer alone would add thirty.
    role: "group",
    "aria-label": number === null ? name : `${number} ${name}`,
  };
  const root = element("section", attributes, stage.index === null ? title : null, body);
  if (stage.color !== null) root.style.setProperty("--stage", `var(--fx-${stageColor(stage.color)})`);
  return { root, controls, title };
}
