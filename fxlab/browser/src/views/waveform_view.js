import { formatTime } from "../controls/format.js";
import { element, setText } from "../ui/dom.js";
import { rule } from "./axes/grid.js";
import { drawStretch } from "./axes/loop_range.js";
import { Scale } from "./axes/scale.js";
import { zoomInput } from "./axes/zoom_input.js";
import { Canvas } from "./drawing/canvas.js";

/** @import { Session } from "../kernel/session.js" */
/** @import { ViewData } from "../types" */
/** @import { Stretch } from "./axes/loop_range.js" */
/** @import { Palette } from "./drawing/theme.js" */

/** Room for the labels, in px. */
const MARGIN = { left: 48, right: 30, top: 7, bottom: 22 };
/** How long the hand rests before the kernel is asked for a finer picture, in ms. */
const REST = 70;
/** Fewer px than this are a click, and of a finger a tap. */
const CLICK = 4;
const TAP = 10;

/** Input and output over one another, down to single samples; drag to choose what loops, click or tap to seek. */
export class WaveformView {
  /** @type {ViewData} */ #data = { fields: {}, arrays: {}, bytes: {} };
  /** What is shown, in s. */
  #from = 0;
  #to = 0;
  #length = 0;
  #top = 1;
  /** @type {number | null} */ #pointer = null;
  /** @type {[number, number] | null} */ #chosen = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;
  #font = "11px sans-serif";

  /** @param {Palette} palette @param {{ name: string, label: string }} tab @param {Session} session */
  constructor(palette, { name, label }, session) {
    this.palette = palette;
    this.session = session;
    this.name = name;
    this.text = element("span");
    this.plot = element("div", { class: "plot waveform", role: "group", "aria-label": label, tabindex: 0 });
    this.plot.dataset.lmSuppressShortcuts = "true";
    const buttons = zoomInput(this.plot, {
      zoom: (factor, x) => this.#enlarge(factor, x),
      pan: (dx) => this.#go(this.#from + dx * this.#each, this.#to - this.#from),
      reset: () => this.#go(0, this.#length),
    });
    this.head = element("div", { class: "playhead" });
    this.plot.append(this.head);
    const legend = element(
      "span",
      { class: "legend" },
      ...["Input", "Output"].map((name, i) =>
        element(
          "span",
          { "data-swatch": "area", style: `--swatch: var(--fx-${i ? "accent" : "input"})` },
          name,
        ),
      ),
    );
    const right = element("span", { class: "choices" }, legend, buttons);
    this.readout = element("div", { class: "readout row" }, this.text, right);
    this.root = element("div", { class: "pane", "data-view": name }, this.readout, this.plot);
    this.canvas = new Canvas(this.plot, (context) => this.#draw(context));
    this.plot.addEventListener("pointerdown", (event) => this.#grab(event));
    this.plot.addEventListener("keydown", (event) => {
      const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      this.#go(this.#from + (way * (this.#to - this.#from)) / 8, this.#to - this.#from);
    });
    for (const type of /** @type {const} */ (["pointermove", "pointerleave"])) {
      this.plot.addEventListener(type, (event) => {
        this.#pointer = type === "pointermove" ? this.#time(event) : null;
        this.canvas.invalidate();
      });
    }
    this.silence = session.listen((topic) => {
      if (topic === "position") this.#place();
      else if (topic === "wave" || topic === "transport") this.canvas.invalidate();
    });
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
    clearTimeout(this.#timer);
    this.silence();
    this.canvas.close();
    this.root.remove();
  }

  // -- what is shown ---------------------------------------------------------------------------------------------

  /** Seconds a pixel. */
  get #each() {
    return (this.#to - this.#from) / Math.max(1, this.canvas.width - MARGIN.left - MARGIN.right);
  }

  /** @param {PointerEvent} event */
  #time(event) {
    const x = event.clientX - this.plot.getBoundingClientRect().left - MARGIN.left;
    return Math.max(0, Math.min(this.#length, this.#from + x * this.#each));
  }

  /** @param {number} factor @param {number | null} x */
  #enlarge(factor, x) {
    const { position } = this.session.sound;
    const middle = position >= this.#from && position <= this.#to ? position : (this.#from + this.#to) / 2;
    const at = x === null ? middle : this.#from + (x - MARGIN.left) * this.#each;
    const span = (this.#to - this.#from) / factor;
    this.#go(at - (at - this.#from) / factor, span);
  }

  /** @param {number} from @param {number} span in s */
  #go(from, span) {
    const length = this.#length;
    const kept = Math.min(length, Math.max(span, 16 / this.session.spec.rate));
    this.#from = Math.max(0, Math.min(from, length - kept));
    this.#to = this.#from + kept;
    this.canvas.invalidate();
    this.#place();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const room = kept / 4;
      const whole = kept > 0.99 * length;
      this.session.redraw(this.name, {
        start: whole ? null : Math.max(0, this.#from - room),
        stop: whole ? null : Math.min(length, this.#to + room),
      });
    }, REST);
  }

  /** @param {PointerEvent} down */
  #grab(down) {
    if (down.button !== 0) return;
    const start = this.#time(down);
    if (down.pointerType === "touch") {
      this.#tap(down, start);
      return;
    }
    this.plot.setPointerCapture(down.pointerId);
    const move = (/** @type {PointerEvent} */ event) => {
      if (!this.#chosen && Math.abs(event.clientX - down.clientX) < CLICK) return;
      const end = this.#time(event);
      this.#chosen = start < end ? [start, end] : [end, start];
    };
    const drop = () => {
      this.plot.removeEventListener("pointermove", move);
      const chosen = this.#chosen;
      this.#chosen = null;
      if (!chosen) this.session.sound.seek(start);
      if (chosen) this.session.sound.select(...chosen);
      this.canvas.invalidate();
    };
    this.plot.addEventListener("pointermove", move);
    this.plot.addEventListener("lostpointercapture", drop, { once: true });
  }

  /** A finger that goes away, or that a second joins, is a drag or a pinch. @param {PointerEvent} down @param {number} start */
  #tap(down, start) {
    const ends = new AbortController();
    const { signal } = ends;
    const { plot } = this;
    plot.addEventListener("pointerdown", () => ends.abort(), { signal });
    plot.addEventListener("pointercancel", () => ends.abort(), { signal });
    const lift = (/** @type {PointerEvent} */ up) => {
      ends.abort();
      const away = Math.hypot(up.clientX - down.clientX, up.clientY - down.clientY);
      if (down.isPrimary && away < TAP) this.session.sound.seek(start);
    };
    plot.addEventListener("pointerup", lift, { signal });
  }

  #place() {
    const x = MARGIN.left + (this.session.sound.position - this.#from) / this.#each;
    const on = x >= MARGIN.left - 1 && x <= this.canvas.width - MARGIN.right + 1;
    if (this.head.hidden === on) this.head.hidden = !on;
    if (on) this.head.style.transform = `translateX(${x.toFixed(1)}px)`;
  }

  // -- drawing ---------------------------------------------------------------------------------------------------

  /** The finest that there is of what is shown. @param {"dry" | "wet"} role @returns {Stretch} */
  #stretch(role) {
    const { fields, arrays } = this.#data;
    const low = arrays[`${role}_low`] ?? arrays[role];
    if (low) {
      const high = arrays[`${role}_high`] ?? low;
      const stop = fields.start + low.length * fields.step;
      if (
        fields.start <= this.#from + fields.step &&
        stop >= Math.min(this.#to, this.session.sound.duration) - fields.step
      )
        return { low, high, start: fields.start, step: fields.step };
    }
    const peaks = this.session.sound[role];
    return { low: peaks.low, high: peaks.high, start: 0, step: peaks.seconds / peaks.columns };
  }

  /** @param {CanvasRenderingContext2D} context */
  #draw(context) {
    const { session, palette } = this;
    const { width, height } = this.canvas;
    const length = Math.max(session.sound.duration, session.sound.dry.seconds);
    if (length !== this.#length) {
      const all = this.#to - this.#from >= 0.99 * this.#length;
      this.#length = length;
      if (all) [this.#from, this.#to] = [0, length];
    }
    if (length === 0) return;
    const needed = Math.max(session.sound.dry.maximum, session.sound.wet.maximum, 1e-4);
    if (needed > this.#top || needed < this.#top * 0.6) this.#top = needed * 1.06;
    const [left, right, bottom] = [MARGIN.left, width - MARGIN.right, height - MARGIN.bottom];
    const across = new Scale({ unit: "s", low: this.#from, high: this.#to }, [], left, right);
    const up = new Scale({ unit: "", low: -this.#top, high: this.#top }, [], bottom, MARGIN.top);
    context.font = this.#font;
    context.lineWidth = 1;
    context.textBaseline = "middle";
    context.textAlign = "center";
    context.fillStyle = palette.muted;
    context.strokeStyle = palette.grid;
    for (const { value, label } of across.ticks((right - left) / 90)) {
      const at = Math.round(across.at(value)) + 0.5;
      rule(context, at, MARGIN.top, at, bottom);
      context.fillText(label, at, bottom + 12);
    }
    context.textAlign = "right";
    context.fillText("s", width - 4, bottom + 12);
    for (const { value, label, major } of up.ticks((bottom - MARGIN.top) / 34)) {
      const at = Math.round(up.at(value)) + 0.5;
      context.strokeStyle = major ? palette.axis : palette.grid;
      rule(context, left, at, right, at);
      context.fillText(label, left - 8, at);
    }
    context.save();
    context.beginPath();
    context.rect(left, MARGIN.top, right - left, bottom - MARGIN.top);
    context.clip();
    const { selection } = session.sound.listening;
    const part = this.#chosen ?? (selection && [selection.start, selection.end]);
    if (part) {
      context.fillStyle = palette.accent;
      context.globalAlpha = 0.14;
      const [x0, x1] = part.map((seconds) => across.at(seconds));
      context.fillRect(x0, MARGIN.top, x1 - x0, bottom - MARGIN.top);
    }
    drawStretch(context, this.#stretch("dry"), across, up, palette.input, 0.55);
    drawStretch(context, this.#stretch("wet"), across, up, palette.accent, 0.75);
    context.restore();
    this.#place();
    this.#say();
  }

  #say() {
    const places = Math.max(2, Math.min(6, Math.ceil(-Math.log10(this.#each)) + 1));
    const at = this.#chosen;
    if (at) setText(this.text, `${formatTime(at[0], places)} to ${formatTime(at[1], places)}`);
    else if (this.#pointer !== null) setText(this.text, formatTime(this.#pointer, places));
    else setText(this.text, `${formatTime(this.#from, 3)} to ${formatTime(this.#to, 3)}`);
  }
}
