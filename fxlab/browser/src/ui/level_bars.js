import { element, setAttribute } from "./dom.js";

/** @import { Levels } from "../audio/levels.js" */

/** The ends of the scale, in dBFS. */
const MIN_DB = -60;
const MAX_DB = 6;

/** The least time between two changes of the text for screen readers, in ms. */
const ANNOUNCE_INTERVAL = 1000;

/** Return the position of a level on the scale, 0 to 1. @param {number} db */
export const levelFraction = (db) => Math.max(0, Math.min(1, (db - MIN_DB) / (MAX_DB - MIN_DB)));

/** Return a level as text with a typographic minus sign. @param {number} db */
export const formatLevel = (db) => (db < -99 ? "−∞" : db.toFixed(1)).replace("-", "−");

/** Two narrow level meters, for input and output: the RMS level as a bar, the held peak as a line. */
export class LevelBars {
  #lastAnnounced = 0;

  /** @param {{ name: string, label: string, levels: Levels }[]} meters */
  constructor(meters) {
    this.meters = meters.map(({ name, label, levels }) => {
      const fill = element("i");
      const peak = element("b");
      const bar = element("span", { class: `bar ${name}`, role: "meter", "aria-label": label }, fill, peak);
      setAttribute(bar, "aria-valuemin", String(MIN_DB));
      setAttribute(bar, "aria-valuemax", String(MAX_DB));
      return { bar, fill, peak, levels };
    });
    const title = "Input and output level: RMS as a bar, peak as a line";
    this.root = element("div", { class: "level-bars", title }, ...this.meters.map(({ bar }) => bar));
  }

  update() {
    const now = performance.now();
    const announce = now - this.#lastAnnounced > ANNOUNCE_INTERVAL;
    if (announce) this.#lastAnnounced = now;
    for (const { bar, fill, peak, levels } of this.meters) {
      fill.style.transform = `scaleX(${levelFraction(levels.rms).toFixed(4)})`;
      const fraction = levelFraction(levels.peak);
      peak.style.transform =
        fraction > 0 ? `translateX(${(100 * fraction).toFixed(2)}%)` : "translateX(-4px)";
      if (!announce) continue;
      bar.classList.toggle("above-full-scale", levels.peak > 0);
      setAttribute(bar, "aria-valuenow", String(Math.round(Math.max(MIN_DB, levels.peak))));
      setAttribute(bar, "aria-valuetext", `peak ${formatLevel(levels.peak)} dBFS`);
    }
  }
}
