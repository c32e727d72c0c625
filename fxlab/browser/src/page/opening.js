/** How far below or above the window a panel is opened, so that it is there when it comes into view. */
const MARGIN = "500px 0px";

/** @type {IntersectionObserver | null} */
let observer = null;

/** @type {WeakMap<Element, () => void>} */
const openings = new WeakMap();

/** Call `open` once, when an element comes near the visible part of the page. @param {Element} element @param {() => void} open */
export function whenNear(element, open) {
  observer ??= new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        observer?.unobserve(target);
        openings.get(target)?.();
      }
    },
    { rootMargin: MARGIN },
  );
  openings.set(element, open);
  observer.observe(element);
}

/**
 * Add a button that opens a panel in its place.
 *
 * @param {HTMLElement} root @param {string} label @param {() => Promise<HTMLElement>} open returns the panel
 */
export function onClick(root, label, open) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "fxlab-open";
  button.textContent = label;
  button.addEventListener("click", async () => {
    // It keeps the focus while the panel is loaded, which a disabled button would lose.
    if (button.ariaBusy === "true") return;
    button.ariaBusy = "true";
    const hadFocus = document.activeElement === button;
    try {
      const panel = await open();
      if (hadFocus) /** @type {HTMLElement | null} */ (panel.querySelector("[data-action=play]"))?.focus();
      button.remove();
    } catch {
      button.ariaBusy = "false";
    }
  });
  root.prepend(button);
}
