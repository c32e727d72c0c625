import { formatTime } from "../controls/format.js";
import { element, setText } from "../ui/dom.js";
import { hasModifier } from "../ui/panel_keys.js";
import { strokeLine } from "./axes/grid.js";
import { Scale } from "./axes/scale.js";
import { addZoomInput } from "./axes/zoom_input.js";
import { Canvas } from "./drawing/canvas.js";
import { plotFont } from "./drawing/plot_font.js";
import { drawWaveform } from "./drawing/waveform.js";

/** @import { Session } from "../kernel/session.js" */
/** @import { ViewData, ViewTab, WaveformFields } from "../types" */
/** @import { WaveformSegment } from "./drawing/waveform.js" */
/** @import { Palette } from "./drawing/theme.js" */

/** Space around the plot for the labels, in px. */
const MARGIN = { left: 48, right: 30, top: 7, bottom: 22 };
/** How long the visible range must stay unchanged before the kernel is asked for a finer waveform, in ms. */
const REQUEST_DELAY = 70;
/** A movement below this, in px, is a click, or with a finger a tap. */
const CLICK_DISTANCE = 4;
const TAP_DISTANCE = 10;

/** Input and output in front of each other, down to single samples. A drag selects what loops; a click or tap seeks. */
export class WaveformView {
  /** @type {ViewData<WaveformFields>} */ #data = { fields: /** @type {any} */ ({}), arrays: {}, bytes: {} };
  /** The visible range and the entire duration, in s. */
  #start = 0;
  #end = 0;
  #duration = 0;
  /** The highest absolute value of the vertical axis. */
  #amplitude = 1;
  /** The time at the pointer, in s. @type {number | null} */ #pointer = null;
  /** The selection of a drag, in s. @type {[number, number] | null} */ #dragSelection = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;
  #font = "11px sans-serif";

  /** @param {Palette} palette @param {ViewTab} tab @param {Session} session */
  constructor(palette, { name, label }, session) {
    this.palette = palette;
    this.session = session;
    this.name = name;
    this.text = element("span");
    this.plot = element("div", { class: "plot waveform", role: "group", "aria-label": label, tabindex: 0 });
    this.plot.dataset.lmSuppressShortcuts = "true";
    const zoomButtons = addZoomInput(this.plot, {
      zoom: (factor, x) => this.#zoom(factor, x),
      pan: (dx) => this.#show(this.#start + dx * this.#secondsPerPixel, this.#span),
      reset: () => this.#show(0, this.#duration),
    });
    this.playhead = element("div", { class: "playhead" });
    this.plot.append(this.playhead);
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
    const controls = element("span", { class: "view-controls" }, legend, zoomButtons);
    this.readout = element("div", { class: "readout row" }, this.text, controls);
    this.root = element("div", { class: "pane", "data-view": name }, this.readout, this.plot);
    this.canvas = new Canvas(this.plot, (context) => this.#draw(context));
    this.plot.addEventListener("pointerdown", (event) => this.#onPointerDown(event));
    this.plot.addEventListener("keydown", (event) => {
      const direction = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!direction || hasModifier(event)) return;
      event.preventDefault();
      this.#show(this.#start + (direction * this.#span) / 8, this.#span);
    });
    for (const type of /** @type {const} */ (["pointermove", "pointerleave"])) {
      this.plot.addEventListener(type, (event) => {
        this.#pointer = type === "pointermove" ? this.#timeAt(event) : null;
        this.canvas.invalidate();
      });
    }
    this.unsubscribe = session.listen((topic) => {
      if (topic === "position") this.#updatePlayhead();
      else if (topic === "wave" || topic === "transport") this.canvas.invalidate();
    });
  }

  /** @param {ViewData<WaveformFields>} data */
  show(data) {
    this.#data = data;
    this.canvas.invalidate();
  }

  restyle() {
    this.#font = plotFont(this.plot);
    this.canvas.invalidate();
  }

  close() {
    clearTimeout(this.#timer);
    this.unsubscribe();
    this.canvas.close();
    this.root.remove();
  }

  // -- visible range ---------------------------------------------------------------------------------------------

  get #span() {
    return this.#end - this.#start;
  }

  get #secondsPerPixel() {
    return this.#span / Math.max(1, this.canvas.width - MARGIN.left - MARGIN.right);
  }

  /** @param {PointerEvent} event */
  #timeAt(event) {
    const x = event.clientX - this.plot.getBoundingClientRect().left - MARGIN.left;
    return Math.max(0, Math.min(this.#duration, this.#start + x * this.#secondsPerPixel));
  }

  /** Zoom around a pixel, or around the playhead or the middle. @param {number} factor @param {number | null} x */
  #zoom(factor, x) {
    const { position } = this.session.sound;
    const isVisible = position >= this.#start && position <= this.#end;
    const middle = isVisible ? position : (this.#start + this.#end) / 2;
    const fixed = x === null ? middle : this.#start + (x - MARGIN.left) * this.#secondsPerPixel;
    this.#show(fixed - (fixed - this.#start) / factor, this.#span / factor);
  }

  /** Show a range, at least 16 frames and within the sound. @param {number} start @param {number} wantedSpan in s */
  #show(start, wantedSpan) {
    const duration = this.#duration;
    const span = Math.min(duration, Math.max(wantedSpan, 16 / this.session.spec.rate));
    this.#start = Math.max(0, Math.min(start, duration - span));
    this.#end = this.#start + span;
    this.canvas.invalidate();
    this.#updatePlayhead();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const margin = span / 4;
      const isAll = span > 0.99 * duration;
      this.session.setViewOptions(this.name, {
        start: isAll ? null : Math.max(0, this.#start - margin),
        stop: isAll ? null : Math.min(duration, this.#end + margin),
      });
    }, REQUEST_DELAY);
  }

  // -- input -----------------------------------------------------------------------------------------------------

  /** @param {PointerEvent} down */
  #onPointerDown(down) {
    if (down.button !== 0) return;
    const start = this.#timeAt(down);
    if (down.pointerType === "touch") {
      this.#onTouch(down, start);
      return;
    }
    this.plot.setPointerCapture(down.pointerId);
    const onMove = (/** @type {PointerEvent} */ event) => {
      if (!this.#dragSelection && Math.abs(event.clientX - down.clientX) < CLICK_DISTANCE) return;
      const end = this.#timeAt(event);
      this.#dragSelection = start < end ? [start, end] : [end, start];
    };
    const onEnd = () => {
      this.plot.removeEventListener("pointermove", onMove);
      const selection = this.#dragSelection;
      this.#dragSelection = null;
      if (selection) this.session.sound.select(...selection);
      else this.session.sound.seek(start);
      this.canvas.invalidate();
    };
    this.plot.addEventListener("pointermove", onMove);
    this.plot.addEventListener("lostpointercapture", onEnd, { once: true });
  }

  /** Seek with a tap, but not if the finger moves away or a second one comes down. @param {PointerEvent} down @param {number} seconds */
  #onTouch(down, seconds) {
    const listeners = new AbortController();
    const { signal } = listeners;
    const { plot } = this;
    plot.addEventListener("pointerdown", () => listeners.abort(), { signal });
    plot.addEventListener("pointercancel", () => listeners.abort(), { signal });
    const onUp = (/** @type {PointerEvent} */ up) => {
      listeners.abort();
      const distance = Math.hypot(up.clientX - down.clientX, up.clientY - down.clientY);
      if (down.isPrimary && distance < TAP_DISTANCE) this.session.sound.seek(seconds);
    };
    plot.addEventListener("pointerup", onUp, { signal });
  }

  #updatePlayhead() {
    const x = MARGIN.left + (this.session.sound.position - this.#start) / this.#secondsPerPixel;
    const isVisible = x >= MARGIN.left - 1 && x <= this.canvas.width - MARGIN.right + 1;
    if (this.playhead.hidden === isVisible) this.playhead.hidden = !isVisible;
    if (isVisible) this.playhead.style.transform = `translateX(${x.toFixed(1)}px)`;
  }

  // -- drawing ---------------------------------------------------------------------------------------------------

  /** Return the most detailed data that covers the visible range. @param {"dry" | "wet"} role @returns {WaveformSegment} */
  #segment(role) {
    const { fields, arrays } = this.#data;
    const low = arrays[`${role}_low`] ?? arrays[role];
    if (low) {
      const high = arrays[`${role}_high`] ?? low;
      const { start, step } = fields;
      const stop = start + low.length * step;
      const end = Math.min(this.#end, this.session.sound.duration);
      if (start <= this.#start + step && stop >= end - step) return { low, high, start, step };
    }
    const peaks = this.session.sound[role];
    return { low: peaks.low, high: peaks.high, start: 0, step: peaks.seconds / peaks.columns };
  }

  /** @param {CanvasRenderingContext2D} context */
  #draw(context) {
    const { session, palette } = this;
    const { width, height } = this.canvas;
    const duration = Math.max(session.sound.duration, session.sound.dry.seconds);
    if (duration !== this.#duration) {
      const wasAll = this.#span >= 0.99 * this.#duration;
      this.#duration = duration;
      if (wasAll) [this.#start, this.#end] = [0, duration];
    }
    if (duration === 0) return;
    // The vertical axis grows at once, and shrinks only if the sound became much quieter.
    const needed = Math.max(session.sound.dry.maximum, session.sound.wet.maximum, 1e-4);
    if (needed > this.#amplitude || needed < this.#amplitude * 0.6) this.#amplitude = needed * 1.06;
    const [left, right, bottom] = [MARGIN.left, width - MARGIN.right, height - MARGIN.bottom];
    const xScale = new Scale({ unit: "s", low: this.#start, high: this.#end }, [], left, right);
    const levelAxis = { unit: "", low: -this.#amplitude, high: this.#amplitude };
    const yScale = new Scale(levelAxis, [], bottom, MARGIN.top);
    context.font = this.#font;
    context.lineWidth = 1;
    context.textBaseline = "middle";
    context.textAlign = "center";
    context.fillStyle = palette.muted;
    context.strokeStyle = palette.grid;
    for (const { value, label } of xScale.ticks((right - left) / 90)) {
      const x = Math.round(xScale.at(value)) + 0.5;
      strokeLine(context, x, MARGIN.top, x, bottom);
      context.fillText(label, x, bottom + 12);
    }
    context.textAlign = "right";
    context.fillText("s", width - 4, bottom + 12);
    for (const { value, label, major } of yScale.ticks((bottom - MARGIN.top) / 34)) {
      const y = Math.round(yScale.at(value)) + 0.5;
      context.strokeStyle = major ? palette.axis : palette.grid;
      strokeLine(context, left, y, right, y);
      context.fillText(label, left - 8, y);
    }
    context.save();
    context.beginPath();
    context.rect(left, MARGIN.top, right - left, bottom - MARGIN.top);
    context.clip();
    const { selection } = session.sound.listening;
    const selected = this.#dragSelection ?? (selection && [selection.start, selection.end]);
    if (selected) {
      context.fillStyle = palette.accent;
      context.globalAlpha = 0.14;
      const [x0, x1] = selected.map((seconds) => xScale.at(seconds));
      context.fillRect(x0, MARGIN.top, x1 - x0, bottom - MARGIN.top);
    }
    drawWaveform(context, this.#segment("dry"), xScale, yScale, palette.input, 0.55);
    drawWaveform(context, this.#segment("wet"), xScale, yScale, palette.accent, 0.75);
    context.restore();
    this.#updatePlayhead();
    this.#updateText();
  }

  /** Show the selection of a drag, the time at the pointer, or the visible range. */
  #updateText() {
    const decimals = Math.max(2, Math.min(6, Math.ceil(-Math.log10(this.#secondsPerPixel)) + 1));
    const selected = this.#dragSelection;
    if (selected) {
      setText(this.text, `${formatTime(selected[0], decimals)} to ${formatTime(selected[1], decimals)}`);
    } else if (this.#pointer !== null) setText(this.text, formatTime(this.#pointer, decimals));
    else setText(this.text, `${formatTime(this.#start, 3)} to ${formatTime(this.#end, 3)}`);
  }
}
