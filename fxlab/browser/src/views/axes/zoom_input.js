import { element } from "../../ui/dom.js";

/** By how much one key press or one click enlarges. */
const STEP = 1.5;

/**
 * Zoom and pan by every hand: Ctrl and the wheel, which is a pinch on a touch pad, two fingers on a screen,
 * the keys + − 0, and three buttons. To be called before the target listens for a drag: one that becomes a pinch ends.
 *
 * @param {HTMLElement} target
 * @param {{ zoom: (factor: number, x: number | null, y: number | null) => void,
 *   pan: (dx: number, dy: number) => void, reset: () => void }} view `x`, `y` in px from the target's corner;
 *   null: where the view thinks best
 * @returns {HTMLElement} the buttons
 */
export function zoomInput(target, view) {
  /** @type {Map<number, PointerEvent>} */
  const fingers = new Map();
  /** There were two, and one is down still. */
  let pinched = false;
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
  /** How far apart two are, and the place between them. */
  const pair = () => {
    const [a, b] = [...fingers.values()];
    const apart = Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
    return { apart, x: (a.clientX + b.clientX) / 2, y: (a.clientY + b.clientY) / 2 };
  };
  target.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch") fingers.set(event.pointerId, event);
    pinched = fingers.size > 1;
  });
  target.addEventListener("pointermove", (event) => {
    if (!fingers.has(event.pointerId)) return;
    if (pinched) event.stopImmediatePropagation();
    const before = fingers.size === 2 ? pair() : null;
    fingers.set(event.pointerId, event);
    if (!before) return;
    const { apart, x, y } = pair();
    const box = target.getBoundingClientRect();
    view.pan(before.x - x, before.y - y);
    view.zoom(apart / before.apart, x - box.left, y - box.top);
  });
  for (const type of /** @type {const} */ (["pointerup", "pointercancel", "lostpointercapture"])) {
    target.addEventListener(type, (event) => {
      fingers.delete(event.pointerId);
      if (fingers.size === 0) pinched = false;
    });
  }
  target.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "+" || event.key === "=") view.zoom(STEP, null, null);
    else if (event.key === "-") view.zoom(1 / STEP, null, null);
    else if (event.key === "0") view.reset();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  const button = (/** @type {string} */ action, /** @type {string} */ label, /** @type {string} */ face) => {
    const node = element(
      "button",
      { type: "button", "data-action": action, "aria-label": label, title: label },
      face,
    );
    node.addEventListener("click", () =>
      action === "zoom-reset" ? view.reset() : view.zoom(action === "zoom-in" ? STEP : 1 / STEP, null, null),
    );
    return node;
  };
  return element(
    "span",
    { class: "lens" },
    button("zoom-out", "Zoom out (−)", "−"),
    button("zoom-in", "Zoom in (+)", "+"),
    button("zoom-reset", "Show all (0)", "All"),
  );
}
