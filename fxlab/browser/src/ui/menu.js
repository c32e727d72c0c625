import { element } from "./dom.js";
import { Popover } from "./popover.js";

/** @import { Opener } from "./popover.js" */

/**
 * @typedef {{
 *   label: string,
 *   run: () => void,
 *   action?: string,
 *   hint?: string,
 *   checked?: boolean,
 *   disabled?: boolean,
 *   parted?: boolean,
 * }} Item `action` is its `data-action`; `hint` stands at the right, as a key does; `parted`: a line before it
 */

const separator = () => element("div", { role: "separator" });

/** A button that opens a list of things to do. Up and Down, Home and End, and first letters move in it. */
export class Menu extends Popover {
  /** @param {Omit<Opener, "kind">} opener @param {() => Item[]} items asked at each opening */
  constructor(opener, items) {
    super(opener, (box) => {
      box.replaceChildren(
        ...items().flatMap((item) => [...(item.parted ? [separator()] : []), this.#entry(item)]),
      );
      return this.#entries()[0];
    });
    this.box.classList.add("menu");
    this.box.addEventListener("keydown", (event) => this.#move(event));
    this.button.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown" || this.isOpen) return;
      event.preventDefault();
      this.open();
    });
  }

  /** @returns {HTMLElement[]} */
  #entries() {
    return [...this.box.querySelectorAll("button")];
  }

  /** @param {Item} item */
  #entry({ label, run, action, hint, checked, disabled }) {
    const entry = element(
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
    entry.addEventListener("click", () => {
      if (disabled) return;
      this.close();
      run();
    });
    entry.addEventListener("pointerenter", () => entry.focus({ preventScroll: true }));
    return entry;
  }

  /** @param {KeyboardEvent} event */
  #move(event) {
    const { key } = event;
    const entries = this.#entries();
    const count = entries.length;
    const at = entries.indexOf(/** @type {HTMLElement} */ (event.target));
    let next = -1;
    if (key === "ArrowDown") next = (at + 1) % count;
    else if (key === "ArrowUp") next = (Math.max(at, 0) + count - 1) % count;
    else if (key === "Home") next = 0;
    else if (key === "End") next = count - 1;
    else if (key === "Tab") this.close();
    else if (key.length === 1 && key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const after = [...entries.slice(at + 1), ...entries.slice(0, at + 1)];
      const found = after.find(({ textContent }) => textContent?.toLowerCase().startsWith(key.toLowerCase()));
      if (!found) return;
      next = entries.indexOf(found);
    }
    if (next < 0) return;
    event.preventDefault();
    event.stopPropagation();
    entries[next]?.focus();
  }
}
