import { element, mark } from "./element.js";

/**
 * @typedef {{ action: string, label: string, run: () => void, checked?: () => boolean, enabled?: () => boolean }} Item
 */

/** A button that opens a menu: arrows, Home, End and first letters go through it, Escape closes it. */
export class Menu {
  /** @type {{ item: Item, node: HTMLButtonElement }[]} */ #entries = [];

  /** @param {string} action @param {string} label @param {Node | string} face */
  constructor(action, label, face) {
    this.button = element(
      "button",
      {
        ...{ type: "button", "data-action": action, "aria-label": label, title: label },
        ...{ "aria-haspopup": "menu", "aria-expanded": "false" },
      },
      face,
    );
    this.list = element("div", { class: "menu", role: "menu", "aria-label": label, hidden: true });
    this.root = element("div", { class: "menu-holder" }, this.button, this.list);
    this.button.addEventListener("click", () => this.open(this.list.hidden));
    this.root.addEventListener("keydown", (event) => this.#onKey(event));
    this.root.addEventListener("focusout", (event) => {
      if (!(event.relatedTarget instanceof Node) || !this.root.contains(event.relatedTarget))
        this.open(false);
    });
  }

  /** What follows stands apart from what was added before. */
  rule() {
    this.list.append(element("div", { role: "separator" }));
  }

  /** @param {Item} item */
  add(item) {
    const role = item.checked ? "menuitemcheckbox" : "menuitem";
    const node = element(
      "button",
      { type: "button", role, tabindex: -1, "data-action": item.action },
      item.label,
    );
    node.addEventListener("click", () => {
      this.open(false);
      this.button.focus();
      item.run();
    });
    this.#entries.push({ item, node });
    this.list.append(node);
  }

  /** @param {boolean} on */
  open(on) {
    if (on === !this.list.hidden) return;
    this.list.hidden = !on;
    mark(this.button, "aria-expanded", String(on));
    if (!on) return;
    for (const { item, node } of this.#entries) {
      if (item.checked) mark(node, "aria-checked", String(item.checked()));
      node.disabled = item.enabled?.() === false;
    }
    this.#nodes[0]?.focus();
  }

  get #nodes() {
    return this.#entries.map(({ node }) => node).filter((node) => !node.disabled);
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const { key } = event;
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (this.list.hidden) {
      if (key !== "ArrowDown") return;
      this.open(true);
    } else if (key === "Escape") {
      this.open(false);
      this.button.focus();
    } else {
      const nodes = this.#nodes;
      const at = nodes.indexOf(/** @type {HTMLButtonElement} */ (event.target));
      const begins = (/** @type {HTMLElement} */ node) =>
        node.textContent?.toLowerCase().startsWith(key) ?? false;
      /** @type {Record<string, number>} */
      const goals = { ArrowDown: at + 1, ArrowUp: at - 1 + nodes.length, Home: 0, End: nodes.length - 1 };
      const turned = [...nodes.slice(at + 1), ...nodes.slice(0, at + 1)];
      if (key in goals) nodes[goals[key] % nodes.length]?.focus();
      else if (key.length === 1 && key !== " ") turned.find(begins)?.focus();
      else return;
    }
    event.preventDefault();
  }
}
