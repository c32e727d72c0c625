/** @typedef {{ low: number, high: number }} Range */

/** Of the whole axis: no closer than this, on a linear one and in octaves. */
const CLOSEST = 1 / 400;
/** A key press, and a notch of the wheel by its px. */
const KEY = 1.5;
const WHEEL = 0.004;

/** @param {number} value @param {boolean} log */
const to = (value, log) => (log ? Math.log(value) : value);
/** @param {number} value @param {boolean} log */
const from = (value, log) => (log ? Math.exp(value) : value);

/**
 * @param {Range} shown @param {Range} whole @param {boolean} log
 * @param {number} start @param {number} end of what is wanted, 0 to 1 being what is shown
 * @returns {Range | null} within the whole; null is all of it
 */
export function reframed(shown, whole, log, start, end) {
  const base = to(shown.low, log);
  const size = to(shown.high, log) - base;
  const least = to(whole.low, log);
  const all = to(whole.high, log) - least;
  let span = Math.max((end - start) * size, all * CLOSEST);
  if (span >= all * 0.999) return null;
  const middle = base + (size * (start + end)) / 2;
  const low = Math.max(least, Math.min(least + all - span, middle - span / 2));
  span = Math.min(span, least + all - low);
  return { low: from(low, log), high: from(low + span, log) };
}

/** @param {number} at 0 to 1 of what is shown: what stays where it is @param {number} factor above 1 shows more @returns {[number, number]} */
export const about = (at, factor) => [at - at * factor, at + (1 - at) * factor];

/**
 * Zoom of the axis along a plot: Ctrl+wheel or a pinch around the pointer, a drag to move, a double click for
 * all; with the keyboard +, −, 0 and the arrows. What is a control on the plot keeps its events to itself.
 */
export class Zoom {
  /** Where each finger or the mouse is held. @type {Map<number, number>} */ #held = new Map();

  /**
   * @param {HTMLElement} plot
   * @param {{ frame: () => { left: number, right: number } | null,
   *   axis: () => { shown: Range, whole: Range, log: boolean } | null,
   *   change: (range: Range | null) => void }} view
   */
  constructor(plot, view) {
    this.plot = plot;
    this.view = view;
    plot.tabIndex = 0;
    plot.dataset.lmSuppressShortcuts = "true";
    plot.setAttribute("aria-keyshortcuts", "+ - 0");
    plot.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    plot.addEventListener("pointerdown", (event) => this.#down(event));
    plot.addEventListener("pointermove", (event) => this.#move(event));
    for (const type of /** @type {const} */ (["pointerup", "pointercancel"])) {
      plot.addEventListener(type, (event) => this.#up(event));
    }
    plot.addEventListener("dblclick", (event) => {
      if (!this.#taken(event)) this.view.change(null);
    });
    plot.addEventListener("keydown", (event) => this.#key(event));
  }

  /** @param {Event} event */
  #taken({ target }) {
    return target instanceof Element && target.closest(".handle") !== null;
  }

  /** Where on the axis, 0 to 1. @param {number} clientX */
  #at(clientX) {
    const frame = this.view.frame();
    if (!frame) return 0.5;
    const x = clientX - this.plot.getBoundingClientRect().left;
    return Math.max(0, Math.min(1, (x - frame.left) / (frame.right - frame.left)));
  }

  /** @param {[number, number]} to */
  #show([start, end]) {
    const axis = this.view.axis();
    if (!axis) return;
    const { shown, whole, log } = axis;
    this.view.change(reframed(shown, whole, log, start, end));
  }

  get #zoomed() {
    const axis = this.view.axis();
    return axis !== null && (axis.shown.low > axis.whole.low || axis.shown.high < axis.whole.high);
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    if (!(event.ctrlKey || event.metaKey) || this.#taken(event)) return;
    event.preventDefault();
    this.#show(about(this.#at(event.clientX), Math.exp(Math.max(-200, Math.min(200, event.deltaY)) * WHEEL)));
  }

  /** @param {PointerEvent} event */
  #down(event) {
    if (event.button !== 0 || this.#taken(event)) return;
    this.#held.set(event.pointerId, event.clientX);
    if (!this.#zoomed && this.#held.size < 2) return;
    this.plot.classList.add("panned");
    this.plot.setPointerCapture(event.pointerId);
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const before = this.#held.get(event.pointerId);
    if (before === undefined || before === event.clientX) return;
    if (event.buttons === 0) {
      this.#up(event); // it was let go beside the plot
      return;
    }
    const others = [...this.#held].filter(([id]) => id !== event.pointerId);
    this.#held.set(event.pointerId, event.clientX);
    const was = this.#at(before);
    const is = this.#at(event.clientX);
    if (others.length === 0) {
      if (this.#zoomed) this.#show([was - is, 1 + was - is]);
      return;
    }
    const other = this.#at(others[0][1]);
    // What lay under the two fingers stays there.
    const factor = Math.abs(was - other) / Math.max(0.02, Math.abs(is - other));
    this.#show(about(other, factor));
  }

  /** @param {PointerEvent} event */
  #up({ pointerId }) {
    this.#held.delete(pointerId);
    if (this.#held.size === 0) this.plot.classList.remove("panned");
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.target !== this.plot || event.altKey || event.ctrlKey || event.metaKey) return;
    const { key } = event;
    if (key === "+" || key === "=") this.#show(about(0.5, 1 / KEY));
    else if (key === "-" || key === "_") this.#show(about(0.5, KEY));
    else if (key === "0") this.view.change(null);
    else if (key === "ArrowLeft" && this.#zoomed) this.#show([-0.1, 0.9]);
    else if (key === "ArrowRight" && this.#zoomed) this.#show([0.1, 1.1]);
    else return;
    event.preventDefault();
  }
}
