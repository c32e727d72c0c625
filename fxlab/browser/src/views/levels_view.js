import { element, setText } from "../ui/dom.js";
import { along, said } from "../ui/level_bars.js";

/** @import { Session } from "../kernel/session.js" */
/** @import { Levels } from "../audio/levels.js" */
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

/** Lines of the scale, in dB. */
const TICKS = [-60, -48, -36, -24, -12, 0];

/** A number, and what it is as a bar. @typedef {{ cell: HTMLElement, fill: HTMLElement }} AxisRange */

/** @param {AxisRange} shown @param {number} db */
function tell({ cell, fill }, db) {
  setText(cell, said(db));
  fill.style.transform = `scaleX(${along(db).toFixed(4)})`;
}

/** The levels in numbers and as bars: those of now while it plays, and what the kernel measured of the whole. */
export class LevelsView {
  #shown = 0;
  /** @type {[AxisRange, (levels: Levels) => number, Levels][]} */ #cells = [];
  /** @type {Record<string, AxisRange>} */ #whole = {};

  /** @param {unknown} _palette @param {{ label: string }} tab @param {Session} session */
  constructor(_palette, { label }, session) {
    const { input, output } = session.sound.levels;
    /** @param {string} name @param {string} unit @param {(shown: [AxisRange, AxisRange]) => void} keep @param {object} [about] */
    const row = (name, unit, keep, about) => {
      const [before, after] = ["input", "output"].map((kind) => {
        const fill = element("i");
        return { cell: element("td", {}, "–"), fill, bar: element("div", { class: `bar ${kind}` }, fill) };
      });
      keep([before, after]);
      const bars = element("td", { class: "scale", "aria-hidden": "true" }, before.bar, after.bar);
      const head = element("th", { scope: "row" }, name);
      return element(
        "tr",
        { ...about },
        head,
        before.cell,
        after.cell,
        element("td", { class: "in" }, unit),
        bars,
      );
    };
    const rows = ROWS.map(([name, unit, read]) =>
      row(name, unit, ([before, after]) => {
        this.#cells.push([before, read, input], [after, read, output]);
      }),
    );
    const whole = ["Integrated", "Highest peak"].map((name, i) => {
      const kinds = i === 0 ? ["input", "output"] : ["input_peak", "output_peak"];
      const keep = (/** @type {AxisRange[]} */ shown) =>
        kinds.forEach((kind, k) => {
          this.#whole[kind] = shown[k];
        });
      return row(name, i === 0 ? "LUFS" : "dBFS", keep, { class: "whole" });
    });
    const head = ["", "Input", "Output", ""].map((name, i) =>
      element(
        "th",
        { scope: "col" },
        name &&
          element(
            "span",
            { "data-swatch": "area", style: `--swatch: var(--fx-${i > 1 ? "accent" : "input"})` },
            name,
          ),
      ),
    );
    const ticks = TICKS.map((db) =>
      element("span", { style: `left: ${(100 * along(db)).toFixed(2)}%` }, String(db).replace("-", "−")),
    );
    const scale = element("td", { class: "scale", "aria-hidden": "true" }, element("div", {}, ...ticks));
    const table = element(
      "table",
      { "aria-label": label },
      element("tr", {}, ...head, scale),
      ...rows,
      ...whole,
    );
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
    for (const [shown, read, levels] of this.#cells) tell(shown, read(levels));
  }

  /** @param {ViewData} data */
  show({ fields }) {
    for (const [kind, shown] of Object.entries(this.#whole)) {
      tell(shown, typeof fields[kind] === "number" ? fields[kind] : -Infinity);
    }
  }

  restyle() {}

  close() {
    this.silence();
    this.root.remove();
  }
}
