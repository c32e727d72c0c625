import { Session } from "./kernel/session.js";
import { Panel } from "./panel.js";
import css from "./styles/index.css";
import "./audio/worklet.js";

/** @import { LiveModule } from "./audio/messages" */
/** @import { Model } from "./types" */

/** The style sheet, which every panel of the page shares. @type {CSSStyleSheet | null} */
let sheet = null;

/**
 * Add the style sheet to the page, or to the shadow root that marimo puts each widget into. It is no element, which a strict
 * Content-Security-Policy would not allow.
 *
 * @param {HTMLElement} el an element of the panel
 */
function addStyles(el) {
  const rootNode = el.getRootNode();
  const root = rootNode instanceof ShadowRoot ? rootNode : el.ownerDocument;
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
  }
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
}

/**
 * Create the widget of a model, which the loader keeps as long as the page.
 *
 * @param {{ model: Model, live?: LiveModule | null, headingLevel?: number }} widget `live`: the compiled module that
 *   plays, in a page without a kernel; `headingLevel`: the level of the headings of the stages
 * @returns {{ render: (el: HTMLElement) => () => void }} `render` creates a view, and returns a function that closes it
 */
export function initialize({ model, live = null, headingLevel = 4 }) {
  /** @type {Session | null} */
  let session = null;
  return {
    render(el) {
      addStyles(el);
      // JupyterLab inserts the element into the page only after this call.
      requestAnimationFrame(() => addStyles(el));
      session ??= new Session(model, live, headingLevel);
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
