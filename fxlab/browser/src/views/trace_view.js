import { element, setAttribute } from "../ui/dom.js";
import { AutoRange } from "./axes/auto_range.js";
import { drawTicks, rule } from "./axes/grid.js";
import { Scale } from "./axes/scale.js";
import { indexAt, valueAt } from "./axes/ticks.js";
import { zoom } from "./axes/zoom.js";
import { Canvas } from "./drawing/canvas.js";
import { Readout, switcher } from "./readout.js";

/** @import { Session } from "../kernel/session.js" */
/** @import { ViewData } from "../types" */
/** @import { Axis } from "./axes/scale.js" */
/** @import { Palette } from "./drawing/theme.js" */

/**
 * A line, by the names of the vectors that hold it. `style` is "line", "stem" or "dashed"; `color` a name of
 * the palette.
 *
 * @typedef {{ x: string, y: string, label: string, style?: string, color?: keyof Palette }} Line
 * @typedef {{ label: string, x?: Axis, y: Axis, lines: Line[], diagonal?: boolean,
 *   closed?: boolean }} Form one way to show it
 */

/** Room for the labels, in px. */
const MARGIN = { left: 48, right: 30, top: 7, bottom: 22 };
/** Fewer px than this for each sample, and its stem has no dot. */
const DOT = 6;

/** Lines over a common axis, with their values under the pointer. */
export class TraceView {
  /** @type {ViewData | null} */ #data = null;
  /** Which of the forms is shown. */ #form = 0;
  /** @type {number | null} */ #pointer = null;
  /** Across, as it was drawn last. @type {Scale | null} */ #across = null;
  #font = "11px sans-serif";

  /**
   * @param {Palette} palette kept up to date by the theme
   * @param {{ name: string, label: string }} tab
   * @param {Session} session
   */
  constructor(palette, { name, label }, session) {
    this.palette = palette;
    this.session = session;
    this.switch = switcher("form", label, (next) => {
      this.#form = next;
      this.#fit(true);
    });
    this.readout = new Readout(this.switch.root);
    this.plot = element("div", { class: "plot", role: "img", "aria-label": label, "data-waiting": "" });
    this.head = element("div", { class: "playhead", hidden: true });
    this.plot.append(this.head);
    this.root = element("div", { class: "pane", "data-view": name }, this.readout.root, this.plot);
    this.range = new AutoRange(() => this.canvas.invalidate());
    this.canvas = new Canvas(this.plot, (context) => this.#draw(context));
    for (const type of /** @type {const} */ (["pointermove", "pointerleave"])) {
      this.plot.addEventListener(type, (event) => {
        const inside = type === "pointermove";
        this.#pointer = inside ? event.clientX - this.plot.getBoundingClientRect().left : null;
        this.canvas.invalidate();
      });
    }
    zoom(this.plot, {
      frame: () => this.#across && { left: this.#across.start, right: this.#across.end },
      axis: () => this.#axis,
      change: (range) => this.#axis && session.setAxis(this.#axis.unit, range),
    });
  }

  /** @param {ViewData} data */
  show(data) {
    const first = !this.#data?.fields.forms;
    this.#data = data;
    this.plot.removeAttribute("data-waiting");
    this.#fit(first);
  }

  restyle() {
    this.#font = `11px ${getComputedStyle(this.plot).fontFamily}`;
    this.canvas.invalidate();
  }

  /** Where an axis is of time in seconds, the playhead stands on it. */
  position() {
    const across = this.#across;
    if (this.head.hidden === (across?.unit === "s")) this.head.hidden = across?.unit !== "s";
    if (across?.unit !== "s") return;
    const x = across.at(this.session.sound.position);
    const there = x >= across.start - 1 && x <= across.end + 1;
    this.head.style.transform = `translateX(${(there ? x - 1 : -9).toFixed(2)}px)`;
  }

  close() {
    this.range.close();
    this.canvas.close();
    this.root.remove();
  }

  /** @returns {Form | null} */
  get #shown() {
    const forms = /** @type {Form[] | undefined} */ (this.#data?.fields.forms);
    return forms ? forms[Math.min(this.#form, forms.length - 1)] : null;
  }

  /** The axis across, all of it and what is shown of it. */
  get #axis() {
    const axis = /** @type {Axis | undefined} */ (this.#shown?.x ?? this.#data?.fields.x);
    if (!axis) return null;
    const [low, high] =
      axis.unit === "Hz" ? this.session.spec.frequency_range : [axis.low ?? 0, axis.high ?? 1];
    const { scale = axis.scale, ...range } = this.session.axes[axis.unit] ?? {};
    const log = scale === "log";
    const whole = { low: !log && axis.unit === "Hz" ? 0 : low, high };
    const shown = { low: range.low ?? whole.low, high: range.high ?? whole.high };
    return { unit: axis.unit, whole, shown, log };
  }

  /** New data, or another form: the axis up and the legend. @param {boolean} anew */
  #fit(anew) {
    const data = this.#data;
    const form = this.#shown;
    setAttribute(this.plot, "data-fault", String(!form));
    if (data && form) {
      const { y, lines } = form;
      this.switch.show(
        data.fields.forms.map((/** @type {Form} */ { label }) => label),
        data.fields.forms.indexOf(form),
      );
      this.readout.axes(y.unit);
      this.readout.name(lines.map(({ y, label, style, color }) => ({ key: y, label, swatch: style, color })));
      const up = new Scale(
        y,
        lines.map((line) => data.arrays[line.y] ?? []),
        1,
        0,
      );
      this.range.want(up, anew);
    } else this.readout.say(data?.fields.error ?? "");
    this.canvas.invalidate();
  }

  /** @param {CanvasRenderingContext2D} context */
  #draw(context) {
    const form = this.#shown;
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
    const { unit, shown, log } = axis;
    const across = new Scale({ unit, ...shown, scale: log ? "log" : "linear" }, [], frame.left, frame.right);
    const up = new Scale({ unit: form.y.unit, steps: form.y.steps, ...range }, [], frame.bottom, frame.top);
    this.#across = across;
    context.font = this.#font;
    const spare = Math.max(0, context.measureText(unit).width - 6);
    drawTicks(
      context,
      frame,
      this.palette,
      across.ticks((frame.right - frame.left) / 64),
      (x) => across.at(x),
      spare,
    );
    context.textAlign = "right";
    context.fillText(unit, width - 4, frame.bottom + 12);
    this.#levels(context, frame, up);
    context.save();
    context.beginPath();
    // The dot of a stem at the very edge is whole.
    const over = form.lines.some(({ style }) => style === "stem") ? 3 : 0;
    context.rect(frame.left - over, frame.top, frame.right - frame.left + 2 * over, frame.bottom - frame.top);
    context.clip();
    if (form.diagonal) {
      // What a wire would do.
      context.strokeStyle = this.palette.axis;
      rule(context, across.at(shown.low), up.at(shown.low), across.at(shown.high), up.at(shown.high));
    }
    for (const line of form.lines) if (arrays[line.y]?.length) this.#line(context, line, arrays, across, up);
    context.restore();
    this.#point(context, frame, form.lines, arrays, across, up);
    this.position();
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {{ left: number, right: number, top: number, bottom: number }} frame
   * @param {Scale} up
   */
  #levels(context, { left, right, top, bottom }, up) {
    const { palette } = this;
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
    context.lineWidth = style === "line" || !style ? 2 : 1.5;
    context.lineJoin = "round";
    context.setLineDash(style === "dashed" ? [5, 4] : []);
    context.beginPath();
    let apart = true;
    for (let i = 0; i < ys.length; i++) {
      if (!Number.isFinite(ys[i])) {
        apart = true;
        continue;
      }
      const px = across.at(Math.max(xs[i], across.log ? 1e-3 : xs[i]));
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
    if (style !== "stem" || Math.abs(across.at(xs[1] ?? 0) - across.at(xs[0])) < DOT) return;
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
      this.readout.show(this.#data?.fields.note ?? "");
      return;
    }
    const x = across.value(at);
    /** @type {Record<string, string>} */
    const values = {};
    for (const { x: xs, y, style } of this.#shown?.closed ? [] : lines) {
      const index = indexAt(arrays[xs], x);
      // Between two samples there is none.
      const value = valueAt(arrays[y], style === "stem" ? Math.round(index) : index);
      values[y] = Number.isFinite(value) ? up.text(value) : "–";
    }
    this.readout.show(across.text(x), values);
    context.strokeStyle = this.palette.muted;
    context.lineWidth = 1;
    const px = Math.round(at) + 0.5;
    rule(context, px, frame.top, px, frame.bottom);
  }
}
