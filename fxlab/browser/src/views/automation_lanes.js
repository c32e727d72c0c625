import { element } from "../ui/dom.js";
import { AutomationLane } from "./automation_lane.js";

/** @import { Session } from "../kernel/session.js" */
/** @import { Points } from "../types" */
/** @import { Palette } from "./drawing/theme.js" */

/** The lanes of all automations, under the waveform. */
export class AutomationLanes {
  /** @type {AutomationLane[]} */ #lanes = [];

  /** @param {Session} session @param {Palette} palette */
  constructor(session, palette) {
    this.session = session;
    this.palette = palette;
    this.root = element("div", { class: "lanes" });
  }

  /** Create the lanes of the spec, replacing the previous ones. */
  build() {
    const { session } = this;
    const focused = this.root.ownerDocument.activeElement;
    const lane = this.root.contains(focused) ? focused?.closest("[data-lane]") : null;
    const index = lane ? [...lane.querySelectorAll(".point")].indexOf(/** @type {Element} */ (focused)) : -1;
    this.close();
    for (const { params, number } of session.spec.stages) {
      for (const { label, movement } of params) {
        const points = movement?.params.find(({ kind }) => kind === "points");
        if (!points) continue;
        const name = number === null ? label : `${number} ${label}`;
        const holds = movement?.holds;
        const created = new AutomationLane(points, name, this.palette, {
          duration: () => session.sound.duration,
          holds: () => Boolean(holds?.values.includes(String(session.values[holds.path]))),
          set: (value) => session.set(points.path, value),
        });
        this.#lanes.push(created);
        this.root.append(created.root);
      }
    }
    this.update();
    if (!lane) return;
    const same = this.#lanes.find(({ root }) => root.dataset.lane === lane.getAttribute("data-lane"));
    const nodes = same?.root.querySelectorAll(".point") ?? [];
    const node = nodes[Math.min(index, nodes.length - 1)];
    if (node instanceof HTMLElement) node.focus({ preventScroll: true });
  }

  /** Show the points. */
  update() {
    for (const lane of this.#lanes) {
      lane.show(/** @type {Points} */ (this.session.values[lane.param.path]));
      lane.invalidate();
    }
    this.showPosition();
  }

  /** Show the playhead. */
  showPosition() {
    for (const lane of this.#lanes) lane.showPosition(this.session.sound.position);
  }

  close() {
    for (const lane of this.#lanes) lane.close();
    this.#lanes = [];
  }
}
