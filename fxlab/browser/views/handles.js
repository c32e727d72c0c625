import { fromSlider, stepped, tidy, toSlider } from "../controls/taper.js";
import { element } from "../element.js";
import { indexAt, valueAt } from "./axes.js";
import { frequencyAt, levelAt, xOf, yOf } from "./grid.js";

/** @import { Param, Stage, Values } from "../types" */
/** @import { ResponseView } from "./response.js" */

/**
 * @typedef {{ stage: Stage, node: HTMLElement, frequency: Param, gain: Param | undefined,
 *   q: Param | undefined }} Handle
 */

/**
 * Points on the curve that a hand can drag, one for each stage with a frequency: along the plot its
 * frequency, up and down its gain, or its q where it has no gain; the wheel turns the q. The pointer's
 * short way to what the sliders below do, so hidden from a screen reader.
 */
export class Handles {
  /** @type {Handle[]} */ #handles = [];
  /** @type {Values | null} */ values = null;

  /**
   * @param {ResponseView} view
   * @param {Stage[]} stages
   * @param {(path: string, value: number) => void} onChange
   */
  constructor(view, stages, onChange) {
    this.view = view;
    this.onChange = onChange;
    for (const stage of stages) {
      const role = (/** @type {string} */ name) =>
        stage.params.find((param) => param.kind === "number" && param.role === name);
      const frequency = role("frequency");
      if (!frequency) continue;
      const node = element("div", {
        class: "handle",
        "data-stage": stage.path,
        "aria-hidden": "true",
        hidden: true,
      });
      /** @type {Handle} */
      const handle = { stage, node, frequency, gain: role("gain"), q: role("q") };
      this.#handles.push(handle);
      node.addEventListener("pointerdown", (event) => this.#grab(handle, event));
      node.addEventListener("wheel", (event) => this.#turn(handle, event), { passive: false });
      // The number that stands before the stage's name.
      if (stage.number !== null) node.textContent = String(stage.number);
      view.holder.append(node);
    }
  }

  /** Put each where its values say. @param {Values} values */
  place(values) {
    this.values = values;
    const { frame, curves } = this.view;
    for (const { node, stage, frequency, gain } of this.#handles) {
      const f = Number(values[frequency.path]);
      if (!frame || !curves?.response || !(f >= frame.low && f <= frame.high)) {
        node.hidden = true;
        continue;
      }
      const own = curves.stages.find(({ path }) => path === stage.path)?.db ?? curves.response;
      const level = gain ? Number(values[gain.path]) : valueAt(own, indexAt(curves.frequency, f));
      const y = yOf(frame, frame.level, level);
      node.hidden = false;
      // A transform, so that a move lays nothing out.
      const top = Math.max(frame.top, Math.min(frame.bottom, y));
      node.style.transform = `translate(${xOf(frame, f).toFixed(2)}px, ${top.toFixed(2)}px)`;
    }
  }

  /** @param {Handle} handle @param {PointerEvent} down */
  #grab(handle, down) {
    if (down.button !== 0 || !this.values) return;
    down.preventDefault();
    const { node, frequency, gain, q } = handle;
    const box = this.view.holder.getBoundingClientRect();
    const grip = node.getBoundingClientRect();
    // It is held where it was taken, not at its middle.
    const dx = down.clientX - (grip.left + grip.width / 2);
    const dy = down.clientY - (grip.top + grip.height / 2);
    const startQ = q ? toSlider(Number(this.values[q.path]), q) : 0;
    const move = (/** @type {PointerEvent} */ event) => {
      const { frame } = this.view;
      if (!frame) return;
      const f = frequencyAt(frame, event.clientX - dx - box.left);
      this.onChange(frequency.path, fromSlider(toSlider(f, frequency), frequency));
      if (gain) {
        const level = levelAt(frame, event.clientY - dy - box.top);
        this.onChange(gain.path, tidy(Math.max(gain.low, Math.min(gain.high, level)), gain));
      } else if (q) {
        this.onChange(q.path, fromSlider(startQ + (down.clientY - event.clientY) / 300, q));
      }
    };
    const drop = () => {
      node.removeEventListener("pointermove", move);
      node.classList.remove("held");
      this.view.held = false;
    };
    node.setPointerCapture(down.pointerId);
    node.classList.add("held");
    this.view.held = true;
    node.addEventListener("pointermove", move);
    node.addEventListener("lostpointercapture", drop, { once: true });
  }

  /** @param {Handle} handle @param {WheelEvent} event */
  #turn({ q }, event) {
    if (!q || !this.values || event.deltaY === 0) return;
    // Only over the handle itself, so that a page scrolls everywhere else.
    event.preventDefault();
    this.onChange(q.path, stepped(Number(this.values[q.path]), q, event.deltaY < 0 ? 1 : -1, "step"));
  }

  close() {
    for (const { node } of this.#handles) node.remove();
  }
}
