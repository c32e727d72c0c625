import { fromSlider, roundValue, stepValue, toSlider } from "../../controls/taper.js";
import { element, setAttribute } from "../../ui/dom.js";
import { xOf, yOf } from "../axes/grid.js";
import { indexAt, valueAt } from "../axes/interpolate.js";
import { stageColor } from "../drawing/theme.js";
import { DragPosition } from "./drag_position.js";
import { findHandles, handleText, keyChanges, paramsOf, sliderPercent } from "./handle_params.js";

/** @import { Stage, Values } from "../../types" */
/** @import { HandleParams } from "./handle_params.js" */
/** @import { ResponseView } from "../response_view.js" */

/** @typedef {HandleParams & { node: HTMLElement, path: string }} Handle `path` is that of the curve it is drawn on */

/** The factor of a pointer movement with Shift. */
const FINE = 0.1;
/** Handles nearer to each other than this, in px, overlap. */
const OVERLAP = 10;
/** How long a click waits for a second one, in ms. */
const DOUBLE_CLICK = 350;

/**
 * Points on the curves that the user can drag: horizontally for a frequency, vertically for a gain, or for the q if there
 * is no gain. The wheel or a pinch changes the q, Shift makes the steps finer, a double click restores the defaults. For
 * the keys see `keyChanges`. A click on overlapping handles brings the next one to the top.
 */
export class Handles {
  /** @type {Handle[]} */ #handles = [];
  /** @type {Values | null} */ values = null;
  #topZIndex = 1;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #clickTimer;

  /**
   * @param {ResponseView} view
   * @param {Stage[]} stages
   * @param {(path: string, value: number) => void} onChange
   */
  constructor(view, stages, onChange) {
    this.view = view;
    this.onChange = onChange;
    for (const stage of stages) {
      const { number } = stage;
      for (const params of findHandles(stage)) {
        const { index } = params;
        const band = index === null ? stage.name : (params.gain ?? params.frequency)?.label;
        const node = element("div", {
          class: "handle",
          "data-stage": stage.path,
          role: "slider",
          tabindex: 0,
          "aria-label":
            number === null ? band : `${number} ${stage.name}${index === null ? "" : `, ${band}`}`,
          "aria-valuemin": 0,
          "aria-valuemax": 100,
          hidden: true,
        });
        // The bands of a module that is no stage of a chain have curves of their own.
        const path = index !== null && !stage.path ? String(index) : stage.path;
        const handle = { ...params, node, path };
        this.#handles.push(handle);
        node.addEventListener("pointerdown", (event) => this.#onPointerDown(handle, event));
        node.addEventListener("wheel", (event) => this.#onWheel(handle, event), { passive: false });
        node.addEventListener("keydown", (event) => this.#onKey(handle, event));
        node.addEventListener("dblclick", () => this.#reset(handle));
        // The same number as in the heading of the stage.
        if (number !== null) node.textContent = String(number);
        if (stage.color !== null) node.style.setProperty("--stage", `var(--fx-${stageColor(stage.color)})`);
        view.container.append(node);
      }
    }
  }

  /** Move the handles to where these values put them. @param {Values} values */
  place(values) {
    this.values = values;
    for (const handle of this.#handles) this.#place(handle, values);
  }

  /** @param {Handle} handle @param {Values} values */
  #place(handle, values) {
    const { node, path, frequency, gain } = handle;
    const { frame, curves } = this.view;
    const f = this.#frequency(handle, values);
    const isInside = frame && f >= frame.low && f <= frame.high;
    const isInUse = node === node.ownerDocument.activeElement || node.classList.contains("dragging");
    const stage = curves?.stages.find((one) => one.path === path || path.startsWith(`${one.path}.`));
    const curve = stage?.db ?? (curves?.stages.length ? null : curves?.response);
    const applies = paramsOf(handle).every(
      ({ shown_when: condition }) => !condition || condition.values.includes(String(values[condition.path])),
    );
    const hidden = !frame || !applies || Number.isNaN(f) || !(isInside || isInUse) || !(curve || gain);
    if (node.hidden !== hidden) node.hidden = hidden;
    if (!frame || !curves || hidden) return;
    const level = gain ? Number(values[gain.path]) : valueAt(curve ?? [0], indexAt(curves.frequency, f));
    const x = Math.max(frame.left, Math.min(frame.right, xOf(frame, Math.max(f, frame.log ? 1e-3 : 0))));
    const y = Math.max(frame.top, Math.min(frame.bottom, yOf(frame, frame.level, level)));
    // A transform, so that the move causes no layout.
    node.style.transform = `translate(${x.toFixed(2)}px, ${y.toFixed(2)}px)`;
    // The text of a handle that moves stays the same, because a screen reader would announce every change.
    const moving = paramsOf(handle).find(({ movement }) => movement);
    const shown = moving
      ? `${moving.label} moved by ${moving.movement?.kind}`
      : handleText(handle, values, f);
    const text = shown + (stage?.inactive ? ", bypassed" : "");
    setAttribute(node, "aria-valuetext", text);
    if (!moving) setAttribute(node, "aria-valuenow", String(sliderPercent(handle, values)));
    setAttribute(node, "title", text);
    if (!frequency) node.classList.add("vertical");
    node.classList.toggle("inactive", stage?.inactive === true);
    if (stage && handle.index !== null) {
      node.style.setProperty("--stage", `var(--fx-${stageColor(stage.color)})`);
    }
  }

  /** @param {Handle} handle @param {Values} values */
  #frequency({ frequency, gain }, values) {
    if (frequency) return Number(values[frequency.path]);
    return this.view.curves?.centerFrequencies[gain?.path ?? ""] ?? Number.NaN;
  }

  /** @param {Handle} handle @param {PointerEvent} down */
  #onPointerDown(handle, down) {
    const { values } = this;
    if (down.button !== 0 || !values) return;
    down.preventDefault();
    const { node, frequency, gain, q } = handle;
    const { view } = this;
    const { container } = view;
    node.focus({ preventScroll: true });
    const position = new DragPosition(this.#frequency(handle, values), gain ? Number(values[gain.path]) : 0);
    const last = { x: down.clientX, y: down.clientY };
    let qSlider = q ? toSlider(Number(values[q.path]), q) : 0;
    let moved = false;
    /**
     * A second finger: its position, and what its distance from the first was when it came down.
     * @type {{ id: number, x: number, y: number, startDistance: number } | null}
     */
    let second = null;
    let startQ = 1;
    const distance = () => (second ? Math.max(8, Math.hypot(second.x - last.x, second.y - last.y)) : 1);
    const onMove = (/** @type {PointerEvent} */ event) => {
      if (event.pointerId === second?.id) {
        second.x = event.clientX;
        second.y = event.clientY;
      }
      const dx = event.clientX - last.x;
      const dy = event.clientY - last.y;
      if (event.pointerId === down.pointerId) {
        last.x = event.clientX;
        last.y = event.clientY;
      }
      if (second) {
        // Spreading the fingers makes the band wider.
        if (q) {
          this.onChange(q.path, fromSlider(toSlider((startQ * second.startDistance) / distance(), q), q));
        }
        return;
      }
      const { frame } = view;
      if (event.pointerId !== down.pointerId || !frame || (dx === 0 && dy === 0)) return;
      moved = true;
      const speed = event.shiftKey ? FINE : 1;
      position.move(frame, dx * speed, dy * speed);
      if (frequency && dx !== 0) {
        this.onChange(frequency.path, fromSlider(toSlider(position.frequency, frequency), frequency));
      }
      if (gain && dy !== 0) {
        const level = Math.max(gain.low, Math.min(gain.high, position.level));
        this.onChange(gain.path, roundValue(level, gain));
      } else if (q && !gain && dy !== 0) {
        qSlider -= (dy * speed) / 300;
        this.onChange(q.path, fromSlider(qSlider, q));
      }
    };
    const onSecondDown = (/** @type {PointerEvent} */ event) => {
      if (event.pointerId === down.pointerId || second || !q) return;
      event.preventDefault();
      event.stopPropagation();
      second = { id: event.pointerId, x: event.clientX, y: event.clientY, startDistance: 1 };
      second.startDistance = distance();
      startQ = Number(this.values?.[q.path]);
    };
    const onSecondUp = (/** @type {PointerEvent} */ event) => {
      if (event.pointerId === second?.id) second = null;
    };
    const onEnd = () => {
      container.removeEventListener("pointermove", onMove);
      container.removeEventListener("pointerdown", onSecondDown, true);
      container.removeEventListener("pointerup", onSecondUp);
      node.classList.remove("dragging");
      view.frozen = false;
      if (!moved) this.#raiseNext(handle);
    };
    node.setPointerCapture(down.pointerId);
    node.classList.add("dragging");
    this.#raise(handle);
    view.frozen = true;
    container.addEventListener("pointermove", onMove);
    container.addEventListener("pointerdown", onSecondDown, true);
    container.addEventListener("pointerup", onSecondUp);
    node.addEventListener("lostpointercapture", onEnd, { once: true });
  }

  /** @param {Handle} handle */
  #raise({ node }) {
    this.#topZIndex += 1;
    node.style.zIndex = String(this.#topZIndex);
  }

  /** After a click on overlapping handles, bring the lowest one to the top. @param {Handle} clicked */
  #raiseNext(clicked) {
    const box = clicked.node.getBoundingClientRect();
    const overlapping = this.#handles.filter(({ node }) => {
      const { left, top } = node.getBoundingClientRect();
      return node !== clicked.node && !node.hidden && Math.hypot(left - box.left, top - box.top) < OVERLAP;
    });
    if (overlapping.length === 0) return;
    overlapping.sort((a, b) => Number(a.node.style.zIndex) - Number(b.node.style.zIndex));
    clearTimeout(this.#clickTimer);
    this.#clickTimer = setTimeout(() => {
      this.#raise(overlapping[0]);
      overlapping[0].node.focus({ preventScroll: true });
    }, DOUBLE_CLICK);
  }

  /** @param {Handle} handle */
  #reset(handle) {
    clearTimeout(this.#clickTimer);
    for (const { path, default: value } of paramsOf(handle)) this.onChange(path, Number(value));
  }

  /** @param {Handle} handle @param {KeyboardEvent} event */
  #onKey(handle, event) {
    const changes = this.values && keyChanges(handle, this.values, event);
    if (!changes) return;
    event.preventDefault();
    for (const [path, value] of changes) this.onChange(path, value);
  }

  /** @param {Handle} handle @param {WheelEvent} event */
  #onWheel({ q }, event) {
    if (!q || !this.values || event.deltaY === 0) return;
    // Everywhere else the wheel scrolls the page.
    event.preventDefault();
    event.stopPropagation();
    const size = event.shiftKey ? "fine" : "step";
    this.onChange(q.path, stepValue(Number(this.values[q.path]), q, event.deltaY < 0 ? 1 : -1, size));
  }

  close() {
    clearTimeout(this.#clickTimer);
    for (const { node } of this.#handles) node.remove();
  }
}
