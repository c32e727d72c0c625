import { Session } from "./kernel/session.js";
import { Panel } from "./panel.js";
import css from "./styles/index.css";
import "./audio/worklet.js";

/** @import { Model } from "./types" */

/** @type {WeakMap<Document | ShadowRoot, HTMLStyleElement>} */
const styleElements = new WeakMap();

/**
 * Add the style sheet to the page, or to the shadow root that marimo puts each widget into.
 *
 * @param {HTMLElement} el an element of the panel
 */
function addStyles(el) {
  const rootNode = el.getRootNode();
  const root = rootNode instanceof ShadowRoot ? rootNode : el.ownerDocument;
  let style = styleElements.get(root);
  if (!style) {
    style = el.ownerDocument.createElement("style");
    style.dataset.fxlab = "panel";
    style.textContent = css;
    styleElements.set(root, style);
  }
  if (!style.isConnected) (root instanceof ShadowRoot ? root : root.head).append(style);
}

/**
 * Create the widget of a model, which the loader keeps as long as the page.
 *
 * @param {{ model: Model }} widget
 * @returns {{ render: (el: HTMLElement) => () => void }} `render` creates a view, and returns a function that closes it
 */
export function initialize({ model }) {
  /** @type {Session | null} */
  let session = null;
  return {
    render(el) {
      addStyles(el);
      // JupyterLab inserts the element into the page only after this call.
      requestAnimationFrame(() => addStyles(el));
      session ??= new Session(model);
      const viewSession = session;
      const panel = new Panel(viewSession, el);
      let isOpen = true;
      return () => {
        if (!isOpen) return;
        isOpen = false;
        panel.close();
        if (viewSession.hasListeners) return;
        viewSession.close();
        if (session === viewSession) session = null;
      };
    },
  };
}
