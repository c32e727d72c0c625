import { element } from "../ui/dom.js";

/** @import { Param, Value } from "../types" */
/** @import { Control } from "./slider.js" */

/**
 * @param {Param} param
 * @param {(value: boolean) => void} onChange
 * @returns {Control}
 */
export function toggle(param, onChange) {
  const box = element("input", { type: "checkbox", role: "switch", "data-param": param.path });
  box.addEventListener("change", () => onChange(box.checked));
  const name = element("span", { class: "name" }, param.label);
  const label = element("label", { title: param.doc }, name, box);
  const root = element("div", { class: "control" }, label);
  const show = (/** @type {Value} */ value) => {
    box.checked = Boolean(value);
  };
  show(param.value);
  return { root, setValue: show, setInvalid: (on) => root.classList.toggle("invalid", on) };
}
