import { formatTime, formatValue } from "../controls/format.js";
import { fromSlider, toSlider } from "../controls/taper.js";
import { element, setAttribute } from "../ui/dom.js";
import { hasModifier } from "../ui/panel_keys.js";
import { Canvas } from "./drawing/canvas.js";
import { addPoint, corners, keyEdit, movePoint, removePoint } from "./lane_geometry.js";

/** @import { Param, Points } from "../types" */
/** @import { Palette } from "./drawing/theme.js" */
/** @import { Edit } from "./lane_geometry.js" */

/** The distance of the highest and the lowest value from the edges of the lane, in px. */
const INSET = 8;
/** The factor of a pointer movement with Shift. */
const FINE = 0.1;
/** How long after its click a new point is not removed by a double click, in ms. */
const DOUBLE_CLICK = 500;

/** Return the end of a range as text, such as "20 kHz". @param {number} value @param {{ kind: string, unit: string }} param */
const formatEnd = (value, param) => formatValue(value, param).replace(/\.0+(?= |$)/, "");

/**
 * The automation of one parameter under the waveform, over the same time. A click adds a point, a drag moves it, a double
 * click or Delete removes it; for the other keys see `keyEdit`.
 */
export class AutomationLane {
  /** @type {Points} */ #points = [];
  /** @type {HTMLElement[]} */ #nodes = [];
  /** The index of the point that was pressed last; -1: none. */ #pressed = -1;
  /** When the last point was added, in ms. */ #addedAt = Number.NEGATIVE_INFINITY;

  /**
   * @param {Param} param the points, with the scale and the unit of the parameter
   * @param {string} label
   * @param {Palette} palette
   * @param {{ duration: () => number, holds: () => boolean, set: (points: Points) => void }} session
   */
  constructor(param, label, palette, session) {
    this.param = param;
    this.label = label;
    this.palette = palette;
    this.session = session;
    this.playhead = element("div", { class: "playhead" });
    const range = [param.high, param.low].map((value) => element("span", {}, formatEnd(value, this.#shown)));
    this.root = element(
      "div",
      {
        ...{ class: "lane", role: "group", "aria-label": `Automation of ${label}`, "data-lane": param.path },
        title:
          "Click: add a point. Drag: move it. Double click or Delete: remove it. Enter: add one after it",
      },
      element("span", { class: "lane-label" }, label),
      element("span", { class: "lane-range", "aria-hidden": "true" }, ...range),
      this.playhead,
    );
    this.canvas = new Canvas(this.root, (context) => this.#draw(context));
    this.root.addEventListener("pointerdown", (event) => this.#onPointerDown(event));
    this.root.addEventListener("dblclick", () => this.#onDoubleClick());
  }

  /** The parameter as its values are shown. */
  get #shown() {
    return { ...this.param, kind: "number" };
  }

  /** @param {Points} points */
  show(points) {
    if (points === this.#points) return;
    this.#points = points;
    while (this.#nodes.length > points.length) this.#nodes.pop()?.remove();
    while (this.#nodes.length < points.length) this.#addNode();
    this.#place();
    this.canvas.invalidate();
  }

  /** Show the playhead. @param {number} seconds */
  showPosition(seconds) {
    this.playhead.style.transform = `translateX(${this.#x(seconds).toFixed(2)}px)`;
  }

  invalidate() {
    this.canvas.invalidate();
  }

  close() {
    this.canvas.close();
    this.root.remove();
  }

  #addNode() {
    const node = element("div", {
      ...{ class: "point", role: "slider", tabindex: 0, "aria-valuemin": 0, "aria-valuemax": 100 },
    });
    node.addEventListener("keydown", (event) => this.#onKey(event, this.#nodes.indexOf(node)));
    this.#nodes.push(node);
    this.root.append(node);
  }

  /** @param {number} seconds */
  #x(seconds) {
    const duration = this.session.duration();
    return duration > 0 ? (Math.min(seconds, duration) / duration) * (this.canvas.width - 2) : 0;
  }

  /** @param {number} t slider coordinate */
  #y(t) {
    return INSET + (1 - t) * (this.canvas.height - 2 * INSET);
  }

  #place() {
    const { param, label } = this;
    const duration = this.session.duration();
    this.#points.forEach(([time, value], i) => {
      const node = this.#nodes[i];
      const t = toSlider(value, param);
      const text = `${formatTime(time, 2)}, ${formatValue(value, this.#shown)}`;
      node.hidden = time > duration && duration > 0;
      node.style.transform = `translate(${this.#x(time).toFixed(2)}px, ${this.#y(t).toFixed(2)}px)`;
      setAttribute(node, "aria-label", `${label}, point ${i + 1} of ${this.#points.length}`);
      setAttribute(node, "aria-valuenow", String(Math.round(1000 * t) / 10));
      setAttribute(node, "aria-valuetext", text);
      setAttribute(node, "title", text);
    });
  }

  /** @param {Edit | null} edit */
  #apply(edit) {
    if (!edit) return;
    this.show(edit.points);
    this.session.set(edit.points);
    this.#nodes[edit.index]?.focus({ preventScroll: true });
  }

  /** @param {KeyboardEvent} event @param {number} index */
  #onKey(event, index) {
    if (hasModifier(event)) return;
    const { param, session } = this;
    const edit = keyEdit(this.#points, index, event, param, session.duration(), session.holds());
    if (edit === undefined) return;
    event.preventDefault();
    this.#apply(edit);
  }

  /** Remove the point that was pressed, unless the first click has added it. */
  #onDoubleClick() {
    const index = this.#pressed;
    if (!this.#points[index] || performance.now() - this.#addedAt < DOUBLE_CLICK) return;
    this.#apply(removePoint(this.#points, index));
  }

  /** Add a point, or take the one under the pointer, and drag it. @param {PointerEvent} down */
  #onPointerDown(down) {
    const { root, param, session, canvas } = this;
    const duration = session.duration();
    if (down.button !== 0 || duration <= 0) return;
    down.preventDefault();
    let index = this.#nodes.indexOf(/** @type {HTMLElement} */ (down.target));
    this.#pressed = index;
    if (index < 0) {
      const { left, top } = root.getBoundingClientRect();
      const seconds = Math.max(0, Math.min(1, (down.clientX - left) / (canvas.width - 2))) * duration;
      const t = 1 - (down.clientY - top - INSET) / (canvas.height - 2 * INSET);
      const edit = addPoint(this.#points, seconds, t, param);
      if (!edit) return;
      index = edit.index;
      this.#addedAt = performance.now();
      this.#apply(edit);
    }
    const node = this.#nodes[index];
    node.focus({ preventScroll: true });
    // The position is kept in fractions, so that rounding does not add up.
    let [seconds, t] = [this.#points[index][0], toSlider(this.#points[index][1], param)];
    let last = down;
    const onMove = (/** @type {PointerEvent} */ event) => {
      const speed = event.shiftKey ? FINE : 1;
      seconds += ((event.clientX - last.clientX) * speed * duration) / (canvas.width - 2);
      t -= ((event.clientY - last.clientY) * speed) / (canvas.height - 2 * INSET);
      last = event;
      this.#apply(movePoint(this.#points, index, seconds, fromSlider(t, param), duration));
    };
    const onEnd = () => {
      root.removeEventListener("pointermove", onMove);
      node.classList.remove("dragging");
    };
    node.classList.add("dragging");
    root.setPointerCapture(down.pointerId);
    root.addEventListener("pointermove", onMove);
    root.addEventListener("lostpointercapture", onEnd, { once: true });
  }

  /** @param {CanvasRenderingContext2D} context */
  #draw(context) {
    const { palette, param, session } = this;
    const { width, height } = this.canvas;
    this.#place();
    context.fillStyle = palette.grid;
    for (const t of [0, 0.5, 1]) context.fillRect(0, Math.round(this.#y(t)), width, 1);
    if (this.#points.length === 0) return;
    const line = corners(this.#points, session.duration(), param, session.holds());
    context.beginPath();
    for (const [seconds, t] of line) context.lineTo(this.#x(seconds) + 1, this.#y(t));
    context.strokeStyle = palette.accent;
    context.lineWidth = 2;
    context.lineJoin = "round";
    context.stroke();
    context.lineTo(width, height);
    context.lineTo(0, height);
    context.globalAlpha = 0.12;
    context.fillStyle = palette.accent;
    context.fill();
    context.globalAlpha = 1;
  }
}
