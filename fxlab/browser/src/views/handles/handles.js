import { fromSlider, stepped, tidy, toSlider } from "../../controls/taper.js";
import { element, setAttribute } from "../../ui/dom.js";
import { frequencyAt, levelAt, xOf, yOf } from "../axes/grid.js";
import { indexAt, valueAt } from "../axes/ticks.js";
import { stageColor } from "../drawing/theme.js";
import { gripNow, grips, gripText, paramsOf, pressed } from "./handle_actions.js";

/** @import { Stage, Values } from "../../types" */
/** @import { Grip } from "./handle_actions.js" */
/** @import { ResponseView } from "../response_view.js" */

/** @typedef {Grip & { node: HTMLElement, path: string }} Handle `path` names the curve that it belongs to */

/** What Shift leaves of a movement. */
const FINE = 0.1;
/** Nearer than this, in px, two handles lie on one another. */
const SAME = 10;
/** How long a click waits for a second, in ms. */
const DOUBLE = 350;

/**
 * Points on the curves that a hand can drag: along the plot a frequency, up and down a gain, or the q where
 * there is no gain; the wheel or two fingers turn the q, Shift is fine, a double click brings the defaults
 * back. With the keyboard as `pressed` has it. A click on one that lies on others brings the next to the top.
 */
export class Handles {
  /** @type {Handle[]} */ #handles = [];
  /** @type {Values | null} */ values = null;
  #top = 1;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #click;

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
      for (const grip of grips(stage)) {
        const { index } = grip;
        const band = index === null ? stage.name : (grip.gain ?? grip.frequency)?.label;
        const node = element("div", {
          class: "handle",
          "data-stage": stage.path,
          role: "slider",
          tabindex: 0,
          "aria-label":
            number === null ? band : `${number} ${stage.name}${index === null ? "" : `, ${band}`}`,
          "aria-valuemin": 0,
          "aria-valuemax": 100,
          "data-lm-suppress-shortcuts": "true",
          hidden: true,
        });
        // The bands of one that stands alone have curves of their own.
        const path = index !== null && !stage.path ? String(index) : stage.path;
        const handle = { ...grip, node, path };
        this.#handles.push(handle);
        node.addEventListener("pointerdown", (event) => this.#grab(handle, event));
        node.addEventListener("wheel", (event) => this.#turn(handle, event), { passive: false });
        node.addEventListener("keydown", (event) => this.#key(handle, event));
        node.addEventListener("dblclick", () => this.#reset(handle));
        // The number that stands before the stage's name.
        if (number !== null) node.textContent = String(number);
        if (stage.color !== null) node.style.setProperty("--stage", `var(--fx-${stageColor(stage.color)})`);
        view.holder.append(node);
      }
    }
  }

  /** Put each where its values say. @param {Values} values */
  place(values) {
    this.values = values;
    for (const handle of this.#handles) this.#place(handle, values);
  }

  /** @param {Handle} handle @param {Values} values */
  #place(handle, values) {
    const { node, path, frequency, gain } = handle;
    const { frame, curves } = this.view;
    const f = this.#frequency(handle, values);
    const inside = frame && f >= frame.low && f <= frame.high;
    const kept = node === node.ownerDocument.activeElement || node.classList.contains("held");
    const own = curves?.stages.find((stage) => stage.path === path || path.startsWith(`${stage.path}.`));
    const curve = own?.db ?? (curves?.stages.length ? null : curves?.response);
    const shown = paramsOf(handle).every(
      ({ shown_when: condition }) => !condition || condition.values.includes(String(values[condition.path])),
    );
    const hidden = !frame || !shown || Number.isNaN(f) || !(inside || kept) || !(curve || gain);
    if (node.hidden !== hidden) node.hidden = hidden;
    if (!frame || !curves || hidden) return;
    const level = gain ? Number(values[gain.path]) : valueAt(curve ?? [0], indexAt(curves.frequency, f));
    const x = Math.max(frame.left, Math.min(frame.right, xOf(frame, Math.max(f, frame.log ? 1e-3 : 0))));
    const y = Math.max(frame.top, Math.min(frame.bottom, yOf(frame, frame.level, level)));
    // A transform, so that a move lays nothing out.
    node.style.transform = `translate(${x.toFixed(2)}px, ${y.toFixed(2)}px)`;
    const text = gripText(handle, values, f) + (own?.inactive ? ", bypassed" : "");
    setAttribute(node, "aria-valuetext", text);
    setAttribute(node, "aria-valuenow", String(gripNow(handle, values)));
    setAttribute(node, "title", text);
    if (!frequency) node.classList.add("upright");
    node.classList.toggle("left", own?.inactive === true);
    if (own && handle.index !== null) node.style.setProperty("--stage", `var(--fx-${stageColor(own.color)})`);
  }

  /** @param {Handle} handle @param {Values} values */
  #frequency({ frequency, gain }, values) {
    if (frequency) return Number(values[frequency.path]);
    return this.view.curves?.centerFrequencies[gain?.path ?? ""] ?? Number.NaN;
  }

  /** @param {Handle} handle @param {PointerEvent} down */
  #grab(handle, down) {
    const { values } = this;
    if (down.button !== 0 || !values) return;
    down.preventDefault();
    const { node, frequency, gain, q } = handle;
    const { view } = this;
    const { holder } = view;
    node.focus({ preventScroll: true });
    const box = holder.getBoundingClientRect();
    const grip = node.getBoundingClientRect();
    // Where the handle would be; it is held where it was taken, not at its middle.
    const at = { x: grip.left + grip.width / 2 - box.left, y: grip.top + grip.height / 2 - box.top };
    const last = { x: down.clientX, y: down.clientY };
    let turned = q ? toSlider(Number(values[q.path]), q) : 0;
    let moved = false;
    /** A second finger, and how far it was from the first. @type {{ id: number, x: number, y: number, away: number } | null} */
    let other = null;
    const away = () => (other ? Math.max(8, Math.hypot(other.x - last.x, other.y - last.y)) : 1);
    const move = (/** @type {PointerEvent} */ event) => {
      if (event.pointerId === other?.id) {
        other.x = event.clientX;
        other.y = event.clientY;
      }
      const dx = event.clientX - last.x;
      const dy = event.clientY - last.y;
      if (event.pointerId === down.pointerId) {
        last.x = event.clientX;
        last.y = event.clientY;
      }
      if (other) {
        // Fingers that part make the band wider.
        if (q) this.onChange(q.path, fromSlider(toSlider((q0 * other.away) / away(), q), q));
        return;
      }
      const { frame } = view;
      if (event.pointerId !== down.pointerId || !frame || (dx === 0 && dy === 0)) return;
      moved = true;
      const pace = event.shiftKey ? FINE : 1;
      at.x += dx * pace;
      at.y += dy * pace;
      if (frequency && dx !== 0) {
        this.onChange(frequency.path, fromSlider(toSlider(frequencyAt(frame, at.x), frequency), frequency));
      }
      if (gain && dy !== 0) {
        const level = levelAt(frame, at.y);
        this.onChange(gain.path, tidy(Math.max(gain.low, Math.min(gain.high, level)), gain));
      } else if (q && !gain && dy !== 0) {
        turned -= (dy * pace) / 300;
        this.onChange(q.path, fromSlider(turned, q));
      }
    };
    let q0 = 1;
    const second = (/** @type {PointerEvent} */ event) => {
      if (event.pointerId === down.pointerId || other || !q) return;
      event.preventDefault();
      event.stopPropagation();
      other = { id: event.pointerId, x: event.clientX, y: event.clientY, away: 1 };
      other.away = away();
      q0 = Number(this.values?.[q.path]);
    };
    const lift = (/** @type {PointerEvent} */ event) => {
      if (event.pointerId === other?.id) other = null;
    };
    const drop = () => {
      holder.removeEventListener("pointermove", move);
      holder.removeEventListener("pointerdown", second, true);
      holder.removeEventListener("pointerup", lift);
      node.classList.remove("held");
      view.held = false;
      if (!moved) this.#next(handle);
    };
    node.setPointerCapture(down.pointerId);
    node.classList.add("held");
    this.#raise(handle);
    view.held = true;
    holder.addEventListener("pointermove", move);
    holder.addEventListener("pointerdown", second, true);
    holder.addEventListener("pointerup", lift);
    node.addEventListener("lostpointercapture", drop, { once: true });
  }

  /** @param {Handle} handle */
  #raise({ node }) {
    this.#top += 1;
    node.style.zIndex = String(this.#top);
  }

  /** After a click on one that lies on others: the lowest of them comes to the top. @param {Handle} handle */
  #next(handle) {
    const spot = handle.node.getBoundingClientRect();
    const below = this.#handles.filter(({ node }) => {
      const { left, top } = node.getBoundingClientRect();
      return node !== handle.node && !node.hidden && Math.hypot(left - spot.left, top - spot.top) < SAME;
    });
    if (below.length === 0) return;
    below.sort((a, b) => Number(a.node.style.zIndex) - Number(b.node.style.zIndex));
    clearTimeout(this.#click);
    this.#click = setTimeout(() => {
      this.#raise(below[0]);
      below[0].node.focus({ preventScroll: true });
    }, DOUBLE);
  }

  /** @param {Handle} handle */
  #reset(handle) {
    clearTimeout(this.#click);
    for (const { path, default: value } of paramsOf(handle)) this.onChange(path, Number(value));
  }

  /** @param {Handle} handle @param {KeyboardEvent} event */
  #key(handle, event) {
    const changes = this.values && pressed(handle, this.values, event);
    if (!changes) return;
    event.preventDefault();
    for (const [path, value] of changes) this.onChange(path, value);
  }

  /** @param {Handle} handle @param {WheelEvent} event */
  #turn({ q }, event) {
    if (!q || !this.values || event.deltaY === 0) return;
    // Only over the handle itself, so that a page scrolls everywhere else.
    event.preventDefault();
    event.stopPropagation();
    const size = event.shiftKey ? "fine" : "step";
    this.onChange(q.path, stepped(Number(this.values[q.path]), q, event.deltaY < 0 ? 1 : -1, size));
  }

  close() {
    clearTimeout(this.#click);
    for (const { node } of this.#handles) node.remove();
  }
}
