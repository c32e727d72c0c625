import { VIEW_TYPES } from "./view_types.js";

/** @import { Session } from "../kernel/session.js" */
/** @import { Palette } from "./drawing/theme.js" */
/** @import { View } from "./view_types.js" */

/** The views that are open in a panel, other than the magnitude, by name. */
export class OpenViews {
  /** @type {Map<string, View>} */ #views = new Map();

  /** @param {Session} session @param {Palette} palette */
  constructor(session, palette) {
    this.session = session;
    this.palette = palette;
  }

  /** Open the views that the session names, and close the others. */
  update() {
    const { session } = this;
    const open = session.views;
    for (const [name, view] of this.#views) {
      if (open.includes(name)) continue;
      view.close();
      this.#views.delete(name);
    }
    for (const tab of session.spec.views) {
      const { name, kind } = tab;
      if (!open.includes(name) || this.#views.has(name) || !VIEW_TYPES[kind]) continue;
      this.#views.set(name, new VIEW_TYPES[kind](this.palette, tab, session));
    }
  }

  /** Return the pane of an open view. @param {string} name */
  pane(name) {
    return this.#views.get(name)?.root;
  }

  /** Show what the kernel has sent for the views. */
  show() {
    for (const [name, view] of this.#views) {
      const drawing = this.session.drawings.get(name);
      if (drawing) view.show(drawing);
    }
  }

  /** Show the position of the playhead. */
  showPosition() {
    for (const view of this.#views.values()) view.position?.();
  }

  /** Draw again with changed colors, fonts or axes. */
  restyle() {
    for (const view of this.#views.values()) view.restyle();
  }

  close() {
    for (const view of this.#views.values()) view.close();
    this.#views.clear();
  }
}
