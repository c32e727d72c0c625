import { element } from "../ui/dom.js";

/** @import { Param, Value } from "../types" */
/** @import { Control } from "./slider.js" */

/**
 * Create the menu of a parameter that is one of several names.
 *
 * @param {Param} param
 * @param {(value: string) => void} onChange
 * @returns {Control}
 */
export function createChoice(param, onChange) {
  const select = element(
    "select",
    { "data-param": param.path, "aria-label": param.label, title: param.doc },
    ...(param.choices ?? []).map((name) => element("option", { value: name }, name)),
  );
  select.addEventListener("change", () => onChange(select.value));
  const root = element(
    "div",
    { class: "control" },
    element("span", { class: "name", title: param.doc }, param.label),
    select,
  );
  const setValue = (/** @type {Value} */ value) => {
    select.value = String(value);
  };
  setValue(param.value);
  return {
    root,
    setValue,
    setInvalid: (invalid) => {
      root.classList.toggle("invalid", invalid);
      select.setAttribute("aria-invalid", String(invalid));
    },
  };
}
