import { element, setAttribute } from "./dom.js";

/** @import { Spec } from "../types" */

/** How many views may be open side by side. */
const MOST = 2;

/**
 * The row that chooses the views. A click shows one alone; with Shift or Ctrl it opens beside the other,
 * or closes. The arrow keys go from tab to tab, Enter shows it, Shift+Enter opens it beside.
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

  /** @param {Spec["views"]} views */
  offer(views) {
    this.#tabs = new Map(
      views.map(({ name, label }) => {
        const tab = element(
          "button",
          { type: "button", "data-action": "view", "data-view": name, title: `${label} (Shift: beside)` },
          label,
        );
        tab.addEventListener("click", (event) => this.#choose(name, event.shiftKey || event.ctrlKey));
        return [name, tab];
      }),
    );
    this.root.replaceChildren(...this.#tabs.values());
    this.root.hidden = views.length < 2;
    this.show(this.#open);
  }

  /** @param {string[]} open */
  show(open) {
    this.#open = open;
    for (const [name, tab] of this.#tabs) {
      setAttribute(tab, "aria-pressed", String(open.includes(name)));
      tab.tabIndex = name === (this.#tabs.has(open[0]) ? open[0] : this.#tabs.keys().next().value) ? 0 : -1;
    }
  }

  /** @param {string} name @param {boolean} beside */
  #choose(name, beside) {
    if (!beside) this.onChange([name]);
    else if (!this.#open.includes(name)) this.onChange([...this.#open.slice(1 - MOST), name]);
    else if (this.#open.length > 1) this.onChange(this.#open.filter((other) => other !== name));
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const tabs = [...this.#tabs.values()];
    const at = tabs.findIndex((tab) => tab.matches(":focus"));
    /** @type {Record<string, number>} */
    const goals = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 };
    if (event.key === "Enter" && event.shiftKey && at >= 0) {
      event.preventDefault();
      this.#choose([...this.#tabs.keys()][at], true);
    } else if (event.key in goals && !event.altKey && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      tabs[(goals[event.key] + tabs.length) % tabs.length].focus();
    }
  }
}
