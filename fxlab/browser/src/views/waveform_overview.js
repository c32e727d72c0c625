import { formatTime } from "../controls/format.js";
import { element } from "../ui/dom.js";
import { Canvas } from "./drawing/canvas.js";

/** @import { Peaks } from "../audio/peaks.js" */
/** @import { Palette } from "./drawing/theme.js" */

/** The width of the playhead, in px. */
const HEAD = 2;

/** How long the playhead stands before a screen reader on it is told where, in ms. */
const STILL = 400;

/** Fewer px than this with Shift are a click: there is no selection any more. */
const CLICK = 4;

/**
 * The whole sound, the input behind its render, with the playhead; click or drag to seek, with Shift to select what
 * goes round.
 */
export class WaveformOverview {
  #top = 0;
  #text = "";
  #now = 0;
  /** @type {{ start: number, end: number } | null} */ #part = null;
  /** A hand moves the playhead. */
  #asked = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #still;

  /**
   * @param {HTMLElement} holder
   * @param {Palette} palette
   * @param {{ dry: Peaks, wet: Peaks, duration: () => number, seek: (seconds: number) => void,
   *   select: (start: number, end: number) => void }} session
   */
  constructor(holder, palette, { dry, wet, duration, seek, select }) {
    this.palette = palette;
    this.dry = dry;
    this.wet = wet;
    this.duration = duration;
    this.seek = seek;
    this.select = select;
    this.part = element("div", { class: "part", hidden: true });
    this.head = element("div", { class: "playhead" });
    // The range input lies over the picture, unseen: clicks, drags and keys are the browser's own.
    this.range = element("input", {
      type: "range",
      min: 0,
      max: 1,
      step: "any",
      value: 0,
      "data-action": "seek",
      "aria-label": "Position",
      "aria-keyshortcuts": "[ ] Escape",
      title: "Shift+drag: loop a part. [ and ]: its start and end at the playhead. Esc: the whole",
    });
    holder.append(this.part, this.head, this.range);
    this.holder = holder;
    this.canvas = new Canvas(holder, (context) => this.#draw(context));
    this.range.addEventListener("input", () => this.#go(Number(this.range.value) * duration()));
    this.range.addEventListener("keydown", (event) => this.#onKey(event));
    this.range.addEventListener("pointerdown", (event) => this.#grab(event));
    this.show(0);
  }

  /** @param {PointerEvent} down */
  #grab(down) {
    if (!down.shiftKey || down.button !== 0) return;
    down.preventDefault();
    const { range } = this;
    const box = range.getBoundingClientRect();
    const seconds = (/** @type {PointerEvent} */ { clientX }) =>
      Math.max(0, Math.min(1, (clientX - box.left) / box.width)) * this.duration();
    const part = (/** @type {PointerEvent} */ event) => {
      const ends = [seconds(down), seconds(event)].sort((a, b) => a - b);
      return { start: ends[0], end: Math.abs(event.clientX - down.clientX) < CLICK ? ends[0] : ends[1] };
    };
    let chosen = part(down);
    const move = (/** @type {PointerEvent} */ event) => {
      chosen = part(event);
      this.showSelection(chosen);
    };
    const drop = () => {
      range.removeEventListener("pointermove", move);
      this.select(chosen.start, chosen.end);
    };
    range.focus();
    range.setPointerCapture(down.pointerId);
    range.addEventListener("pointermove", move);
    range.addEventListener("lostpointercapture", drop, { once: true });
  }

  /** Show what goes round. @param {{ start: number, end: number } | null} part in seconds */
  showSelection(part) {
    this.#part = part;
    const { style } = this.part;
    const duration = this.duration();
    this.part.hidden = !part || duration === 0;
    if (!part || duration === 0) return;
    style.left = `${(100 * part.start) / duration}%`;
    style.width = `${(100 * (Math.min(part.end, duration) - part.start)) / duration}%`;
    this.part.dataset.part = `${part.start.toFixed(4)} ${part.end.toFixed(4)}`;
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const duration = this.duration();
    const now = this.#now;
    const step = Math.min(1, duration / 20);
    /** @type {Record<string, number>} */
    const goals = {
      ArrowRight: now + step,
      ArrowUp: now + step,
      ArrowLeft: now - step,
      ArrowDown: now - step,
      PageUp: now + duration / 10,
      PageDown: now - duration / 10,
      Home: 0,
      End: duration,
    };
    if (!(event.key in goals)) return;
    event.preventDefault();
    this.#go(Math.max(0, Math.min(duration, goals[event.key])));
  }

  /** @param {number} seconds */
  #go(seconds) {
    this.#asked = true;
    this.seek(seconds);
    this.#asked = false;
  }

  /** @param {number} seconds the playhead */
  show(seconds) {
    this.#now = seconds;
    const duration = this.duration();
    const t = duration > 0 ? Math.min(1, seconds / duration) : 0;
    // In pixels of a narrow element: what moves is all that the browser has to draw again.
    this.head.style.transform = `translateX(${(t * (this.canvas.width - HEAD)).toFixed(2)}px)`;
    // The text changes ten times a second; the rest of the page need not be laid out more often.
    const text = `${formatTime(seconds)} of ${formatTime(duration)}`;
    if (text === this.#text && !this.#asked) return;
    this.#text = text;
    // A screen reader says every change of what has the focus: of a playhead that runs it would never end.
    clearTimeout(this.#still);
    if (this.#asked || !this.range.matches(":focus")) this.#say(t, text);
    else this.#still = setTimeout(() => this.#say(t, text), STILL);
  }

  /** @param {number} t from 0 to 1 @param {string} text */
  #say(t, text) {
    this.range.value = String(t);
    this.range.setAttribute("aria-valuetext", text);
  }

  invalidate() {
    this.canvas.invalidate();
  }

  close() {
    clearTimeout(this.#still);
    this.canvas.close();
  }

  /** @param {CanvasRenderingContext2D} context */
  #draw(context) {
    const { width, height } = this.canvas;
    const { palette } = this;
    this.show(this.#now);
    this.showSelection(this.#part);
    // The scale follows what grows at once, and what shrinks only when it shrinks much.
    const needed = Math.max(this.dry.maximum, this.wet.maximum, 1e-4);
    if (needed > this.#top || needed < this.#top * 0.6) this.#top = needed * 1.06;
    context.fillStyle = palette.axis;
    context.fillRect(0, Math.round(height / 2), width, 1);
    this.#shape(context, this.dry, width, height, palette.input, 0.42);
    this.#shape(context, this.wet, width, height, palette.accent, 0.72);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Peaks} peaks
   * @param {number} width
   * @param {number} height
   * @param {string} color
   * @param {number} alpha
   */
  #shape(context, peaks, width, height, color, alpha) {
    if (peaks.frames === 0) return;
    const middle = height / 2;
    const unit = (height / 2 - 2) / this.#top;
    const { columns, low, high } = peaks;
    // Columns a pixel; a sound shorter than the timeline ends where it ends.
    const pace = (columns * this.duration()) / (peaks.seconds * width);
    context.fillStyle = color;
    context.globalAlpha = alpha;
    context.beginPath();
    for (let px = 0; px < width && px * pace < columns; px++) {
      // A little of the neighbours too, so that a low tone does not fall apart into half waves.
      const from = Math.max(0, Math.floor((px - 0.7) * pace));
      const to = Math.min(columns, Math.max(from + 1, Math.ceil((px + 1.7) * pace)));
      let top = high[from];
      let bottom = low[from];
      for (let i = from + 1; i < to; i++) {
        top = Math.max(top, high[i]);
        bottom = Math.min(bottom, low[i]);
      }
      const y = middle - top * unit;
      context.rect(px, y, 1, Math.max(1, (top - bottom) * unit));
    }
    context.fill();
    context.globalAlpha = 1;
  }
}
