import { Session } from "./kernel/session.js";
import { Panel } from "./panel.js";
import css from "./styles/index.css";
import "./audio/worklet.js";

/** @import { Model } from "./types" */

/** @type {WeakMap<Document | ShadowRoot, HTMLStyleElement>} */
const sheets = new WeakMap();

/** Style what `el` is in: the page, or the shadow that marimo puts each widget into. @param {HTMLElement} el */
function style(el) {
  const root = el.getRootNode();
  const place = root instanceof ShadowRoot ? root : el.ownerDocument;
  let sheet = sheets.get(place);
  if (!sheet) {
    sheet = el.ownerDocument.createElement("style");
    sheet.dataset.fxlab = "panel";
    sheet.textContent = css;
    sheets.set(place, sheet);
  }
  if (!sheet.isConnected) (place instanceof ShadowRoot ? place : place.head).append(sheet);
}

/**
 * What the loader keeps per model of a page.
 *
 * @param {{ model: Model }} widget
 * @returns {{ render: (el: HTMLElement) => () => void }} `render` draws a view and returns what removes it
 */
export function initialize({ model }) {
  /** @type {Session | null} */
  let session = null;
  return {
    render(el) {
      style(el);
      // JupyterLab puts the element into the page after this call.
      requestAnimationFrame(() => style(el));
      session ??= new Session(model);
      const mine = session;
      const panel = new Panel(mine, el);
      let open = true;
      return () => {
        if (!open) return;
        open = false;
        panel.close();
        if (mine.watched) return;
        mine.close();
        if (session === mine) session = null;
      };
    },
  };
}
