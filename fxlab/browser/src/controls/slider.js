import { element, setAttribute } from "../ui/dom.js";
import { hasModifier } from "../ui/panel_keys.js";
import { formatForField, formatValue } from "./format.js";
import { fromSlider, roundValue, stepValue, toSlider } from "./taper.js";

/** @import { Param, Value } from "../types" */

/**
 * What every kind of control offers to the panel.
 *
 * @typedef {{
 *   root: HTMLElement,
 *   setValue: (value: Value) => void,
 *   setInvalid: (invalid: boolean) => void,
 *   follow?: (value: number, limits: [number, number]) => void,
 * }} Control `follow` shows the current value of a parameter that moves, and the range in which it moves
 */

/** @type {Record<string, [1 | -1, "step" | "page"]>} */
const KEYS = {
  ArrowUp: [1, "step"],
  ArrowRight: [1, "step"],
  ArrowDown: [-1, "step"],
  ArrowLeft: [-1, "step"],
  PageUp: [1, "page"],
  PageDown: [-1, "page"],
};

/**
 * Create the slider and the number field of a continuous or integer parameter.
 *
 * @param {Param} param
 * @param {(value: number) => void} onChange
 * @returns {Control}
 */
export function createSlider(param, onChange) {
  let value = Number(param.value);
  const range = element("input", {
    type: "range",
    min: 0,
    max: 1,
    step: "any",
    "data-param": param.path,
    "aria-label": param.unit ? `${param.label}, ${param.unit}` : param.label,
    title: param.doc,
  });
  const field = element("input", {
    type: "number",
    step: "any",
    "data-param": param.path,
    "aria-label": `${param.label}, number${param.unit && ` in ${param.unit}`}`,
    autocomplete: "off",
    placeholder: param.zero_is_automatic ? "auto" : "",
  });
  const name = element("span", { class: "name", title: param.doc }, param.label);
  const entry = element("span", { class: "entry" }, field, element("span", { class: "unit" }, param.unit));
  const root = element("div", { class: "control slider" }, name, range, entry);
  const { movement } = param;
  if (movement) {
    root.classList.add("moving");
    range.disabled = true;
    field.disabled = true;
    // It stays the same while the value moves, because a screen reader would announce every change.
    range.setAttribute("aria-valuetext", `moved by ${movement.kind}`);
  }
  // The filled part of a track with both signs, such as that of a gain, begins at zero.
  const origin = param.low < 0 && param.high > 0 ? toSlider(0, param) : 0;

  /** @param {Value} next */
  const show = (next) => {
    value = Number(next);
    const t = toSlider(value, param);
    range.value = String(t);
    if (!movement) range.setAttribute("aria-valuetext", formatValue(value, param));
    range.style.setProperty("--from", String(Math.min(t, origin)));
    range.style.setProperty("--to", String(Math.max(t, origin)));
    // Not `document.activeElement`, which in a shadow tree is only the host of the shadow root.
    if (!field.matches(":focus") || !field.dataset.typing) field.value = formatForField(value, param);
  };

  /** @param {number} next */
  const set = (next) => {
    // The kernel comes first, since its answer takes longer than updating the page.
    onChange(next);
    show(next);
  };

  const reset = () => set(Number(param.default));

  range.addEventListener("input", () => set(fromSlider(Number(range.value), param)));
  range.addEventListener("dblclick", reset);
  name.addEventListener("dblclick", reset);

  range.addEventListener("keydown", (event) => {
    if (hasModifier(event)) return;
    if (event.key === "Home") set(param.low);
    else if (event.key === "End") set(param.high);
    else if (event.key in KEYS) {
      const [direction, size] = KEYS[event.key];
      set(stepValue(value, param, direction, event.shiftKey && size === "step" ? "fine" : size));
    } else return;
    event.preventDefault();
  });

  const commit = () => {
    if (!field.dataset.typing) return;
    delete field.dataset.typing;
    const typed = field.valueAsNumber;
    // A typed value is sent unchanged, even outside the slider's range: the kernel decides what is valid.
    if (Number.isFinite(typed) && typed !== Number(formatForField(value, param))) set(typed);
    else show(value);
  };

  field.addEventListener("input", () => {
    field.dataset.typing = "yes";
  });
  field.addEventListener("change", () => {
    field.dataset.typing = "yes";
    commit();
  });
  field.addEventListener("blur", commit);
  field.addEventListener("focus", () => field.select());
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      commit();
      // Shift+Enter also runs the cell.
      if (event.shiftKey) return;
      field.select();
    } else if (event.key === "Escape" && field.dataset.typing) {
      delete field.dataset.typing;
      show(value);
      field.select();
    } else if (event.key in KEYS && !event.key.endsWith("Left") && !event.key.endsWith("Right")) {
      const [direction, size] = KEYS[event.key];
      commit();
      set(stepValue(value, param, direction, event.shiftKey && size === "step" ? "fine" : size));
    } else return;
    event.preventDefault();
  });

  /** @param {number} next @param {[number, number]} limits */
  const follow = (next, limits) => {
    range.value = String(toSlider(next, param));
    field.value = formatForField(Number(roundValue(next, param).toPrecision(3)), param);
    const [from, to] = limits.map((limit) => toSlider(limit, param)).sort((a, b) => a - b);
    range.style.setProperty("--from", String(from));
    range.style.setProperty("--to", String(to));
  };

  show(param.value);
  return {
    root,
    follow,
    setValue: (next) => {
      if (Number(next) !== value) show(next);
    },
    setInvalid: (invalid) => {
      root.classList.toggle("invalid", invalid);
      setAttribute(range, "aria-invalid", String(invalid));
      setAttribute(field, "aria-invalid", String(invalid));
    },
  };
}
