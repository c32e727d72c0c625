/** @import { Session } from "../kernel/session.js" */

/** Returns the focus to what had it in a pane of a view, after the pane was rebuilt. */
export class PaneFocus {
  /**
   * What had the focus: `rootIndex` is its index among the poles and zeros, or -1.
   *
   * @type {{ view: string, action: string | undefined, rootIndex: number } | null}
   */
  #saved = null;

  /** @param {HTMLElement} panes @param {Session} session */
  constructor(panes, session) {
    this.panes = panes;
    this.session = session;
  }

  save() {
    const focused = this.panes.ownerDocument.activeElement;
    const pane = this.panes.contains(focused) ? focused?.closest("[data-view]") : null;
    if (!pane || !(focused instanceof HTMLElement)) return;
    const rootIndex = [...pane.querySelectorAll(".root-handle:not([hidden])")].indexOf(focused);
    this.#saved = { view: pane.getAttribute("data-view") ?? "", action: focused.dataset.action, rootIndex };
  }

  /** Focus what had the focus, or what has taken its place. */
  restore() {
    const saved = this.#saved;
    const { activeElement: focused, body } = this.panes.ownerDocument;
    const pane = saved && this.panes.querySelector(`[data-view="${CSS.escape(saved.view)}"]`);
    if (!saved || !pane || (focused !== body && !focused?.matches(".plot"))) return;
    const roots = [...pane.querySelectorAll(".root-handle:not([hidden])")];
    const found = saved.action
      ? pane.querySelector(`[data-action="${saved.action}"]`)
      : roots.at(saved.rootIndex);
    const isDrawn = this.session.drawings.has(saved.view);
    const next =
      (saved.action || saved.rootIndex >= 0 ? (found ?? roots.at(-1)) : null) ?? pane.querySelector(".plot");
    if (next instanceof HTMLElement) next.focus({ preventScroll: true });
    if (isDrawn || found) this.#saved = null;
  }
}
