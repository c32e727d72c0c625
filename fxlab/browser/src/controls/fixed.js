import { element } from "../ui/dom.js";
import { asText } from "./unit.js";

/** @import { Param } from "../types" */
/** @import { Control } from "./slider.js" */

/**
 * A value that a slider cannot set, such as one that differs by example: shown as text.
 *
 * @param {Param} param
 * @returns {Control}
 */
export function fixed(param) {
  const text = element("output", { class: "fixed", "data-param": param.path }, asText(param.value, param));
  const name = element("span", { class: "name", title: param.doc }, param.label);
  const root = element("div", { class: "control" }, name, text);
  return { root, show: () => {}, fault: (on) => root.classList.toggle("fault", on) };
}
