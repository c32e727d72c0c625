import { element, setAttribute } from "./dom.js";

/** @import { Levels } from "../audio/levels.js" */

/** The ends of the scale, in dBFS. */
const LOW = -60;
const HIGH = 6;

/** How often a screen reader may be told, in ms. */
const SPOKEN = 1000;

/** Where on the scale, 0 to 1. @param {number} db */
export const along = (db) => Math.max(0, Math.min(1, (db - LOW) / (HIGH - LOW)));

/** @param {number} db @returns {string} with a real minus sign */
export const said = (db) => (db < -99 ? "−∞" : db.toFixed(1)).replace("-", "−");

/** Two slim bars, what goes in and what comes out: the mean square as a bar, the peak as a line that is held. */
export class LevelBars {
  #spoken = 0;

  /** @param {{ name: string, label: string, levels: Levels }[]} meters */
  constructor(meters) {
    this.meters = meters.map(({ name, label, levels }) => {
      const fill = element("i");
      const peak = element("b");
      const bar = element("span", { class: `bar ${name}`, role: "meter", "aria-label": label }, fill, peak);
      setAttribute(bar, "aria-valuemin", String(LOW));
      setAttribute(bar, "aria-valuemax", String(HIGH));
      return { bar, fill, peak, levels };
    });
    const title = "Input and output: RMS, peaks as a line";
    this.root = element("div", { class: "bars", title }, ...this.meters.map(({ bar }) => bar));
  }

  update() {
    const now = performance.now();
    const speak = now - this.#spoken > SPOKEN;
    if (speak) this.#spoken = now;
    for (const { bar, fill, peak, levels } of this.meters) {
      fill.style.transform = `scaleX(${along(levels.rms).toFixed(4)})`;
      const at = along(levels.peak);
      peak.style.transform = at > 0 ? `translateX(${(100 * at).toFixed(2)}%)` : "translateX(-4px)";
      if (!speak) continue;
      bar.classList.toggle("hot", levels.peak > 0);
      setAttribute(bar, "aria-valuenow", String(Math.round(Math.max(LOW, levels.peak))));
      setAttribute(bar, "aria-valuetext", `peak ${said(levels.peak)} dBFS`);
    }
  }
}
