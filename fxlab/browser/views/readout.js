import { inUnit } from "../controls/unit.js";
import { element, write } from "../element.js";

/** @type {Record<string, string>} */
const NAMES = { response: "Response", input: "Input", output: "Output" };

/** The line above the plot: what each curve is, and its value under the pointer. */
export class ReadOut {
  /** @type {Map<string, HTMLElement>} */ #values = new Map();
  #shown = "";

  constructor() {
    this.unit = element("span", { class: "unit" }, "dB");
    this.frequency = element("span", { class: "at" });
    this.legend = element("span", { class: "legend" });
    this.levels = element("span", { class: "levels" }, "dBFS");
    this.root = element("div", { class: "readout" }, this.unit, this.legend, this.frequency, this.levels);
  }

  /** @param {string[]} keys the curves that there are */
  name(keys) {
    if (keys.join() === this.#shown) return;
    this.#shown = keys.join();
    this.#values.clear();
    this.legend.replaceChildren();
    for (const key of keys) {
      const value = element("span", { class: "value" });
      this.#values.set(key, value);
      this.legend.append(element("span", { class: key }, NAMES[key], value));
    }
    const response = keys.includes("response");
    const spectra = keys.includes("input") || keys.includes("output");
    write(this.unit, response ? "dB" : "dBFS");
    this.root.classList.toggle("bare", !response || !spectra);
  }

  /** @param {number | null} frequency @param {Record<string, number>} [levels] dB by curve */
  show(frequency, levels = {}) {
    write(this.frequency, frequency === null ? "" : inUnit(frequency, "Hz"));
    for (const [key, value] of this.#values) {
      const db = levels[key];
      if (db === undefined) write(value, "");
      else write(value, db < -140 || Number.isNaN(db) ? "−∞ dB" : `${db.toFixed(1).replace("-", "−")} dB`);
    }
  }
}
