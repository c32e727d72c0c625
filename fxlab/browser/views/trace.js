import { element, mark, write } from "../element.js";
import { indexAt, valueAt } from "./axes.js";
import { Canvas } from "./canvas.js";
import { rule } from "./grid.js";
import { Scale } from "./scale.js";

/** @import { ViewData } from "../types" */
/** @import { Axis } from "./scale.js" */
/** @import { Palette } from "./theme.js" */

/**
 * A line, by the names of the vectors that hold it. `style` is "line", "stem" or "dashed"; `color` a name of
 * the palette.
 *
 * @typedef {{ x: string, y: string, label: string, style?: string, color?: keyof Palette }} Line
 */

/** Room for the labels, in px. */
const MARGIN = { left: 48, right: 14, top: 7, bottom: 22 };

/** Lines over a common axis, with their values under the pointer. */
export class TraceView {
  /** @type {ViewData | null} */ #data = null;
  /** @type {number | null} */ #pointer = null;
  #font = "11px sans-serif";

  /** @param {Palette} palette kept up to date by the theme @param {{ name: string, label: string }} tab */
  constructor(palette, { name, label }) {
    this.palette = palette;
    this.readout = element("div", { class: "readout bare" });
    this.plot = element("div", { class: "plot", role: "img", "aria-label": label });
    this.root = element("div", { class: "pane", "data-view": name }, this.readout, this.plot);
    this.canvas = new Canvas(this.plot, (context) => this.#draw(context));
    for (const type of /** @type {const} */ (["pointermove", "pointerleave"])) {
      this.plot.addEventListener(type, (event) => {
        const inside = type === "pointermove";
        this.#pointer = inside ? event.clientX - this.plot.getBoundingClientRect().left : null;
        this.canvas.invalidate();
      });
    }
  }

  /** @param {ViewData} data */
  show(data) {
    this.#data = data;
    this.canvas.invalidate();
  }

  restyle() {
    this.#font = `11px ${getComputedStyle(this.plot).fontFamily}`;
    this.canvas.invalidate();
  }

  close() {
    this.canvas.close();
    this.root.remove();
  }

  /** @param {CanvasRenderingContext2D} context */
  #draw(context) {
    const data = this.#data;
    if (!data) return;
    const { fault, x, y } = data.fields;
    mark(this.plot, "data-fault", String(Boolean(fault)));
    if (fault) {
      write(this.readout, fault);
      return;
    }
    /** @type {Line[]} */
    const lines = data.fields.lines.filter((/** @type {Line} */ line) => data.arrays[line.y]?.length > 0);
    if (lines.length === 0) return;
    const { width, height } = this.canvas;
    const frame = {
      left: MARGIN.left,
      right: width - MARGIN.right,
      top: MARGIN.top,
      bottom: height - MARGIN.bottom,
    };
    const across = new Scale(
      /** @type {Axis} */ (x),
      lines.map((line) => data.arrays[line.x]),
      frame.left,
      frame.right,
    );
    const up = new Scale(
      /** @type {Axis} */ (y),
      lines.map((line) => data.arrays[line.y]),
      frame.bottom,
      frame.top,
    );
    context.font = this.#font;
    this.#grid(context, frame, across, up);
    context.save();
    context.beginPath();
    context.rect(frame.left, frame.top, frame.right - frame.left, frame.bottom - frame.top);
    context.clip();
    for (const line of lines) this.#line(context, line, data.arrays, across, up);
    context.restore();
    this.#point(context, frame, lines, data.arrays, across, up);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {{ left: number, right: number, top: number, bottom: number }} frame
   * @param {Scale} across @param {Scale} up
   */
  #grid(context, frame, across, up) {
    const { palette } = this;
    const { left, right, top, bottom } = frame;
    context.lineWidth = 1;
    context.textBaseline = "middle";
    context.textAlign = "center";
    let free = left - 14;
    for (const { value, label, major } of across.ticks((right - left) / 70)) {
      const at = Math.round(across.at(value)) + 0.5;
      context.strokeStyle = major ? palette.axis : palette.grid;
      rule(context, at, top, at, bottom);
      const half = context.measureText(label).width / 2;
      if (!label || at - half < free || at + half > right + 12) continue;
      context.fillStyle = palette.muted;
      context.fillText(label, at, bottom + 12);
      free = at + half + 8;
    }
    context.textAlign = "right";
    for (const { value, label } of up.ticks((bottom - top) / 26)) {
      const at = Math.round(up.at(value)) + 0.5;
      context.strokeStyle = value === 0 ? palette.axis : palette.grid;
      rule(context, left, at, right, at);
      context.fillStyle = palette.muted;
      context.fillText(label, left - 8, at);
    }
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Line} line
   * @param {Record<string, Float32Array>} arrays
   * @param {Scale} across @param {Scale} up
   */
  #line(context, { x, y, style, color = "accent" }, arrays, across, up) {
    const xs = arrays[x];
    const ys = arrays[y];
    context.strokeStyle = this.palette[color];
    context.fillStyle = this.palette[color];
    context.lineWidth = style === "stem" ? 1.5 : 2;
    context.setLineDash(style === "dashed" ? [5, 4] : []);
    context.beginPath();
    let apart = true;
    for (let i = 0; i < ys.length; i++) {
      if (!Number.isFinite(ys[i])) {
        apart = true;
        continue;
      }
      const px = across.at(xs[i]);
      const py = up.at(ys[i]);
      if (style === "stem") {
        context.moveTo(px, up.at(0));
        context.lineTo(px, py);
      } else if (apart) context.moveTo(px, py);
      else context.lineTo(px, py);
      apart = false;
    }
    context.stroke();
    context.setLineDash([]);
    if (style !== "stem" || Math.abs(across.at(xs[1] ?? 0) - across.at(xs[0])) < 6) return;
    for (let i = 0; i < ys.length; i++) {
      context.beginPath();
      context.arc(across.at(xs[i]), up.at(ys[i]), 2.25, 0, 2 * Math.PI);
      context.fill();
    }
  }

  /**
   * What lies under the pointer.
   *
   * @param {CanvasRenderingContext2D} context
   * @param {{ left: number, right: number, top: number, bottom: number }} frame
   * @param {Line[]} lines
   * @param {Record<string, Float32Array>} arrays
   * @param {Scale} across @param {Scale} up
   */
  #point(context, frame, lines, arrays, across, up) {
    const at = this.#pointer;
    if (at === null || at < frame.left || at > frame.right) {
      write(this.readout, lines.map(({ label }) => `${label} in ${up.unit || "units"}`).join(" · "));
      return;
    }
    const x = across.value(at);
    const values = lines.map((line) => {
      const value = valueAt(arrays[line.y], indexAt(arrays[line.x], x));
      return `${line.label} ${up.text(value)}`;
    });
    write(this.readout, [across.text(x), ...values].join(" · "));
    context.strokeStyle = this.palette.muted;
    context.lineWidth = 1;
    const px = Math.round(at) + 0.5;
    rule(context, px, frame.top, px, frame.bottom);
  }
}
