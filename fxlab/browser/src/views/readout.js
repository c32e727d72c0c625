import { element, setAttribute, setText } from "../ui/dom.js";

/**
 * A curve's entry in the legend: its swatch is a line, dashes or a filled area, in a colour of the style sheet.
 *
 * @typedef {{ key: string, label: string, swatch?: string | undefined, color?: string | undefined }} Entry
 */

/** The line above a plot: what each curve is, and its value under the pointer. */
export class Readout {
  /** @type {Map<string, HTMLElement>} */ #values = new Map();
  #shown = "";

  /** @param {...Node} switches what else stands in the line: switches of the axes */
  constructor(...switches) {
    this.unit = element("span", { class: "unit" });
    this.at = element("span", { class: "at" });
    this.stage = element("span", { class: "also", "data-swatch": "line" });
    this.legend = element("span", { class: "legend" });
    this.switches = element("span", { class: "switches" }, ...switches);
    this.levels = element("span", { class: "levels" });
    this.root = element(
      "div",
      { class: "readout" },
      this.unit,
      element("span", { class: "legends" }, this.legend, this.stage),
      this.at,
      this.switches,
      this.levels,
    );
  }

  /** @param {string} unit of the axis on the left @param {string} [levels] of that on the right */
  axes(unit, levels = "") {
    setText(this.unit, unit);
    setText(this.levels, levels);
    this.root.classList.toggle("bare", !levels);
  }

  /** @param {Entry[]} entries the curves that there are */
  name(entries) {
    const key = JSON.stringify(entries);
    if (key === this.#shown) return;
    this.#shown = key;
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

  /** @param {string} text what stands in place of the curves, such as why there are none */
  say(text) {
    if (text === this.#shown) return;
    this.#shown = text;
    this.#values.clear();
    this.legend.replaceChildren(text);
    setText(this.at, "");
  }

  /**
   * @param {string} at where the pointer is; empty where it is not on the plot
   * @param {Record<string, string>} [values]
   * @param {{ label: string, color: string, value: string } | null} [also] the stage that is pointed at
   */
  show(at, values = {}, also = null) {
    setText(this.at, at);
    for (const [key, value] of this.#values) setText(value, values[key] ?? "");
    setText(this.stage, also ? `${also.label} ${also.value}` : "");
    if (also) setAttribute(this.stage, "style", `--swatch: var(--fx-${also.color})`);
  }
}

/**
 * A small switch that goes round through some names.
 *
 * @param {string} action @param {string} label @param {(next: number) => void} onChange
 */
export function switcher(action, label, onChange) {
  const root = element("button", { type: "button", "data-action": action });
  let at = 0;
  /** @type {string[]} */
  let names = [];
  /** @param {string[]} given @param {number} now */
  const show = (given, now) => {
    names = given;
    at = now;
    root.hidden = names.length < 2;
    setText(root, names[at] ?? "");
    setAttribute(root, "aria-label", `${label}: ${names[at]}`);
    setAttribute(root, "title", `${label}: ${names.join(", ")}`);
  };
  root.addEventListener("click", () => onChange((at + 1) % names.length));
  return { root, show };
}
