import { Panel } from "./panel.js";
import { Session } from "./session.js";
import { written } from "./short.mjs";
import css from "./style.css";

/** @import { Model } from "./types" */

/** @type {WeakSet<Document>} */
const styled = new WeakSet();

/** @param {Document} document */
function style(document) {
  if (styled.has(document)) return;
  styled.add(document);
  const sheet = document.createElement("style");
  sheet.dataset.fxlab = "panel";
  sheet.textContent = written(css);
  document.head.append(sheet);
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
      style(el.ownerDocument);
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
