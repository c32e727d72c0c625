import { element, setAttribute } from "./dom.js";

/** In pixels: between the button and the box, and from the box to the window's edge. */
const GAP = 4;
const EDGE = 8;

/** @typedef {{ action: string, label: string, face: Node | string, kind?: "menu" | "dialog" }} Opener */

/**
 * A button and the box that it opens, above everything on the page. Escape closes it, and so do a press elsewhere and
 * a focus that leaves it.
 */
export class Popover {
  #fill;
  isOpen = false;

  /**
   * @param {Opener} opener
   * @param {(box: HTMLElement) => HTMLElement | null | undefined} fill called at each opening; returns what takes the focus
   */
  constructor({ action, label, face, kind = "menu" }, fill) {
    this.#fill = fill;
    this.button = element(
      "button",
      {
        ...{ type: "button", "data-action": action, "aria-label": label, title: label },
        ...{ "aria-haspopup": kind, "aria-expanded": "false" },
      },
      face,
    );
    // In the top layer, which no cell and no panel cuts off.
    this.box = element("div", {
      ...{ class: "popover", role: kind, "aria-label": label, tabindex: -1, popover: "manual", hidden: true },
      "data-lm-suppress-shortcuts": "true",
    });
    this.root = element("span", { class: "opener" }, this.button, this.box);
    this.button.addEventListener("click", () => (this.isOpen ? this.close() : this.open()));
    this.root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.isOpen) return;
      event.preventDefault();
      event.stopPropagation();
      this.close();
    });
    this.root.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget && !this.root.contains(/** @type {Node} */ (relatedTarget))) this.close(false);
    });
  }

  open() {
    if (this.isOpen) return;
    this.isOpen = true;
    const focus = this.#fill(this.box);
    this.box.hidden = false;
    this.box.showPopover?.();
    setAttribute(this.button, "aria-expanded", "true");
    this.place();
    (focus ?? this.box).focus({ preventScroll: true });
    this.#watch("addEventListener");
  }

  /** Fill it anew while it is open; the focus stays where it is, if that is still there. */
  refill() {
    if (!this.isOpen) return;
    const tree = /** @type {Document | ShadowRoot} */ (this.root.getRootNode());
    const before = /** @type {HTMLElement | null} */ (tree.activeElement);
    const within = this.box.contains(before);
    const focus = this.#fill(this.box);
    this.place();
    if (within) (this.box.contains(before) ? before : (focus ?? this.box))?.focus({ preventScroll: true });
  }

  /** @param {boolean} back whether the focus goes back to the button */
  close(back = true) {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#watch("removeEventListener");
    const tree = /** @type {Document | ShadowRoot} */ (this.root.getRootNode());
    if (back && this.root.contains(tree.activeElement)) this.button.focus();
    this.box.hidePopover?.();
    this.box.hidden = true;
    this.box.replaceChildren();
    setAttribute(this.button, "aria-expanded", "false");
  }

  /** @param {"addEventListener" | "removeEventListener"} how */
  #watch(how) {
    const { ownerDocument } = this.root;
    ownerDocument[how]("pointerdown", this.#press, true);
    ownerDocument[how]("scroll", this.place, true);
    ownerDocument.defaultView?.[how]("resize", this.place);
  }

  #press = (/** @type {Event} */ event) => {
    if (!event.composedPath().includes(this.root)) this.close(false);
  };

  /** Below the button, or above it where there is more room; within the window. */
  place = () => {
    const { style } = this.box;
    const { innerWidth, innerHeight } = this.root.ownerDocument.defaultView ?? window;
    const { left, right, top, bottom } = this.button.getBoundingClientRect();
    style.maxHeight = "";
    const { width, height } = this.box.getBoundingClientRect();
    const under = innerHeight - bottom - GAP - EDGE;
    const over = top - GAP - EDGE;
    const below = height <= under || under >= over;
    style.maxHeight = `${Math.max(80, below ? under : over)}px`;
    // Its left edge under the button's, or the right ones where that leaves the window.
    const start = left + width <= innerWidth - EDGE ? left : right - width;
    style.left = `${Math.max(EDGE, Math.min(start, innerWidth - EDGE - width))}px`;
    style.top = below ? `${bottom + GAP}px` : "auto";
    style.bottom = below ? "auto" : `${innerHeight - top + GAP}px`;
  };
}
