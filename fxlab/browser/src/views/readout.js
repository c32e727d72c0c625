import { element, setAttribute, setText } from "../ui/dom.js";

/**
 * A curve's entry in the legend. Its swatch is a line, dashes or a filled area, in a color of the style sheet.
 *
 * @typedef {{ key: string, label: string, swatch?: string | undefined, color?: string | undefined }} Entry
 */

/** The line above a plot: a legend of the curves, with their values at the pointer. */
export class Readout {
  /** @type {Map<string, HTMLElement>} */ #values = new Map();
  #content = "";

  /** @param {...Node} controls what else belongs into the line, such as the choice of an axis */
  constructor(...controls) {
    this.unit = element("span", { class: "unit" });
    this.pointer = element("span", { class: "pointer-position" });
    this.stage = element("span", { class: "pointed-stage", "data-swatch": "line" });
    this.legend = element("span", { class: "legend" });
    this.controls = element("span", { class: "axis-controls" }, ...controls);
    this.rightUnit = element("span", { class: "right-unit" });
    this.root = element(
      "div",
      { class: "readout" },
      this.unit,
      element("span", { class: "legends" }, this.legend, this.stage),
      this.pointer,
      this.controls,
      this.rightUnit,
    );
  }

  /** Show the units of the axes. @param {string} left @param {string} [right] empty: there is no axis on the right */
  setUnits(left, right = "") {
    setText(this.unit, left);
    setText(this.rightUnit, right);
    this.root.classList.toggle("single-axis", !right);
  }

  /** Show the legend. @param {Entry[]} entries */
  setLegend(entries) {
    const content = JSON.stringify(entries);
    if (content === this.#content) return;
    this.#content = content;
    this.#values.clear();
    this.legend.replaceChildren(
      ...entries.map(({ key, label, swatch = "line", color = "accent" }) => {
        const value = element("span", { class: "value" });
        this.#values.set(key, value);
        return element(
          "span",
          { "data-swatch": swatch, style: `--swatch: var(--fx-${color})` },
          label,
          value,
        );
      }),
    );
  }

  /** Show a text in place of the legend, such as why there are no curves. @param {string} text */
  setMessage(text) {
    if (text === this.#content) return;
    this.#content = text;
    this.#values.clear();
    this.legend.replaceChildren(text);
    setText(this.pointer, "");
  }

  /**
   * Show the position of the pointer and the values there.
   *
   * @param {string} position empty if the pointer is not on the plot
   * @param {Record<string, string>} [values] by the key of the curve
   * @param {{ label: string, color: string, value: string } | null} [stage] the stage whose curve is at the pointer
   */
  showPointer(position, values = {}, stage = null) {
    setText(this.pointer, position);
    for (const [key, value] of this.#values) setText(value, values[key] ?? "");
    setText(this.stage, stage ? `${stage.label} ${stage.value}` : "");
    if (stage) setAttribute(this.stage, "style", `--swatch: var(--fx-${stage.color})`);
  }
}

/**
 * Create a small button that switches to the next of several names with each click.
 *
 * @param {string} action @param {string} label @param {(next: number) => void} onChange
 */
export function createCycleButton(action, label, onChange) {
  const root = element("button", { type: "button", "data-action": action });
  let index = 0;
  /** @type {string[]} */
  let names = [];
  /** @param {string[]} newNames @param {number} current */
  const show = (newNames, current) => {
    names = newNames;
    index = current;
    root.hidden = names.length < 2;
    setText(root, names[index] ?? "");
    setAttribute(root, "aria-label", `${label}: ${names[index]}`);
    setAttribute(root, "title", `${label}: ${names.join(", ")}`);
  };
  root.addEventListener("click", () => onChange((index + 1) % names.length));
  return { root, show };
}
