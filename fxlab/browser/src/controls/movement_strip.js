import { element } from "../ui/dom.js";

/** @import { Param, ShownWhen } from "../types" */
/** @import { Control } from "./slider.js" */

/** The movements that a page offers, and their names; "" is none. */
const KINDS = [
  ["", "Off"],
  ["LFO", "LFO"],
  ["Automation", "Automation"],
];

/** Return whether a parameter of a control is in its strip; points are drawn in a lane. @param {Param} param */
const isInStrip = ({ kind }) => kind !== "points";

/**
 * Create the choice of what moves a parameter.
 *
 * @param {Param} param
 * @param {(kind: string | null) => void} setKind
 */
function createSelect({ path, label, movement }, setKind) {
  const kind = movement?.kind ?? "";
  const kinds = KINDS.some(([name]) => name === kind) ? KINDS : [...KINDS, [kind, kind]];
  const select = element(
    "select",
    { "data-action": "movement", "data-index": path, "aria-label": `Movement of ${label}` },
    ...kinds.map(([name, text]) => element("option", { value: name }, text)),
  );
  select.value = kind;
  select.addEventListener("change", () => setKind(select.value || null));
  return select;
}

/**
 * The strip below the sliders of a stage in which a parameter is let move: what moves it, and the controls of that.
 */
export class MovementStrip {
  /** By path. @type {Map<string, Control>} */ controls = new Map();

  /**
   * @param {Param} param the parameter that moves or may move
   * @param {(param: Param) => Control} createControl
   * @param {((kind: string | null) => void) | null} setKind null: what moves the parameter cannot be changed
   */
  constructor(param, createControl, setKind) {
    const { path, label, movement } = param;
    const kind = movement?.kind ?? "";
    this.select = setKind && createSelect(param, setKind);
    const what = this.select ?? element("span", { class: "kind" }, kind);
    const head = element("div", { class: "control" }, element("span", { class: "name" }, label), what);
    const main = (movement?.params ?? []).filter(isInStrip);
    const more = (movement?.more ?? []).filter(isInStrip);
    for (const own of [...main, ...more]) this.controls.set(own.path, createControl(own));
    const warning = movement?.clicks ? this.#createWarning(movement.clicks) : null;
    const roots = (/** @type {Param[]} */ params) =>
      params.map((own) => /** @type {Control} */ (this.controls.get(own.path)).root);
    const grid = element("div", { class: "grid" }, head, ...roots(main));
    const details = element(
      "details",
      {},
      element("summary", {}, "More"),
      element("div", { class: "grid" }, ...roots(more)),
    );
    this.root = element(
      "div",
      {
        ...{ class: "movement", role: "group", "aria-label": `Movement of ${label}` },
        ...{ "data-movement": path, hidden: true },
      },
      grid,
      movement?.holds && setKind
        ? element("p", { class: "hint" }, "Draw the movement in the lane under the waveform.")
        : null,
      warning,
      more.length > 0 ? details : null,
    );
  }

  /** Create the text that is shown while the value jumps in a filter that clicks. @param {ShownWhen} condition */
  #createWarning({ path, values }) {
    const text = "This filter clicks when the value jumps. StateVariable does not click.";
    const warning = element("p", { class: "hint warning", hidden: true }, text);
    const control = this.controls.get(path);
    if (!control) return warning;
    const { setValue } = control;
    control.setValue = (value) => {
      setValue(value);
      warning.hidden = !values.includes(String(value));
    };
    return warning;
  }
}
