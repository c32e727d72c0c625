import { element } from "../ui/dom.js";
import { formatValue } from "./format.js";

/** @import { Param } from "../types" */
/** @import { Control } from "./slider.js" */

/**
 * A value that a slider cannot set, such as one that differs by example: shown as text.
 *
 * @param {Param} param
 * @returns {Control}
 */
export function fixed(param) {
  const text = element(
    "output",
    { class: "fixed", "data-param": param.path },
    formatValue(param.value, param),
  );
  const name = element("span", { class: "name", title: param.doc }, param.label);
  const root = element("div", { class: "control" }, name, text);
  return { root, setValue: () => {}, setInvalid: (on) => root.classList.toggle("invalid", on) };
}
