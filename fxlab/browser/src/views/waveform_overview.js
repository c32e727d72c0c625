import { formatTime } from "../controls/format.js";
import { element } from "../ui/dom.js";
import { hasModifier } from "../ui/panel_keys.js";
import { Canvas } from "./drawing/canvas.js";

/** @import { Peaks } from "../audio/peaks.js" */
/** @import { Palette } from "./drawing/theme.js" */

/** The width of the playhead, in px. */
const PLAYHEAD_WIDTH = 2;

/** How long the playhead must stand still before a screen reader that has it in focus announces it, in ms. */
const ANNOUNCE_DELAY = 400;

/** With Shift a drag shorter than this, in px, is a click, which clears the selection. */
const MIN_DRAG = 4;

/**
 * The entire sound, the output in front of the input, with the playhead. A click or a drag seeks, with Shift a drag
 * selects the part that loops.
 */
export class WaveformOverview {
  /** The highest absolute value of the vertical axis. */
  #amplitude = 0;
  #announced = "";
  #position = 0;
  /** @type {{ start: number, end: number } | null} */ #selection = null;
  /** The user moves the playhead. */
  #seeking = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #announceTimer;

  /**
   * @param {HTMLElement} container
   * @param {Palette} palette
   * @param {{ dry: Peaks, wet: Peaks, duration: () => number, seek: (seconds: number) => void,
   *   select: (start: number, end: number) => void }} session
   */
  constructor(container, palette, { dry, wet, duration, seek, select }) {
    this.palette = palette;
    this.dry = dry;
    this.wet = wet;
    this.duration = duration;
    this.seek = seek;
    this.select = select;
    this.selectionMark = element("div", { class: "part", hidden: true });
    this.playhead = element("div", { class: "playhead" });
    // An invisible range input covers the waveform, so that the browser itself handles clicks, drags and keys.
    this.range = element("input", {
      type: "range",
      min: 0,
      max: 1,
      step: "any",
      value: 0,
      "data-action": "seek",
      "aria-label": "Position",
      "aria-keyshortcuts": "[ ] Escape",
      title:
        "Shift+drag: select the part that loops. [ and ]: set its start or end to the playhead. Esc: clear it",
    });
    container.append(this.selectionMark, this.playhead, this.range);
    this.canvas = new Canvas(container, (context) => this.#draw(context));
    this.range.addEventListener("input", () => this.#seekTo(Number(this.range.value) * duration()));
    this.range.addEventListener("keydown", (event) => this.#onKey(event));
    this.range.addEventListener("pointerdown", (event) => this.#onPointerDown(event));
    this.showPosition(0);
  }

  /** Select a part with Shift and a drag. @param {PointerEvent} down */
  #onPointerDown(down) {
    if (!down.shiftKey || down.button !== 0) return;
    down.preventDefault();
    const { range } = this;
    const box = range.getBoundingClientRect();
    const secondsAt = (/** @type {PointerEvent} */ { clientX }) =>
      Math.max(0, Math.min(1, (clientX - box.left) / box.width)) * this.duration();
    const selectionTo = (/** @type {PointerEvent} */ event) => {
      const [start, end] = [secondsAt(down), secondsAt(event)].sort((a, b) => a - b);
      return { start, end: Math.abs(event.clientX - down.clientX) < MIN_DRAG ? start : end };
    };
    let selection = selectionTo(down);
    const onMove = (/** @type {PointerEvent} */ event) => {
      selection = selectionTo(event);
      this.showSelection(selection);
    };
    const onEnd = () => {
      range.removeEventListener("pointermove", onMove);
      this.select(selection.start, selection.end);
    };
    range.focus();
    range.setPointerCapture(down.pointerId);
    range.addEventListener("pointermove", onMove);
    range.addEventListener("lostpointercapture", onEnd, { once: true });
  }

  /** Show the part that loops. @param {{ start: number, end: number } | null} selection in seconds */
  showSelection(selection) {
    this.#selection = selection;
    const { style } = this.selectionMark;
    const duration = this.duration();
    this.selectionMark.hidden = !selection || duration === 0;
    if (!selection || duration === 0) return;
    const { start, end } = selection;
    style.left = `${(100 * start) / duration}%`;
    style.width = `${(100 * (Math.min(end, duration) - start)) / duration}%`;
    this.selectionMark.dataset.part = `${start.toFixed(4)} ${end.toFixed(4)}`;
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (hasModifier(event)) return;
    const duration = this.duration();
    const now = this.#position;
    const step = Math.min(1, duration / 20);
    /** @type {Record<string, number>} */
    const targets = {
      ArrowRight: now + step,
      ArrowUp: now + step,
      ArrowLeft: now - step,
      ArrowDown: now - step,
      PageUp: now + duration / 10,
      PageDown: now - duration / 10,
      Home: 0,
      End: duration,
    };
    if (!(event.key in targets)) return;
    event.preventDefault();
    this.#seekTo(Math.max(0, Math.min(duration, targets[event.key])));
  }

  /** @param {number} seconds */
  #seekTo(seconds) {
    this.#seeking = true;
    this.seek(seconds);
    this.#seeking = false;
  }

  /** Show the playhead. @param {number} seconds */
  showPosition(seconds) {
    this.#position = seconds;
    const duration = this.duration();
    const t = duration > 0 ? Math.min(1, seconds / duration) : 0;
    // A narrow element with a transform in px: the browser repaints nothing but the playhead.
    this.playhead.style.transform = `translateX(${(t * (this.canvas.width - PLAYHEAD_WIDTH)).toFixed(2)}px)`;
    // The text changes ten times a second, and there is no need to update the page more often.
    const text = `${formatTime(seconds)} of ${formatTime(duration)}`;
    if (text === this.#announced && !this.#seeking) return;
    this.#announced = text;
    // A screen reader announces every change of the focused element, which would never end while the sound plays.
    clearTimeout(this.#announceTimer);
    if (this.#seeking || !this.range.matches(":focus")) this.#setRange(t, text);
    else this.#announceTimer = setTimeout(() => this.#setRange(t, text), ANNOUNCE_DELAY);
  }

  /** @param {number} t from 0 to 1 @param {string} text */
  #setRange(t, text) {
    this.range.value = String(t);
    this.range.setAttribute("aria-valuetext", text);
  }

  invalidate() {
    this.canvas.invalidate();
  }

  close() {
    clearTimeout(this.#announceTimer);
    this.canvas.close();
  }

  /** @param {CanvasRenderingContext2D} context */
  #draw(context) {
    const { width, height } = this.canvas;
    const { palette } = this;
    this.showPosition(this.#position);
    this.showSelection(this.#selection);
    // The vertical axis grows at once, and shrinks only if the sound became much quieter.
    const needed = Math.max(this.dry.maximum, this.wet.maximum, 1e-4);
    if (needed > this.#amplitude || needed < this.#amplitude * 0.6) this.#amplitude = needed * 1.06;
    context.fillStyle = palette.axis;
    context.fillRect(0, Math.round(height / 2), width, 1);
    this.#drawPeaks(context, this.dry, width, height, palette.input, 0.42);
    this.#drawPeaks(context, this.wet, width, height, palette.accent, 0.72);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Peaks} peaks
   * @param {number} width
   * @param {number} height
   * @param {string} color
   * @param {number} alpha
   */
  #drawPeaks(context, peaks, width, height, color, alpha) {
    if (peaks.frames === 0) return;
    const middle = height / 2;
    const scale = (height / 2 - 2) / this.#amplitude;
    const { columns, low, high } = peaks;
    // A sound that is shorter than the timeline ends before its right edge.
    const columnsPerPixel = (columns * this.duration()) / (peaks.seconds * width);
    context.fillStyle = color;
    context.globalAlpha = alpha;
    context.beginPath();
    for (let px = 0; px < width && px * columnsPerPixel < columns; px++) {
      // Each pixel includes part of its neighbors, so that the half waves of a low tone stay connected.
      const from = Math.max(0, Math.floor((px - 0.7) * columnsPerPixel));
      const to = Math.min(columns, Math.max(from + 1, Math.ceil((px + 1.7) * columnsPerPixel)));
      let top = high[from];
      let bottom = low[from];
      for (let i = from + 1; i < to; i++) {
        top = Math.max(top, high[i]);
        bottom = Math.min(bottom, low[i]);
      }
      const y = middle - top * scale;
      context.rect(px, y, 1, Math.max(1, (top - bottom) * scale));
    }
    context.fill();
    context.globalAlpha = 1;
  }
}
