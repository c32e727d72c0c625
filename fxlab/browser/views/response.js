import { indexAt, responseRange, spectrumRange, valueAt } from "./axes.js";
import { Canvas } from "./canvas.js";
import { drawGrid, frequencyAt, MARGIN, rule, xOf, yOf } from "./grid.js";
import { ReadOut } from "./readout.js";

/** @import { Curves } from "../types" */
/** @import { Frame } from "./grid.js" */
/** @import { Palette } from "./theme.js" */

/** How long the hand must rest before the level axis shrinks, in ms. */
const REST = 900;

/** The response curve over the long-term spectra of input and output. */
export class ResponseView {
  /** @type {Curves | null} */ #curves = null;
  /** @type {Frame | null} */ #frame = null;
  /** The pointer, in px from the left. @type {number | null} */ #pointer = null;
  #range = { high: 6, low: -18 };
  #live = false;
  /** A hand is on a handle: the axis must not move away under it. */
  held = false;
  #font = "11px sans-serif";
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #shrink;

  /**
   * @param {HTMLElement} holder
   * @param {Palette} palette kept up to date by the theme
   * @param {(seq: number) => void} onDrawn
   */
  constructor(holder, palette, onDrawn) {
    this.palette = palette;
    this.onDrawn = onDrawn;
    this.holder = holder;
    this.readout = new ReadOut();
    this.canvas = new Canvas(holder, (context) => this.#draw(context));
    holder.addEventListener("pointermove", this.#onPointer);
    holder.addEventListener("pointerleave", this.#onPointer);
  }

  #onPointer = (/** @type {PointerEvent} */ event) => {
    const inside = event.type === "pointermove";
    this.#pointer = inside ? event.clientX - this.holder.getBoundingClientRect().left : null;
    this.canvas.invalidate();
  };

  /** Whether the spectra of now lie under this: then those of the whole step back. @param {boolean} live */
  setLive(live) {
    if (live === this.#live) return;
    this.#live = live;
    this.canvas.invalidate();
  }

  /** Where things lie, once it was drawn. */
  get frame() {
    return this.#frame;
  }

  get curves() {
    return this.#curves;
  }

  /** @param {Curves} curves */
  show(curves) {
    const first = this.#curves === null;
    this.#curves = curves;
    this.readout.name(
      /** @type {const} */ (["response", "input", "output"]).filter((name) => curves[name] !== null),
    );
    const wanted = responseRange([curves.response ?? [], ...curves.stages.map(({ db }) => db)]);
    const { high, low } = this.#range;
    // The axis grows at once, and shrinks when the hand rests: it must not breathe with a drag.
    this.#range = first ? wanted : { high: Math.max(high, wanted.high), low: Math.min(low, wanted.low) };
    clearTimeout(this.#shrink);
    if (wanted.high < this.#range.high || wanted.low > this.#range.low) {
      const shrink = () => {
        if (this.held) {
          this.#shrink = setTimeout(shrink, REST);
          return;
        }
        this.#range = wanted;
        this.canvas.invalidate();
      };
      this.#shrink = setTimeout(shrink, REST);
    }
    this.canvas.invalidate();
  }

  /** The colours or the font changed. */
  restyle() {
    this.#font = `11px ${getComputedStyle(this.holder).fontFamily}`;
    this.canvas.invalidate();
  }

  close() {
    clearTimeout(this.#shrink);
    this.holder.removeEventListener("pointermove", this.#onPointer);
    this.holder.removeEventListener("pointerleave", this.#onPointer);
    this.readout.root.remove();
    this.canvas.close();
  }

  /** @param {CanvasRenderingContext2D} context */
  #draw(context) {
    const curves = this.#curves;
    if (!curves || curves.frequency.length < 2) return;
    const { width, height } = this.canvas;
    const { frequency, response, input, output, stages } = curves;
    const spectrum = input || output ? spectrumRange([input ?? [], output ?? []]) : null;
    // Without a response there is one scale, that of the spectra.
    const alone = !response && stages.length === 0 ? spectrum : null;
    /** @type {Frame} */
    const frame = {
      left: MARGIN.left,
      right: width - (spectrum && !alone ? MARGIN.right : MARGIN.bare),
      top: MARGIN.top,
      bottom: height - MARGIN.bottom,
      low: Math.max(frequency[0], 0.1),
      high: frequency[frequency.length - 1],
      level: alone ?? this.#range,
      spectrum: alone ? null : spectrum,
    };
    this.#frame = frame;
    const { palette } = this;
    context.font = this.#font;
    drawGrid(context, frame, palette);
    context.save();
    context.beginPath();
    context.rect(frame.left, frame.top, frame.right - frame.left, frame.bottom - frame.top);
    context.clip();
    const xs = Float32Array.from(frequency, (f) => xOf(frame, Math.max(f, frame.low)));
    if (input && spectrum)
      this.#area(context, xs, input, frame, spectrum, palette.input, this.#live ? 0 : 0.13, 0.4);
    if (output && spectrum)
      this.#area(
        context,
        xs,
        output,
        frame,
        spectrum,
        palette.output,
        this.#live ? 0 : 0.16,
        this.#live ? 0.45 : 0.75,
      );
    for (const { db } of stages) {
      // Where a stage does nothing its curve would only thicken the line at 0 dB.
      const acting = Float32Array.from(db, (level) => (Math.abs(level) < 0.05 ? NaN : level));
      this.#line(context, xs, acting, frame, frame.level, palette.accent, 1, 0.6, true);
    }
    if (response) this.#line(context, xs, response, frame, frame.level, palette.accent, 2.25, 1);
    context.restore();
    this.#point(context, frame, curves);
    this.onDrawn(curves.seq);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Float32Array} xs
   * @param {ArrayLike<number>} db
   * @param {Frame} frame
   * @param {{ high: number, low: number }} range
   * @param {boolean} [gaps] whether what is not a number is a gap
   */
  #trace(context, xs, db, frame, range, gaps = false) {
    context.beginPath();
    for (let i = 0; i < xs.length; i++) {
      if (gaps && Number.isNaN(db[i])) continue;
      const apart = gaps && i > 0 && Number.isNaN(db[i - 1]);
      // Deep notches and what is not a number go below the plot, not through it.
      const y = yOf(frame, range, Math.max(Number.isNaN(db[i]) ? -400 : db[i], -400));
      if (apart) context.moveTo(xs[i], y);
      else context.lineTo(xs[i], y);
    }
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Float32Array} xs
   * @param {ArrayLike<number>} db
   * @param {Frame} frame
   * @param {{ high: number, low: number }} range
   * @param {string} color
   * @param {number} width
   * @param {number} alpha
   * @param {boolean} [gaps]
   */
  #line(context, xs, db, frame, range, color, width, alpha, gaps = false) {
    this.#trace(context, xs, db, frame, range, gaps);
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
   * @param {Frame} frame
   * @param {{ high: number, low: number }} range
   * @param {string} color
   * @param {number} fill
   * @param {number} edge
   */
  #area(context, xs, db, frame, range, color, fill, edge) {
    this.#trace(context, xs, db, frame, range);
    context.lineTo(xs[xs.length - 1], frame.bottom + 2);
    context.lineTo(xs[0], frame.bottom + 2);
    context.closePath();
    context.fillStyle = color;
    context.globalAlpha = fill;
    context.fill();
    this.#line(context, xs, db, frame, range, color, 1, edge);
  }

  /** What lies under the pointer. @param {CanvasRenderingContext2D} context @param {Frame} frame @param {Curves} curves */
  #point(context, frame, curves) {
    const at = this.#pointer;
    if (at === null || at < frame.left || at > frame.right) {
      this.readout.show(null);
      return;
    }
    const { palette } = this;
    const f = frequencyAt(frame, at);
    const index = indexAt(curves.frequency, f);
    /** @type {Record<string, number>} */
    const levels = {};
    for (const name of /** @type {const} */ (["response", "input", "output"])) {
      const curve = curves[name];
      if (curve) levels[name] = valueAt(curve, index);
    }
    this.readout.show(f, levels);
    context.strokeStyle = palette.muted;
    context.lineWidth = 1;
    const px = Math.round(at) + 0.5;
    rule(context, px, frame.top, px, frame.bottom);
    if (levels.response === undefined) return;
    const y = yOf(frame, frame.level, levels.response);
    if (!(y >= frame.top && y <= frame.bottom)) return;
    context.beginPath();
    context.arc(at, y, 4, 0, 2 * Math.PI);
    context.fillStyle = palette.plot;
    context.fill();
    context.strokeStyle = palette.accent;
    context.lineWidth = 2;
    context.stroke();
  }
}
