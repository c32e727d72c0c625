import { element, setAttribute } from "../ui/dom.js";
import { Canvas } from "./drawing/canvas.js";
import { plotFont } from "./drawing/plot_font.js";

/** @import { Curves } from "../types" */
/** @import { Palette } from "./drawing/theme.js" */

/** Space above and below the largest tap, and beside the first and the last one, in px. */
const MARGIN = { x: 14, y: 9 };
/** The distances between taps, in px, from which on they have dots, and stems instead of an outline. */
const DOT_SPACING = 6;
const STEM_SPACING = 2.5;

/** The taps of a finite impulse response, one stem for each, or the outline of many. */
export class TapsView {
  /** @type {Float32Array} */ #taps = new Float32Array(0);
  #count = 0;

  /** @param {Palette} palette kept up to date by the theme */
  constructor(palette) {
    this.palette = palette;
    this.root = element("div", { class: "taps", role: "img" });
    this.canvas = new Canvas(this.root, (context) => this.#draw(context));
  }

  /** @param {Curves} curves */
  show({ taps, tapCount }) {
    if (!taps) return;
    this.#taps = taps;
    this.#count = tapCount;
    setAttribute(this.root, "aria-label", this.#label);
    this.canvas.invalidate();
  }

  get #label() {
    return this.#count === 1 ? "1 tap" : `${this.#count} taps`;
  }

  restyle() {
    this.canvas.invalidate();
  }

  close() {
    this.canvas.close();
    this.root.remove();
  }

  /** @param {CanvasRenderingContext2D} context */
  #draw(context) {
    const taps = this.#taps;
    const { width, height } = this.canvas;
    if (taps.length === 0) return;
    let highest = 0;
    let lowest = 0;
    for (const tap of taps) {
      highest = Math.max(highest, tap);
      lowest = Math.min(lowest, tap);
    }
    const span = highest - lowest || 1;
    const y = (/** @type {number} */ tap) => MARGIN.y + ((highest - tap) / span) * (height - 2 * MARGIN.y);
    const spacing = (width - 2 * MARGIN.x) / Math.max(1, taps.length - 1);
    const x = (/** @type {number} */ i) => (taps.length === 1 ? width / 2 : MARGIN.x + i * spacing);
    const { palette } = this;
    context.fillStyle = palette.axis;
    context.fillRect(0, Math.round(y(0)), width, 1);
    context.strokeStyle = palette.accent;
    context.fillStyle = palette.accent;
    context.lineWidth = 1.5;
    context.beginPath();
    taps.forEach((tap, i) => {
      if (spacing >= STEM_SPACING) {
        context.moveTo(x(i), y(0));
        context.lineTo(x(i), y(tap));
      } else if (i === 0) context.moveTo(x(i), y(tap));
      else context.lineTo(x(i), y(tap));
    });
    context.stroke();
    if (spacing >= DOT_SPACING) {
      taps.forEach((tap, i) => {
        context.beginPath();
        context.arc(x(i), y(tap), 2.25, 0, 2 * Math.PI);
        context.fill();
      });
    }
    context.font = plotFont(this.root);
    context.fillStyle = palette.muted;
    context.textAlign = "right";
    context.textBaseline = "top";
    context.fillText(this.#label, width - MARGIN.x, 4);
  }
}
