import { element, setAttribute } from "../ui/dom.js";
import { Canvas } from "./drawing/canvas.js";

/** @import { Curves } from "../types" */
/** @import { Palette } from "./drawing/theme.js" */

/** Room above and below the largest tap, and beside the first and the last, in px. */
const EDGE = { x: 14, y: 9 };
/** Fewer px than this for each tap, and there are no dots; than a stem's, and an outline is drawn. */
const DOT = 6;
const STEM = 2.5;

/** The taps of a finite impulse response, one stem each; of very many what they reach. */
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
    let top = 0;
    let bottom = 0;
    for (const tap of taps) {
      top = Math.max(top, tap);
      bottom = Math.min(bottom, tap);
    }
    const span = top - bottom || 1;
    const y = (/** @type {number} */ tap) => EDGE.y + ((top - tap) / span) * (height - 2 * EDGE.y);
    const step = (width - 2 * EDGE.x) / Math.max(1, taps.length - 1);
    const x = (/** @type {number} */ i) => (taps.length === 1 ? width / 2 : EDGE.x + i * step);
    const { palette } = this;
    context.fillStyle = palette.axis;
    context.fillRect(0, Math.round(y(0)), width, 1);
    context.strokeStyle = palette.accent;
    context.fillStyle = palette.accent;
    context.lineWidth = 1.5;
    context.beginPath();
    taps.forEach((tap, i) => {
      if (step >= STEM) {
        context.moveTo(x(i), y(0));
        context.lineTo(x(i), y(tap));
      } else if (i === 0) context.moveTo(x(i), y(tap));
      else context.lineTo(x(i), y(tap));
    });
    context.stroke();
    if (step >= DOT) {
      taps.forEach((tap, i) => {
        context.beginPath();
        context.arc(x(i), y(tap), 2.25, 0, 2 * Math.PI);
        context.fill();
      });
    }
    context.font = `11px ${getComputedStyle(this.root).fontFamily}`;
    context.fillStyle = palette.muted;
    context.textAlign = "right";
    context.textBaseline = "top";
    context.fillText(this.#label, width - EDGE.x, 4);
  }
}
