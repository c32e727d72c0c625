import { said } from "../bars.js";
import { element, write } from "../element.js";

/** @import { Session } from "../session.js" */
/** @import { Levels } from "../levels.js" */
/** @import { ViewData } from "../types" */

/** How often the numbers change, in ms: faster nobody reads them. */
const PACE = 200;

/** @type {[string, string, (levels: Levels) => number][]} */
const ROWS = [
  ["Peak", "dBFS", ({ peak }) => peak],
  ["RMS", "dBFS", ({ rms }) => rms],
  ["Momentary", "LUFS", ({ momentary }) => momentary],
  ["Short-term", "LUFS", ({ shortTerm }) => shortTerm],
];

/** The levels in numbers: those of now while it plays, and what the kernel measured of the whole. */
export class LevelsView {
  #shown = 0;
  /** @type {[HTMLElement, (levels: Levels) => number, Levels][]} */ #cells = [];
  /** @type {Record<string, HTMLElement>} */ #whole = {};

  /** @param {unknown} _palette @param {{ label: string }} tab @param {Session} session */
  constructor(_palette, { label }, session) {
    const { input, output } = session.levels;
    const rows = ROWS.map(([name, unit, read]) => {
      const cells = [input, output].map((levels) => {
        const cell = element("td");
        this.#cells.push([cell, read, levels]);
        return cell;
      });
      return element("tr", {}, element("th", { scope: "row" }, name), ...cells, element("td", {}, unit));
    });
    const whole = ["Integrated", "Highest peak"].map((name, i) => {
      const kinds = i === 0 ? ["input", "output"] : ["input_peak", "output_peak"];
      const cells = kinds.map((kind) => {
        this.#whole[kind] = element("td", {}, "–");
        return this.#whole[kind];
      });
      const unit = element("td", {}, i === 0 ? "LUFS" : "dBFS");
      return element("tr", { class: "whole" }, element("th", { scope: "row" }, name), ...cells, unit);
    });
    const head = ["", "Input", "Output", ""].map((name) => element("th", { scope: "col" }, name));
    const table = element("table", { "aria-label": label }, element("tr", {}, ...head), ...rows, ...whole);
    this.root = element("div", { class: "pane numbers", "data-view": "levels" }, table);
    this.silence = session.listen((topic) => {
      if (topic === "position" || topic === "transport") this.#tick();
    });
    this.#tick();
  }

  #tick() {
    const now = performance.now();
    if (now - this.#shown < PACE) return;
    this.#shown = now;
    for (const [cell, read, levels] of this.#cells) write(cell, said(read(levels)));
  }

  /** @param {ViewData} data */
  show({ fields }) {
    for (const [kind, cell] of Object.entries(this.#whole)) {
      write(cell, typeof fields[kind] === "number" ? said(fields[kind]) : "−∞");
    }
  }

  restyle() {}

  close() {
    this.silence();
    this.root.remove();
  }
}
