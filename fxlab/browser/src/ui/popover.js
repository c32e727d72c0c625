import { element, setAttribute } from "./dom.js";

/** The distance between the button and the box, and the least distance from the box to the edge of the window, in px. */
const GAP = 4;
const WINDOW_MARGIN = 8;

/** @typedef {{ action: string, label: string, content: Node | string, role?: "menu" | "dialog" }} ButtonOptions */

/**
 * A button with a box that it opens in front of everything on the page. Escape, a press outside the box, and moving the
 * focus out of it close it.
 */
export class Popover {
  #render;
  isOpen = false;

  /**
   * @param {ButtonOptions} options
   * @param {(box: HTMLElement) => HTMLElement | null | undefined} render fills the box whenever it opens, and returns the
   *   element that gets the focus
   */
  constructor({ action, label, content, role = "menu" }, render) {
    this.#render = render;
    this.button = element(
      "button",
      {
        ...{ type: "button", "data-action": action, "aria-label": label, title: label },
        ...{ "aria-haspopup": role, "aria-expanded": "false" },
      },
      content,
    );
    // As a popover the box is in the top layer, where neither the cell nor the panel clips it.
    this.box = element("div", {
      ...{ class: "popover", role, "aria-label": label, tabindex: -1, popover: "manual", hidden: true },
    });
    this.root = element("span", { class: "popover-anchor" }, this.button, this.box);
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
    const focus = this.#render(this.box);
    this.box.hidden = false;
    this.box.showPopover?.();
    setAttribute(this.button, "aria-expanded", "true");
    this.position();
    (focus ?? this.box).focus({ preventScroll: true });
    this.#setListeners("addEventListener");
  }

  /** Render the open box again; the focus stays where it is if that element still exists. */
  refresh() {
    if (!this.isOpen) return;
    const tree = /** @type {Document | ShadowRoot} */ (this.root.getRootNode());
    const focused = /** @type {HTMLElement | null} */ (tree.activeElement);
    const hadFocus = this.box.contains(focused);
    const fallback = this.#render(this.box);
    this.position();
    if (!hadFocus) return;
    const next = this.box.contains(focused) ? focused : (fallback ?? this.box);
    next?.focus({ preventScroll: true });
  }

  /** @param {boolean} returnFocus whether the focus goes back to the button */
  close(returnFocus = true) {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#setListeners("removeEventListener");
    const tree = /** @type {Document | ShadowRoot} */ (this.root.getRootNode());
    if (returnFocus && this.root.contains(tree.activeElement)) this.button.focus();
    this.box.hidePopover?.();
    this.box.hidden = true;
    this.box.replaceChildren();
    setAttribute(this.button, "aria-expanded", "false");
  }

  /** Add or remove the listeners that an open box needs. @param {"addEventListener" | "removeEventListener"} method */
  #setListeners(method) {
    const { ownerDocument } = this.root;
    ownerDocument[method]("pointerdown", this.#onPointerDown, true);
    ownerDocument[method]("scroll", this.position, true);
    ownerDocument.defaultView?.[method]("resize", this.position);
  }

  #onPointerDown = (/** @type {Event} */ event) => {
    if (!event.composedPath().includes(this.root)) this.close(false);
  };

  /** Place the box below the button, or above it if there is more space, and inside the window. */
  position = () => {
    const { style } = this.box;
    const { innerWidth, innerHeight } = this.root.ownerDocument.defaultView ?? window;
    const { left, right, top, bottom } = this.button.getBoundingClientRect();
    // The lengths of the style are multiplied by the zoom of the projector mode, those of the window are not.
    const zoom = this.box.currentCSSZoom ?? 1;
    style.maxHeight = "";
    const { width, height } = this.box.getBoundingClientRect();
    const spaceBelow = innerHeight - bottom - GAP - WINDOW_MARGIN;
    const spaceAbove = top - GAP - WINDOW_MARGIN;
    const isBelow = height <= spaceBelow || spaceBelow >= spaceAbove;
    style.maxHeight = `${Math.max(80, isBelow ? spaceBelow : spaceAbove) / zoom}px`;
    // Aligned with the left edge of the button, or with its right edge if the box would otherwise leave the window.
    const boxLeft = left + width <= innerWidth - WINDOW_MARGIN ? left : right - width;
    style.left = `${Math.max(WINDOW_MARGIN, Math.min(boxLeft, innerWidth - WINDOW_MARGIN - width)) / zoom}px`;
    style.top = isBelow ? `${(bottom + GAP) / zoom}px` : "auto";
    style.bottom = isBelow ? "auto" : `${(innerHeight - top + GAP) / zoom}px`;
  };
}
