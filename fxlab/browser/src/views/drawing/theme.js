/**
 * The colors that the canvases draw with. A canvas cannot use CSS variables, so their computed values are read from
 * an element of the panel, and read again when the theme of the page may have changed.
 *
 * @typedef {"text" | "muted" | "grid" | "axis" | "accent" | "input" | "output" | "target" | "plot" | "danger"} ColorName
 * @typedef {Record<ColorName | `stage-${number}`, string>} Palette
 */

/** How many colors there are for stages; the ninth stage has the color of the first. */
export const STAGE_COLORS = 8;

/** @type {(keyof Palette)[]} */
const NAMES = ["text", "muted", "grid", "axis", "accent", "input", "output", "target", "plot", "danger"];
for (let n = 1; n <= STAGE_COLORS; n++) NAMES.push(`stage-${n}`);

/**
 * Return the name of a stage's color.
 *
 * @param {number | null | undefined} number the number of its color; null: the accent color
 * @returns {keyof Palette}
 */
export const stageColor = (number) =>
  typeof number === "number" ? `stage-${1 + (number % STAGE_COLORS)}` : "accent";

/** System preferences that change the colors and may themselves change while the page is open. */
const QUERIES = ["(prefers-color-scheme: dark)", "(forced-colors: active)", "(prefers-contrast: more)"];

/** Parse a computed color. @param {string} color @returns {[number, number, number, number]} 0..255, alpha 0..1 */
function channels(color) {
  const numbers = (color.match(/-?[\d.]+(e-?\d+)?/g) ?? []).map(Number);
  const unit = color.startsWith("color(") ? 255 : 1;
  return [(numbers[0] ?? 0) * unit, (numbers[1] ?? 0) * unit, (numbers[2] ?? 0) * unit, numbers[3] ?? 1];
}

/** Return the parent of an element, or the host of its shadow root. @param {Element} node @returns {Element | null} */
function parentOf(node) {
  const root = node.getRootNode();
  return node.parentElement ?? (root instanceof ShadowRoot ? root.host : null);
}

/** Return whether the background behind an element is dark. @param {Element | null} start @returns {boolean} */
function hasDarkBackground(start) {
  for (let node = start; node; node = parentOf(node)) {
    const [r, g, b, alpha] = channels(getComputedStyle(node).backgroundColor);
    if (alpha > 0.5) return 0.2126 * r + 0.7152 * g + 0.0722 * b < 128;
  }
  const scheme = getComputedStyle(document.documentElement).colorScheme;
  return scheme === "dark" || (scheme.includes("dark") && matchMedia("(prefers-color-scheme: dark)").matches);
}

/** @param {Node} node */
const isStyleSheet = (node) =>
  node instanceof HTMLStyleElement || (node instanceof HTMLLinkElement && node.rel.includes("stylesheet"));

/** Keeps a panel's palette, and its light or dark style, in line with the page's theme. */
export class Theme {
  /** @type {Palette} */
  palette = /** @type {Palette} */ (Object.fromEntries(NAMES.map((name) => [name, "#888"])));
  #timers = [0, 0];

  /** @param {HTMLElement} root @param {() => void} onChange */
  constructor(root, onChange) {
    this.root = root;
    this.onChange = onChange;
    this.probe = document.createElement("span");
    this.probe.className = "probe";
    root.append(this.probe);
    this.observer = new MutationObserver((changes) => {
      if (changes.some(({ type, addedNodes }) => type === "attributes" || [...addedNodes].some(isStyleSheet)))
        this.#scheduleRead();
    });
    for (const node of [document.documentElement, document.body]) {
      this.observer.observe(node, { attributes: true });
    }
    this.observer.observe(root, { attributes: true, attributeFilter: ["data-projector"] });
    // JupyterLab replaces the style sheet of its theme in the head, but also the page's icon whenever the kernel is
    // busy, so only added style sheets count.
    this.observer.observe(document.head, { childList: true });
    this.media = QUERIES.map((query) => matchMedia(query));
    for (const media of this.media) media.addEventListener("change", this.#scheduleRead);
  }

  /** A style sheet takes a moment to load, so the colors are read twice. */
  #scheduleRead = () => {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = [30, 400].map((wait) => setTimeout(() => this.read(), wait));
  };

  /** Read the colors; call `onChange` if one has changed. */
  read() {
    const { root, probe } = this;
    if (!root.isConnected) return;
    const theme = hasDarkBackground(parentOf(root)) ? "dark" : "light";
    if (root.dataset.theme !== theme) root.dataset.theme = theme;
    let changed = false;
    for (const name of NAMES) {
      probe.style.color = `var(--fx-${name})`;
      const color = getComputedStyle(probe).color;
      if (color !== this.palette[name]) changed = true;
      this.palette[name] = color;
    }
    if (changed) this.onChange();
  }

  close() {
    for (const timer of this.#timers) clearTimeout(timer);
    this.observer.disconnect();
    for (const media of this.media) media.removeEventListener("change", this.#scheduleRead);
  }
}
