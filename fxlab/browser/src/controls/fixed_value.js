import { element } from "../ui/dom.js";
import { formatValue } from "./format.js";

/** @import { Param } from "../types" */
/** @import { Control } from "./slider.js" */

/**
 * Create the text for a value that a slider cannot set, such as one that differs between the examples of a batch.
 *
 * @param {Param} param
 * @returns {Control}
 */
export function createFixedValue(param) {
  const text = element(
    "output",
    { class: "fixed", "data-param": param.path },
    formatValue(param.value, param),
  );
  const name = element("span", { class: "name", title: param.doc }, param.label);
  const root = element("div", { class: "control" }, name, text);
  return { root, setValue: () => {}, setInvalid: (invalid) => root.classList.toggle("invalid", invalid) };
}
