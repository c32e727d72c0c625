import { element, setAttribute } from "./dom.js";
import { hasModifier } from "./panel_keys.js";

/** @import { Spec } from "../types" */

/** How many views may be open side by side. */
const MAX_OPEN = 2;

/**
 * The buttons that choose the views. A click shows one view alone; with Shift or Ctrl it opens the view beside the
 * other one, or closes it. The arrow keys move the focus, Enter shows the focused view, Shift+Space opens it beside;
 * Shift+Enter belongs to the notebook, which runs the cell.
 */
export class Tabs {
  /** @type {Map<string, HTMLButtonElement>} */ #tabs = new Map();
  /** @type {string[]} */ #open = [];

  /** @param {(views: string[]) => void} onChange */
  constructor(onChange) {
    this.onChange = onChange;
    this.root = element("div", { class: "tabs", role: "toolbar", "aria-label": "Views" });
    this.root.addEventListener("keydown", (event) => this.#onKey(event));
  }

  /** Show a tab for each view. @param {Spec["views"]} views */
  setViews(views) {
    this.#tabs = new Map(
      views.map(({ name, label }) => {
        const title = `${label} (Shift+click: open beside the current view)`;
        const attributes = { type: "button", "data-action": "view", "data-view": name, title };
        const tab = element("button", attributes, label);
        tab.addEventListener("click", (event) => this.#choose(name, event.shiftKey || event.ctrlKey));
        return [name, tab];
      }),
    );
    this.root.replaceChildren(...this.#tabs.values());
    this.root.hidden = views.length < 2;
    this.setOpen(this.#open);
  }

  /** Mark the views that are open. @param {string[]} open */
  setOpen(open) {
    this.#open = open;
    // The toolbar is one tab stop, the tab of the first open view.
    const focusable = this.#tabs.has(open[0]) ? open[0] : this.#tabs.keys().next().value;
    for (const [name, tab] of this.#tabs) {
      setAttribute(tab, "aria-pressed", String(open.includes(name)));
      tab.tabIndex = name === focusable ? 0 : -1;
    }
  }

  /** @param {string} name @param {boolean} beside */
  #choose(name, beside) {
    if (!beside) this.onChange([name]);
    else if (!this.#open.includes(name)) this.onChange([...this.#open.slice(1 - MAX_OPEN), name]);
    else if (this.#open.length > 1) this.onChange(this.#open.filter((other) => other !== name));
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const tabs = [...this.#tabs.values()];
    const index = tabs.findIndex((tab) => tab.matches(":focus"));
    /** @type {Record<string, number>} */
    const targets = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: tabs.length - 1 };
    if (event.key === " " && event.shiftKey && !hasModifier(event) && index >= 0) {
      event.preventDefault();
      this.#choose([...this.#tabs.keys()][index], true);
    } else if (event.key in targets && !hasModifier(event)) {
      event.preventDefault();
      tabs[(targets[event.key] + tabs.length) % tabs.length].focus();
    }
  }
}
