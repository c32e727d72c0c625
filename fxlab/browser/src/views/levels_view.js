import { element, setText } from "../ui/dom.js";
import { formatLevel, levelFraction } from "../ui/level_bars.js";

/** @import { Session } from "../kernel/session.js" */
/** @import { Levels } from "../audio/levels.js" */
/** @import { LevelsFields, ViewData } from "../types" */

/** How often the numbers change, in ms; faster changes would be unreadable. */
const UPDATE_INTERVAL = 200;

/** @type {[string, string, (levels: Levels) => number][]} */
const METER_ROWS = [
  ["Peak", "dBFS", ({ peak }) => peak],
  ["RMS", "dBFS", ({ rms }) => rms],
  ["Momentary", "LUFS", ({ momentary }) => momentary],
  ["Short-term", "LUFS", ({ shortTerm }) => shortTerm],
];

/**
 * The rows that the kernel measures over the entire sound: name, unit and the fields of its message.
 *
 * @type {[string, string, keyof LevelsFields, keyof LevelsFields][]}
 */
const MEASURED_ROWS = [
  ["Integrated", "LUFS", "input", "output"],
  ["Range", "LU", "input_range", "output_range"],
  ["Highest peak", "dBFS", "input_peak", "output_peak"],
  ["True peak", "dBTP", "input_true_peak", "output_true_peak"],
];

/** Labels of the scale, in dB. */
const TICKS = [-60, -48, -36, -24, -12, 0];

/** The table cell of a level and its bar. @typedef {{ cell: HTMLElement, bar: HTMLElement, fill: HTMLElement }} LevelCell */

/** @param {string} kind "input" or "output" @returns {LevelCell} */
function createLevelCell(kind) {
  const fill = element("i");
  return { cell: element("td", {}, "–"), bar: element("div", { class: `bar ${kind}` }, fill), fill };
}

/** @param {LevelCell} levelCell @param {number} db */
function showLevel({ cell, fill }, db) {
  setText(cell, formatLevel(db));
  fill.style.transform = `scaleX(${levelFraction(db).toFixed(4)})`;
}

/** @param {string} name @param {string} unit @param {LevelCell} input @param {LevelCell} output @param {{ class?: string }} [attributes] */
const createRow = (name, unit, input, output, attributes) =>
  element(
    "tr",
    attributes,
    element("th", { scope: "row" }, name),
    input.cell,
    output.cell,
    element("td", { class: "level-unit" }, unit),
    element("td", { class: "scale", "aria-hidden": "true" }, input.bar, output.bar),
  );

/** Levels as numbers and bars: the current ones during playback, and those the kernel measured over the entire sound. */
export class LevelsView {
  #lastUpdate = 0;
  /** @type {[LevelCell, (levels: Levels) => number, Levels][]} */ #meterCells = [];
  /** By the field of the kernel's message. @type {Map<keyof LevelsFields, LevelCell>} */ #measuredCells =
    new Map();

  /** @param {unknown} _palette @param {{ label: string }} tab @param {Session} session */
  constructor(_palette, { label }, session) {
    const levels = session.sound.levels;
    const meterRows = METER_ROWS.map(([name, unit, read]) => {
      const [input, output] = [createLevelCell("input"), createLevelCell("output")];
      this.#meterCells.push([input, read, levels.input], [output, read, levels.output]);
      return createRow(name, unit, input, output);
    });
    const measuredRows = MEASURED_ROWS.map(([name, unit, inputField, outputField]) => {
      const [input, output] = [createLevelCell("input"), createLevelCell("output")];
      this.#measuredCells.set(inputField, input);
      this.#measuredCells.set(outputField, output);
      return createRow(name, unit, input, output, { class: "measured" });
    });
    const headings = ["", "Input", "Output", ""].map((name, i) =>
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
      element(
        "span",
        { style: `left: ${(100 * levelFraction(db)).toFixed(2)}%` },
        String(db).replace("-", "−"),
      ),
    );
    const scale = element("td", { class: "scale", "aria-hidden": "true" }, element("div", {}, ...ticks));
    const table = element(
      "table",
      { "aria-label": label },
      element("tr", {}, ...headings, scale),
      ...meterRows,
      ...measuredRows,
    );
    this.root = element("div", { class: "pane levels", "data-view": "levels" }, table);
    this.unsubscribe = session.listen((topic) => {
      if (topic === "position" || topic === "transport") this.#update();
    });
    this.#update();
  }

  #update() {
    const now = performance.now();
    if (now - this.#lastUpdate < UPDATE_INTERVAL) return;
    this.#lastUpdate = now;
    for (const [levelCell, read, levels] of this.#meterCells) showLevel(levelCell, read(levels));
  }

  /** @param {ViewData<LevelsFields>} data */
  show({ fields }) {
    for (const [field, levelCell] of this.#measuredCells) {
      const value = fields[field];
      const isRange = field.endsWith("range");
      if (isRange || value === undefined) {
        // A range is no level on the scale; a page without a kernel measures less.
        setText(levelCell.cell, value?.toFixed(1) ?? "–");
        levelCell.bar.hidden = true;
      } else showLevel(levelCell, value ?? -Infinity);
    }
  }

  restyle() {}

  close() {
    this.unsubscribe();
    this.root.remove();
  }
}
