import { zoomInput } from "./zoom_input.js";

/** @typedef {{ low: number, high: number }} Range */

/** Of the whole axis: no closer than this, on a linear one and in octaves. */
const CLOSEST = 1 / 400;

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
 * Zoom of the axis along a plot, by `zoomInput`, around the pointer; a drag moves what is enlarged, a double click
 * shows all; with the keyboard the arrows move. What is a control on the plot keeps its events to itself.
 *
 * @param {HTMLElement} plot
 * @param {{ frame: () => { left: number, right: number } | null,
 *   axis: () => { shown: Range, whole: Range, log: boolean } | null,
 *   change: (range: Range | null) => void }} view
 */
export function zoom(plot, view) {
  plot.tabIndex = 0;
  plot.dataset.lmSuppressShortcuts = "true";
  plot.setAttribute("aria-keyshortcuts", "+ - 0");
  /** The pointer that moves the axis, and where it was. */
  let held = { id: -1, x: 0 };

  /** @param {[number, number]} part of what is shown */
  const show = ([start, end]) => {
    const axis = view.axis();
    if (axis) view.change(reframed(axis.shown, axis.whole, axis.log, start, end));
  };
  const enlarged = () => {
    const axis = view.axis();
    return axis !== null && (axis.shown.low > axis.whole.low || axis.shown.high < axis.whole.high);
  };
  /** @param {number} dx */
  const pan = (dx) => {
    const frame = view.frame();
    const by = frame ? dx / (frame.right - frame.left) : 0;
    if (enlarged()) show([by, 1 + by]);
  };
  const free = (/** @type {Event} */ { target }) =>
    !(target instanceof Element && target.closest("button, .handle"));

  zoomInput(plot, {
    zoom: (factor, x) => {
      const frame = view.frame();
      const at = frame && x !== null ? (x - frame.left) / (frame.right - frame.left) : 0.5;
      show(about(Math.max(0, Math.min(1, at)), 1 / factor));
    },
    pan,
    reset: () => view.change(null),
  });
  plot.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !event.isPrimary || !free(event) || !enlarged()) return;
    held = { id: event.pointerId, x: event.clientX };
    plot.classList.add("panned");
    plot.setPointerCapture(event.pointerId);
  });
  plot.addEventListener("pointermove", (event) => {
    if (event.pointerId !== held.id || event.clientX === held.x) return;
    pan(held.x - event.clientX);
    held.x = event.clientX;
  });
  plot.addEventListener("lostpointercapture", ({ pointerId }) => {
    if (pointerId !== held.id) return;
    held.id = -1;
    plot.classList.remove("panned");
  });
  plot.addEventListener("dblclick", (event) => {
    if (free(event)) view.change(null);
  });
  plot.addEventListener("keydown", (event) => {
    if (event.target !== plot || event.altKey || event.ctrlKey || event.metaKey || !enlarged()) return;
    if (event.key === "ArrowLeft") show([-0.1, 0.9]);
    else if (event.key === "ArrowRight") show([0.1, 1.1]);
    else return;
    event.preventDefault();
  });
}
