import { element } from "../../ui/dom.js";
import { hasModifier } from "../../ui/panel_keys.js";

/** The factor of one key press or click. */
const STEP = 1.5;

/**
 * Let the user zoom and pan a plot: with Ctrl and the wheel (also sent for a pinch on a touch pad), with two fingers on a
 * touch screen, with the keys +, − and 0, and with three buttons. Call it before the target gets its own drag listeners,
 * so that a drag ends when it becomes a pinch.
 *
 * @param {HTMLElement} target
 * @param {{ zoom: (factor: number, x: number | null, y: number | null) => void,
 *   pan: (dx: number, dy: number) => void, reset: () => void }} view `x` and `y` are px from the target's corner; with
 *   null the view chooses the point to zoom around
 * @returns {HTMLElement} the buttons
 */
export function addZoomInput(target, view) {
  /** @type {Map<number, PointerEvent>} */
  const touches = new Map();
  /** A second finger has joined, and not all fingers are lifted yet. */
  let pinching = false;
  target.addEventListener(
    "wheel",
    (event) => {
      const box = target.getBoundingClientRect();
      if (event.ctrlKey || event.metaKey) {
        const factor = Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.03 : 0.003));
        view.zoom(factor, event.clientX - box.left, event.clientY - box.top);
      } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        view.pan(event.shiftKey && !event.deltaX ? event.deltaY : event.deltaX, 0);
      } else return; // the page scrolls
      event.preventDefault();
    },
    { passive: false },
  );
  /** Return the distance between two fingers and the point between them. */
  const pinch = () => {
    const [a, b] = [...touches.values()];
    const distance = Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
    return { distance, x: (a.clientX + b.clientX) / 2, y: (a.clientY + b.clientY) / 2 };
  };
  target.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch") touches.set(event.pointerId, event);
    pinching = touches.size > 1;
  });
  target.addEventListener("pointermove", (event) => {
    if (!touches.has(event.pointerId)) return;
    if (pinching) event.stopImmediatePropagation();
    const before = touches.size === 2 ? pinch() : null;
    touches.set(event.pointerId, event);
    if (!before) return;
    const { distance, x, y } = pinch();
    const box = target.getBoundingClientRect();
    view.pan(before.x - x, before.y - y);
    view.zoom(distance / before.distance, x - box.left, y - box.top);
  });
  for (const type of /** @type {const} */ (["pointerup", "pointercancel", "lostpointercapture"])) {
    target.addEventListener(type, (event) => {
      touches.delete(event.pointerId);
      if (touches.size === 0) pinching = false;
    });
  }
  target.addEventListener("keydown", (event) => {
    if (hasModifier(event)) return;
    if (event.key === "+" || event.key === "=") view.zoom(STEP, null, null);
    else if (event.key === "-") view.zoom(1 / STEP, null, null);
    else if (event.key === "0") view.reset();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  const button = (/** @type {string} */ action, /** @type {string} */ label, /** @type {string} */ text) => {
    const node = element(
      "button",
      { type: "button", "data-action": action, "aria-label": label, title: label },
      text,
    );
    node.addEventListener("click", () =>
      action === "zoom-reset" ? view.reset() : view.zoom(action === "zoom-in" ? STEP : 1 / STEP, null, null),
    );
    return node;
  };
  return element(
    "span",
    { class: "zoom-buttons" },
    button("zoom-out", "Zoom out (−)", "−"),
    button("zoom-in", "Zoom in (+)", "+"),
    button("zoom-reset", "Show all (0)", "All"),
  );
}
