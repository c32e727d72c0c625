import { button, element, icon, setText } from "../ui/dom.js";

/** @import { Param, Value } from "../types" */
/** @import { Control } from "./slider.js" */

/**
 * Create the button that draws the random values again; each press shows the next draw, and undo the one before it.
 *
 * @param {Param} param
 * @param {(value: number) => void} onChange
 * @returns {Control}
 */
export function createDrawButton(param, onChange) {
  let value = Number(param.value);
  const number = element("output", { class: "fixed", "data-param": param.path });
  const setValue = (/** @type {Value} */ next) => {
    value = Number(next);
    setText(number, String(value));
  };
  const draw = () => {
    setValue(value + 1);
    onChange(value);
  };
  const die = button("draw", "Draw again (D)", draw, icon("die"), { "aria-keyshortcuts": "D" });
  die.append(element("span", {}, "Draw again"));
  const name = element("span", { class: "name", title: param.doc }, param.label);
  setValue(param.value);
  const root = element("div", { class: "control draw" }, name, number, die);
  return { root, setValue, setInvalid: (invalid) => root.classList.toggle("invalid", invalid) };
}
