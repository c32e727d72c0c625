import { hasModifier } from "../../ui/panel_keys.js";
import { addZoomInput } from "./zoom_input.js";

/** @import { ValueRange } from "../../types" */

/** The smallest part of an axis that can be shown, as a share of the entire axis: of its length, or of its octaves. */
const MIN_SHARE = 1 / 400;

/** @param {number} value @param {boolean} log */
const warp = (value, log) => (log ? Math.log(value) : value);
/** @param {number} coordinate @param {boolean} log */
const unwarp = (coordinate, log) => (log ? Math.exp(coordinate) : coordinate);

/**
 * Return the range of an axis that becomes visible, limited to the entire axis; null: all of it.
 *
 * @param {ValueRange} visible the range that is visible now
 * @param {ValueRange} full the entire axis
 * @param {boolean} log
 * @param {number} start the wanted ends, where 0 to 1 is the visible range
 * @param {number} end
 * @returns {ValueRange | null}
 */
export function zoomedRange(visible, full, log, start, end) {
  const base = warp(visible.low, log);
  const size = warp(visible.high, log) - base;
  const fullLow = warp(full.low, log);
  const fullSize = warp(full.high, log) - fullLow;
  let span = Math.max((end - start) * size, fullSize * MIN_SHARE);
  if (span >= fullSize * 0.999) return null;
  const middle = base + (size * (start + end)) / 2;
  const low = Math.max(fullLow, Math.min(fullLow + fullSize - span, middle - span / 2));
  span = Math.min(span, fullLow + fullSize - low);
  return { low: unwarp(low, log), high: unwarp(low + span, log) };
}

/**
 * Return the ends for `zoomedRange` that scale the visible range around a point.
 *
 * @param {number} fixed the point that stays where it is, 0 to 1 of the visible range
 * @param {number} factor above 1 shows more of the axis
 * @returns {[number, number]}
 */
export const scaledAround = (fixed, factor) => [fixed - fixed * factor, fixed + (1 - fixed) * factor];

/**
 * Let the user zoom the horizontal axis of a plot around the pointer, with the inputs of `addZoomInput`. A drag or the
 * arrow keys move the visible range, a double click shows the entire axis. Controls on the plot are left out.
 *
 * @param {HTMLElement} plot
 * @param {{ frame: () => { left: number, right: number } | null,
 *   axis: () => { shown: ValueRange, full: ValueRange, log: boolean } | null,
 *   change: (range: ValueRange | null) => void }} view
 */
export function addAxisZoom(plot, view) {
  plot.tabIndex = 0;
  plot.dataset.lmSuppressShortcuts = "true";
  plot.setAttribute("aria-keyshortcuts", "+ - 0");
  /** The pointer that drags the axis, and its last position. */
  let drag = { id: -1, x: 0 };

  /** @param {[number, number]} ends where 0 to 1 is the visible range */
  const show = ([start, end]) => {
    const axis = view.axis();
    if (axis) view.change(zoomedRange(axis.shown, axis.full, axis.log, start, end));
  };
  const isZoomed = () => {
    const axis = view.axis();
    return axis !== null && (axis.shown.low > axis.full.low || axis.shown.high < axis.full.high);
  };
  /** @param {number} dx */
  const pan = (dx) => {
    const frame = view.frame();
    const offset = frame ? dx / (frame.right - frame.left) : 0;
    if (isZoomed()) show([offset, 1 + offset]);
  };
  const isBackground = (/** @type {Event} */ { target }) =>
    !(target instanceof Element && target.closest("button, .handle"));

  addZoomInput(plot, {
    zoom: (factor, x) => {
      const frame = view.frame();
      const fixed = frame && x !== null ? (x - frame.left) / (frame.right - frame.left) : 0.5;
      show(scaledAround(Math.max(0, Math.min(1, fixed)), 1 / factor));
    },
    pan,
    reset: () => view.change(null),
  });
  plot.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !event.isPrimary || !isBackground(event) || !isZoomed()) return;
    drag = { id: event.pointerId, x: event.clientX };
    plot.classList.add("panning");
    plot.setPointerCapture(event.pointerId);
  });
  plot.addEventListener("pointermove", (event) => {
    if (event.pointerId !== drag.id || event.clientX === drag.x) return;
    pan(drag.x - event.clientX);
    drag.x = event.clientX;
  });
  plot.addEventListener("lostpointercapture", ({ pointerId }) => {
    if (pointerId !== drag.id) return;
    drag.id = -1;
    plot.classList.remove("panning");
  });
  plot.addEventListener("dblclick", (event) => {
    if (isBackground(event)) view.change(null);
  });
  plot.addEventListener("keydown", (event) => {
    if (event.target !== plot || hasModifier(event) || !isZoomed()) return;
    if (event.key === "ArrowLeft") show([-0.1, 0.9]);
    else if (event.key === "ArrowRight") show([0.1, 1.1]);
    else return;
    event.preventDefault();
  });
}
