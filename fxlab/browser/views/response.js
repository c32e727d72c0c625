import { inUnit } from "../controls/unit.js";
import { frequencyTicks, indexAt, levelTicks, responseRange, spectrumRange, valueAt } from "./axes.js";
import { Canvas } from "./canvas.js";

/** @import { Curves } from "../types" */
/** @import { Palette } from "./theme.js" */

const LEFT = 38;
const RIGHT = 40;
const TOP = 10;
const BOTTOM = 22;

/** The response curve over the long-term spectra of input and output. */
export class ResponseView {
  /** @type {Curves | null} */ #curves = null;
  /** @type {number | null} pointer, in px */ #pointer = null;
  #range = { high: 6, low: -18 };
  #shrink = 0;

  /**
   * @param {HTMLElement} holder
   * @param {Palette} palette kept up to date by the theme
   * @param {(seq: number) => void} onDrawn
   */
  constructor(holder, palette, onDrawn) {
    this.palette = palette;
    this.onDrawn = onDrawn;
    this.holder = holder;
    this.canvas = new Canvas(holder, (context) => this.#draw(context));
    holder.addEventListener("pointermove", (event) => {
      this.#pointer = event.clientX - holder.getBoundingClientRect().left;
      this.canvas.invalidate();
    });
    holder.addEventListener("pointerleave", () => {
      this.#pointer = null;
      this.canvas.invalidate();
    });
  }

  /** @param {Curves} curves */
  show(curves) {
    this.#curves = curves;
    const wanted = responseRange([curves.response ?? [], ...curves.stages.map(({ db }) => db)]);
    const { high, low } = this.#range;
    // The axis grows at once, and shrinks when the hand rests: it must not breathe with a drag.
    this.#range = { high: Math.max(high, wanted.high), low: Math.min(low, wanted.low) };
    clearTimeout(this.#shrink);
    if (wanted.high < this.#range.high || wanted.low > this.#range.low) {
      this.#shrink = setTimeout(() => {
        this.#range = wanted;
        this.canvas.invalidate();
      }, 900);
    }
    this.canvas.invalidate();
  }

  invalidate() {
    this.canvas.invalidate();
  }

  close() {
    clearTimeout(this.#shrink);
    this.canvas.close();
  }

  /** @param {CanvasRenderingContext2D} context */
  #draw(context) {
    const curves = this.#curves;
    if (!curves || curves.frequency.length < 2) return;
    const { width, height } = this.canvas;
    const { frequency, response, input, output, stages } = curves;
    const low = Math.max(frequency[0], 1);
    const high = frequency[frequency.length - 1];
    const right = width - (input || output ? RIGHT : 12);
    const bottom = height - BOTTOM;
    const x = (/** @type {number} */ f) => LEFT + ((right - LEFT) * Math.log(f / low)) / Math.log(high / low);
    const scale = (/** @type {{ high: number, low: number }} */ range) => (/** @type {number} */ db) =>
      TOP + ((bottom - TOP) * (range.high - db)) / (range.high - range.low);
    const yResponse = scale(this.#range);
    const spectra = spectrumRange([input ?? [], output ?? []]);
    const ySpectrum = scale(spectra);

    this.#grid(context, {
      low,
      high,
      right,
      bottom,
      x,
      yResponse,
      spectra: input || output ? spectra : null,
      ySpectrum,
    });

    context.save();
    context.beginPath();
    context.rect(LEFT, TOP, right - LEFT, bottom - TOP);
    context.clip();
    const { palette } = this;
    const xs = Float32Array.from(frequency, (f) => x(Math.max(f, low)));
    if (input) this.#area(context, xs, input, ySpectrum, bottom, palette.input, 0.16, 0.5);
    if (output) this.#area(context, xs, output, ySpectrum, bottom, palette.output, 0.16, 0.8);
    if (response && stages.length > 1) {
      for (const { db } of stages) this.#line(context, xs, db, yResponse, palette.accent, 1, 0.5);
    }
    if (response) this.#line(context, xs, response, yResponse, palette.accent, 2.25, 1);
    context.restore();

    if (this.#pointer !== null && this.#pointer >= LEFT && this.#pointer <= right) {
      this.#readOut(context, this.#pointer, curves, { low, high, right, bottom, yResponse });
    }
    this.onDrawn(curves.seq);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {{ low: number, high: number, right: number, bottom: number, x: (f: number) => number,
   *   yResponse: (db: number) => number, spectra: { high: number, low: number } | null,
   *   ySpectrum: (db: number) => number }} frame
   */
  #grid(context, { low, high, right, bottom, x, yResponse, spectra, ySpectrum }) {
    const { palette } = this;
    context.font = this.#font();
    context.lineWidth = 1;
    context.textBaseline = "middle";
    context.textAlign = "center";
    let free = LEFT - 4;
    for (const { frequency, label, major } of frequencyTicks(low, high)) {
      const at = Math.round(x(frequency)) + 0.5;
      context.strokeStyle = major ? palette.axis : palette.grid;
      this.#rule(context, at, TOP, at, bottom);
      if (!label) continue;
      const half = context.measureText(label).width / 2;
      if (at - half < free || at + half > right + 14) continue;
      context.fillStyle = palette.muted;
      context.fillText(label, at, bottom + 12);
      free = at + half + 8;
    }
    context.textAlign = "right";
    const lines = Math.max(3, Math.floor((bottom - TOP) / 30));
    for (const level of levelTicks(this.#range.low, this.#range.high, lines)) {
      const at = Math.round(yResponse(level)) + 0.5;
      context.strokeStyle = level === 0 ? palette.muted : palette.grid;
      context.globalAlpha = level === 0 ? 0.55 : 1;
      this.#rule(context, LEFT, at, right, at);
      context.globalAlpha = 1;
      context.fillStyle = palette.muted;
      context.fillText(level > 0 ? `+${level}` : String(level).replace("-", "−"), LEFT - 7, at);
    }
    if (!spectra) return;
    context.textAlign = "left";
    context.globalAlpha = 0.8;
    for (const level of levelTicks(spectra.low, spectra.high, Math.max(3, lines - 2))) {
      context.fillText(String(level).replace("-", "−"), right + 7, ySpectrum(level));
    }
    context.globalAlpha = 1;
  }

  #font() {
    return `11px ${getComputedStyle(this.holder).fontFamily}`;
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {number} x0
   * @param {number} y0
   * @param {number} x1
   * @param {number} y1
   */
  #rule(context, x0, y0, x1, y1) {
    context.beginPath();
    context.moveTo(x0, y0);
    context.lineTo(x1, y1);
    context.stroke();
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Float32Array} xs
   * @param {ArrayLike<number>} db
   * @param {(db: number) => number} y
   */
  #trace(context, xs, db, y) {
    let drawn = false;
    for (let i = 0; i < xs.length; i++) {
      // −∞ dB, a zero on the unit circle, is far below the plot.
      const at = Math.min(1e4, y(Math.max(db[i], -400)));
      if (Number.isNaN(at)) continue;
      if (drawn) context.lineTo(xs[i], at);
      else context.moveTo(xs[i], at);
      drawn = true;
    }
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Float32Array} xs
   * @param {ArrayLike<number>} db
   * @param {(db: number) => number} y
   * @param {string} color
   * @param {number} width
   * @param {number} alpha
   */
  #line(context, xs, db, y, color, width, alpha) {
    context.beginPath();
    this.#trace(context, xs, db, y);
    context.strokeStyle = color;
    context.lineWidth = width;
    context.lineJoin = "round";
    context.globalAlpha = alpha;
    context.stroke();
    context.globalAlpha = 1;
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Float32Array} xs
   * @param {ArrayLike<number>} db
   * @param {(db: number) => number} y
   * @param {number} bottom
   * @param {string} color
   * @param {number} fill
   * @param {number} edge
   */
  #area(context, xs, db, y, bottom, color, fill, edge) {
    context.beginPath();
    this.#trace(context, xs, db, y);
    context.lineTo(xs[xs.length - 1], bottom + 2);
    context.lineTo(xs[0], bottom + 2);
    context.closePath();
    context.fillStyle = color;
    context.globalAlpha = fill;
    context.fill();
    context.globalAlpha = 1;
    this.#line(context, xs, db, y, color, 1, edge);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {number} at
   * @param {Curves} curves
   * @param {{ low: number, high: number, right: number, bottom: number, yResponse: (db: number) => number }} frame
   */
  #readOut(context, at, { frequency, response, input, output }, { low, high, right, bottom, yResponse }) {
    const { palette } = this;
    const f = low * (high / low) ** ((at - LEFT) / (right - LEFT));
    const index = indexAt(frequency, f);
    const px = Math.round(at) + 0.5;
    context.strokeStyle = palette.muted;
    context.lineWidth = 1;
    this.#rule(context, px, TOP, px, bottom);
    /** @type {[string, string][]} */
    const parts = [[inUnit(f, "Hz"), palette.text]];
    const level = (/** @type {ArrayLike<number>} */ curve) => {
      const db = valueAt(curve, index);
      return db < -200 || Number.isNaN(db) ? "−∞ dB" : `${db.toFixed(1).replace("-", "−")} dB`;
    };
    if (response) parts.push([level(response), palette.accent]);
    if (input) parts.push([`in ${level(input)}`, palette.muted]);
    if (output) parts.push([`out ${level(output)}`, palette.output]);
    context.font = this.#font();
    const gap = 10;
    const widths = parts.map(([text]) => context.measureText(text).width);
    const total = widths.reduce((sum, width) => sum + width + gap, -gap);
    const left = Math.max(LEFT + 4, Math.min(at + 10, right - total - 14));
    context.globalAlpha = 0.92;
    context.fillStyle = palette.plot;
    context.beginPath();
    context.roundRect(left - 6, TOP + 5, total + 12, 22, 4);
    context.fill();
    context.globalAlpha = 1;
    context.strokeStyle = palette.axis;
    context.stroke();
    context.textAlign = "left";
    context.textBaseline = "middle";
    let pen = left;
    parts.forEach(([text, color], i) => {
      context.fillStyle = color;
      context.fillText(text, pen, TOP + 16.5);
      pen += widths[i] + gap;
    });
    if (!response) return;
    const y = yResponse(valueAt(response, index));
    if (y < TOP || y > bottom) return;
    context.beginPath();
    context.arc(at, y, 4, 0, 2 * Math.PI);
    context.fillStyle = palette.plot;
    context.fill();
    context.strokeStyle = palette.accent;
    context.lineWidth = 2;
    context.stroke();
  }
}
