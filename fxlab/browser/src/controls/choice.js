import { element } from "../ui/dom.js";

/** @import { Param, Value } from "../types" */
/** @import { Control } from "./slider.js" */

/**
 * @param {Param} param
 * @param {(value: string) => void} onChange
 * @returns {Control}
 */
export function choice(param, onChange) {
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
  const show = (/** @type {Value} */ value) => {
    select.value = String(value);
  };
  show(param.value);
  return {
    root,
    setValue: show,
    setInvalid: (on) => {
      root.classList.toggle("invalid", on);
      select.setAttribute("aria-invalid", String(on));
    },
  };
}
