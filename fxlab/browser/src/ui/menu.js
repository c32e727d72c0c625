import { element } from "./dom.js";
import { hasModifier } from "./panel_keys.js";
import { Popover } from "./popover.js";

/** @import { ButtonOptions } from "./popover.js" */

/**
 * An item of a menu. `action` is its `data-action`, `hint` is a text on its right; `separated` draws a line above it.
 *
 * @typedef {{
 *   label: string,
 *   run: () => void,
 *   action?: string,
 *   hint?: string,
 *   checked?: boolean,
 *   disabled?: boolean,
 *   separated?: boolean,
 * }} Item
 */

const separator = () => element("div", { role: "separator" });

/** A button that opens a menu. The arrow keys, Home, End and first letters move the focus between its items. */
export class Menu extends Popover {
  /** @param {Omit<ButtonOptions, "role">} options @param {() => Item[]} items called whenever the menu opens */
  constructor(options, items) {
    super(options, (box) => {
      box.replaceChildren(
        ...items().flatMap((item) => [...(item.separated ? [separator()] : []), this.#createItem(item)]),
      );
      return this.#itemNodes()[0];
    });
    this.box.classList.add("menu");
    this.box.addEventListener("keydown", (event) => this.#onKey(event));
    this.button.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown" || this.isOpen) return;
      event.preventDefault();
      this.open();
    });
  }

  /** @returns {HTMLElement[]} */
  #itemNodes() {
    return [...this.box.querySelectorAll("button")];
  }

  /** @param {Item} item */
  #createItem({ label, run, action, hint, checked, disabled }) {
    const node = element(
      "button",
      {
        type: "button",
        tabindex: -1,
        role: checked === undefined ? "menuitem" : "menuitemcheckbox",
        "data-action": action,
        "aria-checked": checked === undefined ? null : String(checked),
        "aria-disabled": disabled ? "true" : null,
      },
      element("span", {}, label),
      hint ? element("span", { class: "hint" }, hint) : null,
    );
    node.addEventListener("click", () => {
      if (disabled) return;
      this.close();
      run();
    });
    node.addEventListener("pointerenter", () => node.focus({ preventScroll: true }));
    return node;
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const { key } = event;
    const nodes = this.#itemNodes();
    const count = nodes.length;
    const index = nodes.indexOf(/** @type {HTMLElement} */ (event.target));
    let next = -1;
    if (key === "ArrowDown") next = (index + 1) % count;
    else if (key === "ArrowUp") next = (Math.max(index, 0) + count - 1) % count;
    else if (key === "Home") next = 0;
    else if (key === "End") next = count - 1;
    else if (key === "Tab") this.close();
    else if (key.length === 1 && key !== " " && !hasModifier(event)) {
      const following = [...nodes.slice(index + 1), ...nodes.slice(0, index + 1)];
      const match = following.find(({ textContent }) =>
        textContent?.toLowerCase().startsWith(key.toLowerCase()),
      );
      if (!match) return;
      next = nodes.indexOf(match);
    }
    if (next < 0) return;
    event.preventDefault();
    event.stopPropagation();
    nodes[next]?.focus();
  }
}
