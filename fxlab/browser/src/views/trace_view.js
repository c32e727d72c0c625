import { element, setAttribute } from "../ui/dom.js";
import { AutoRange } from "./axes/auto_range.js";
import { addAxisZoom } from "./axes/axis_zoom.js";
import { drawTicks, strokeLine } from "./axes/grid.js";
import { indexAt, valueAt } from "./axes/interpolate.js";
import { Scale } from "./axes/scale.js";
import { Canvas } from "./drawing/canvas.js";
import { plotFont } from "./drawing/plot_font.js";
import { drawTraceLine } from "./drawing/trace_line.js";
import { LiveDots } from "./live_dots.js";
import { createCycleButton, Readout } from "./readout.js";

/** @import { Session } from "../kernel/session.js" */
/** @import { Axis, TraceFields, TraceForm, ViewData, ViewTab } from "../types" */
/** @import { Edges } from "./axes/grid.js" */
/** @import { Palette } from "./drawing/theme.js" */

/** Space around the plot for the labels, in px. */
const MARGIN = { left: 48, right: 30, top: 7, bottom: 22 };

/** Lines over a common axis, with their values at the pointer. */
export class TraceView {
  /** @type {ViewData<TraceFields> | null} */ #data = null;
  /** The index of the form that is shown. */ #formIndex = 0;
  /** The pointer's x, in px. @type {number | null} */ #pointer = null;
  /** The axes as they were drawn last. @type {{ xScale: Scale, yScale: Scale } | null} */ #scales = null;
  #font = "11px sans-serif";

  /**
   * @param {Palette} palette kept up to date by the theme
   * @param {ViewTab} tab
   * @param {Session} session
   */
  constructor(palette, { name, label }, session) {
    this.palette = palette;
    this.session = session;
    this.label = label;
    this.formButton = createCycleButton("form", label, (next) => {
      this.#formIndex = next;
      this.#fit(true);
    });
    this.readout = new Readout(this.formButton.root);
    this.plot = element("div", { class: "plot", role: "img", "aria-label": label, "data-waiting": "" });
    this.playhead = element("div", { class: "playhead", hidden: true });
    this.plot.append(this.playhead);
    this.dots = new LiveDots(this.plot, session);
    this.root = element("div", { class: "pane", "data-view": name }, this.readout.root, this.plot);
    this.range = new AutoRange(() => this.canvas.invalidate());
    this.canvas = new Canvas(this.plot, (context) => this.#draw(context));
    for (const type of /** @type {const} */ (["pointermove", "pointerleave"])) {
      this.plot.addEventListener(type, (event) => {
        const isInside = type === "pointermove";
        this.#pointer = isInside ? event.clientX - this.plot.getBoundingClientRect().left : null;
        this.canvas.invalidate();
      });
    }
    addAxisZoom(this.plot, {
      frame: () => this.#scales && { left: this.#scales.xScale.start, right: this.#scales.xScale.end },
      axis: () => this.#axis,
      change: (range) => this.#axis && session.setAxis(this.#axis.unit, range),
    });
  }

  /** @param {ViewData<TraceFields>} data */
  show(data) {
    const isFirst = !this.#data?.fields.forms;
    this.#data = data;
    this.plot.removeAttribute("data-waiting");
    this.#fit(isFirst);
  }

  restyle() {
    this.#font = plotFont(this.plot);
    this.canvas.invalidate();
  }

  /** Move the dots, and show the playhead if the horizontal axis is a time in seconds. */
  position() {
    const form = this.#form;
    if (this.#data && form && this.#scales)
      this.dots.update({ arrays: this.#data.arrays, form, ...this.#scales });
    else this.dots.clear();
    const scale = this.#scales?.xScale;
    if (this.playhead.hidden === (scale?.unit === "s")) this.playhead.hidden = scale?.unit !== "s";
    if (scale?.unit !== "s") return;
    const { position } = this.session.sound;
    const x = scale.at(position);
    const isVisible = x >= scale.start - 1 && x <= scale.end + 1;
    this.playhead.style.transform = `translateX(${(isVisible ? x - 1 : -9).toFixed(2)}px)`;
    // Without a pointer the readout shows the values at the playhead, such as the gain reduction of now.
    if (this.#pointer === null && this.#scales) this.#showValuesAt(position, this.#scales);
  }

  close() {
    this.range.close();
    this.canvas.close();
    this.root.remove();
  }

  /** @returns {TraceForm | null} */
  get #form() {
    const forms = this.#data?.fields.forms;
    return forms ? forms[Math.min(this.#formIndex, forms.length - 1)] : null;
  }

  /** The horizontal axis: its full range and the visible one. */
  get #axis() {
    const axis = this.#form?.x ?? this.#data?.fields.x;
    if (!axis) return null;
    const { scale = axis.scale, ...range } = this.session.axes[axis.unit] ?? {};
    const log = scale === "log";
    const full = this.#fullRange(axis, log);
    const shown = { low: range.low ?? full.low, high: range.high ?? full.high };
    return { unit: axis.unit, steps: axis.steps, full, shown, log };
  }

  /**
   * The full range of a horizontal axis. A frequency axis without limits has those of all frequency plots of the panel.
   *
   * @param {Axis} axis @param {boolean} log
   */
  #fullRange({ unit, low = 0, high }, log) {
    const [lowest, highest] = this.session.spec.frequency_range;
    if (unit !== "Hz") return { low, high: high ?? 1 };
    if (high === undefined) return { low: log ? lowest : 0, high: highest };
    return { low: log && low <= 0 ? Math.min(lowest, high / 2) : low, high };
  }

  /** Fit the vertical axis and the legend to new data or another form. @param {boolean} immediately */
  #fit(immediately) {
    const data = this.#data;
    const form = this.#form;
    const forms = data?.fields.forms;
    setAttribute(this.plot, "data-error", String(!form));
    if (data && forms && form) {
      const { y, lines } = form;
      this.formButton.show(
        forms.map(({ label }) => label),
        forms.indexOf(form),
      );
      this.readout.setUnits(y.unit);
      // An axis with names in place of numbers names the lines, so that no legend is needed.
      const names = y.labels?.filter((name) => name) ?? [];
      const entries = lines.map(({ y, label, style, color }) => ({ key: y, label, swatch: style, color }));
      this.readout.setLegend(names.length ? [] : entries);
      setAttribute(this.plot, "aria-label", [this.label, ...names].join("; "));
      const arrays = lines.map((line) => data.arrays[line.y] ?? []);
      this.range.fit(new Scale(y, arrays, 1, 0), immediately);
    } else this.readout.setMessage(data?.fields.error ?? "");
    this.canvas.invalidate();
  }

  /** @param {CanvasRenderingContext2D} context */
  #draw(context) {
    const form = this.#form;
    const axis = this.#axis;
    const { range } = this.range;
    if (!this.#data || !form || !axis || !range) return;
    const { arrays } = this.#data;
    const { width, height } = this.canvas;
    const frame = {
      left: MARGIN.left,
      right: width - MARGIN.right,
      top: MARGIN.top,
      bottom: height - MARGIN.bottom,
    };
    const { unit, steps, shown, log } = axis;
    const scale = log ? "log" : "linear";
    const xScale = new Scale({ unit, steps, ...shown, scale }, [], frame.left, frame.right);
    const yScale = new Scale(
      { unit: form.y.unit, steps: form.y.steps, ...range },
      [],
      frame.bottom,
      frame.top,
    );
    this.#scales = { xScale, yScale };
    context.font = this.#font;
    const unitWidth = Math.max(0, context.measureText(unit).width - 6);
    const xTicks = xScale.ticks((frame.right - frame.left) / 64);
    drawTicks(context, frame, this.palette, xTicks, (x) => xScale.at(x), unitWidth);
    context.textAlign = "right";
    context.fillText(unit, width - 4, frame.bottom + 12);
    this.#drawYAxis(context, frame, yScale, form.y.labels);
    context.save();
    context.beginPath();
    // The dot of a stem at the edge of the plot is not cut off.
    const extra = form.lines.some(({ style }) => style === "stem") ? 3 : 0;
    const plotWidth = frame.right - frame.left;
    context.rect(frame.left - extra, frame.top, plotWidth + 2 * extra, frame.bottom - frame.top);
    context.clip();
    if (form.diagonal) {
      // The line of an unchanged signal.
      context.strokeStyle = this.palette.axis;
      const { low, high } = shown;
      strokeLine(context, xScale.at(low), yScale.at(low), xScale.at(high), yScale.at(high));
    }
    for (const line of form.lines) {
      if (arrays[line.y]?.length) drawTraceLine(context, this.palette, line, arrays, xScale, yScale);
    }
    context.restore();
    this.#drawPointer(context, frame, xScale, yScale);
    this.position();
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Edges} frame
   * @param {Scale} yScale
   * @param {string[]} [names] of the numbers 0, 1, 2 and so on, written above their lines
   */
  #drawYAxis(context, { left, right, top, bottom }, yScale, names) {
    const { palette } = this;
    context.textAlign = names ? "left" : "right";
    const ticks = names?.map((label, value) => ({ value, label }));
    for (const { value, label } of ticks ?? yScale.ticks((bottom - top) / 26)) {
      const y = Math.round(yScale.at(value)) + 0.5;
      context.strokeStyle = value === 0 ? palette.axis : palette.grid;
      strokeLine(context, left, y, right, y);
      context.fillStyle = palette.muted;
      context.fillText(label, names ? left : left - 8, names ? y - 8 : y);
    }
  }

  /**
   * Show the values of the lines at `x`, in the unit of the horizontal axis.
   *
   * @param {number} x @param {{ xScale: Scale, yScale: Scale }} scales
   */
  #showValuesAt(x, { xScale, yScale }) {
    const arrays = this.#data?.arrays ?? {};
    /** @type {Record<string, string>} */
    const values = {};
    // The lines of a closed form are not functions of x.
    for (const { x: xs, y, style } of this.#form?.closed ? [] : (this.#form?.lines ?? [])) {
      const index = indexAt(arrays[xs], x);
      // Stems are samples, and between two samples there is no value.
      const value = valueAt(arrays[y], style === "stem" ? Math.round(index) : index);
      values[y] = Number.isFinite(value) ? yScale.text(value) : "–";
    }
    this.readout.showPointer(xScale.text(x), values);
  }

  /**
   * Draw the crosshair and show the values at the pointer.
   *
   * @param {CanvasRenderingContext2D} context
   * @param {Edges} frame
   * @param {Scale} xScale @param {Scale} yScale
   */
  #drawPointer(context, frame, xScale, yScale) {
    const pointer = this.#pointer;
    if (pointer === null || pointer < frame.left || pointer > frame.right) {
      if (xScale.unit !== "s") this.readout.showPointer(this.#data?.fields.note ?? "");
      return;
    }
    this.#showValuesAt(xScale.value(pointer), { xScale, yScale });
    context.strokeStyle = this.palette.muted;
    context.lineWidth = 1;
    const px = Math.round(pointer) + 0.5;
    strokeLine(context, px, frame.top, px, frame.bottom);
  }
}
