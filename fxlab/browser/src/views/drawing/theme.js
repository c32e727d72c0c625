/**
 * Light or dark, and the colours that the canvases draw with. A canvas knows no CSS variable, so they are
 * read through an element of the panel, again whenever the page's theme may have changed.
 *
 * @typedef {"text" | "muted" | "grid" | "axis" | "accent" | "input" | "output" | "plot" | "danger"} Ink
 * @typedef {Record<Ink | `stage-${number}`, string>} Palette
 */

/** How many colours there are for the stages of a chain; the ninth has the first's again. */
export const STAGES = 8;

/** @type {(keyof Palette)[]} */
const NAMES = ["text", "muted", "grid", "axis", "accent", "input", "output", "plot", "danger"];
for (let n = 1; n <= STAGES; n++) NAMES.push(`stage-${n}`);

/** The name of a stage's colour. @param {number | null | undefined} number its own; null: it has none of its own @returns {keyof Palette} */
export const stageColor = (number) =>
  typeof number === "number" ? `stage-${1 + (number % STAGES)}` : "accent";

/** What a reader may ask of the system while the page stands, and the colours follow. */
const QUERIES = ["(prefers-color-scheme: dark)", "(forced-colors: active)", "(prefers-contrast: more)"];

/** @param {string} color as computed @returns {[number, number, number, number]} 0..255, alpha 0..1 */
function channels(color) {
  const numbers = (color.match(/-?[\d.]+(e-?\d+)?/g) ?? []).map(Number);
  const unit = color.startsWith("color(") ? 255 : 1;
  return [(numbers[0] ?? 0) * unit, (numbers[1] ?? 0) * unit, (numbers[2] ?? 0) * unit, numbers[3] ?? 1];
}

/** Out of a shadow too. @param {Element} at @returns {Element | null} */
function above(at) {
  const root = at.getRootNode();
  return at.parentElement ?? (root instanceof ShadowRoot ? root.host : null);
}

/** @param {Element | null} start @returns {boolean} */
function onDark(start) {
  for (let at = start; at; at = above(at)) {
    const [r, g, b, alpha] = channels(getComputedStyle(at).backgroundColor);
    if (alpha > 0.5) return 0.2126 * r + 0.7152 * g + 0.0722 * b < 128;
  }
  const scheme = getComputedStyle(document.documentElement).colorScheme;
  return scheme === "dark" || (scheme.includes("dark") && matchMedia("(prefers-color-scheme: dark)").matches);
}

/** @param {Node} node */
const isSheet = (node) =>
  node instanceof HTMLStyleElement || (node instanceof HTMLLinkElement && node.rel.includes("stylesheet"));

/** Watches the theme for one panel. */
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
      if (changes.some(({ type, addedNodes }) => type === "attributes" || [...addedNodes].some(isSheet)))
        this.#later();
    });
    for (const node of [document.documentElement, document.body]) {
      this.observer.observe(node, { attributes: true });
    }
    // JupyterLab swaps its theme's style sheet in the head, and its icon whenever the kernel is busy.
    this.observer.observe(document.head, { childList: true });
    this.media = QUERIES.map((query) => matchMedia(query));
    for (const media of this.media) media.addEventListener("change", this.#later);
  }

  /** A sheet takes a moment to load, so look twice. */
  #later = () => {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = [30, 400].map((wait) => setTimeout(() => this.read(), wait));
  };

  read() {
    const { root, probe } = this;
    if (!root.isConnected) return;
    const dark = onDark(above(root));
    const theme = dark ? "dark" : "light";
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
    for (const media of this.media) media.removeEventListener("change", this.#later);
  }
}
