import { element } from "../ui/dom.js";

/** @import { Param, Value } from "../types" */
/** @import { Control } from "./slider.js" */

/**
 * Create the switch of a parameter that is on or off.
 *
 * @param {Param} param
 * @param {(value: boolean) => void} onChange
 * @returns {Control}
 */
export function createToggle(param, onChange) {
  const checkbox = element("input", { type: "checkbox", role: "switch", "data-param": param.path });
  checkbox.addEventListener("change", () => onChange(checkbox.checked));
  const name = element("span", { class: "name" }, param.label);
  const label = element("label", { title: param.doc }, name, checkbox);
  const root = element("div", { class: "control" }, label);
  const setValue = (/** @type {Value} */ value) => {
    checkbox.checked = Boolean(value);
  };
  setValue(param.value);
  return { root, setValue, setInvalid: (invalid) => root.classList.toggle("invalid", invalid) };
}
