import { initialize } from "../index.js";
import { panelPicture } from "../ui/panel_picture.js";
import css from "./page.css";
import { PageKernel } from "./page_kernel.js";
import { PageModel } from "./page_model.js";
import { PageProgram } from "./page_program.js";
import "./render_worker.js";
import { decodeSound } from "./sound.js";
import "./worklet.js";

/** @import { Description } from "./description" */

/** @type {{ document?: Document, fxlabProgramUrls?: Record<string, string>, fxlabOpenPanels?: () => void }} */
const thread = globalThis;

/**
 * Show the panel of a description in the element that holds it, in the place of the picture there.
 *
 * @param {HTMLElement} root
 */
async function open(root) {
  const text = root.querySelector("script[type='application/json']")?.textContent ?? "";
  const description = /** @type {Description} */ (JSON.parse(text));
  const { id, spec } = description;
  const program = new PageProgram(id, thread.fxlabProgramUrls?.[id] ?? "");
  const model = new PageModel({ spec });
  model.receiver = new PageKernel(model, description, program, await decodeSound(description.sound));
  const panel = document.createElement("div");
  panel.className = "fxlab-live-panel";
  const headingLevel = Number(root.dataset.headingLevel);
  initialize({ model, live: program.program.live ? program : null, headingLevel }).render(panel);
  root.querySelector(".fxlab-still")?.remove();
  root.prepend(panel);
  addPrintedPicture(root, model);
}

/** Show a picture of the present state where the page is printed. @param {HTMLElement} root @param {PageModel} model */
function addPrintedPicture(root, model) {
  const { receiver: kernel } = /** @type {{ receiver: PageKernel }} */ (/** @type {unknown} */ (model));
  const printed = document.createElement("div");
  printed.className = "fxlab-printed";
  root.append(printed);
  addEventListener("beforeprint", () => {
    printed.replaceChildren();
    panelPicture(printed, kernel.currentSpec, "A picture of a page that plays: open it in a browser.");
  });
}

/** Open every panel of the page that is not open yet. */
function openPanels() {
  for (const root of document.querySelectorAll("[data-fxlab-live]")) {
    const element = /** @type {HTMLElement} */ (root);
    if (element.dataset.opened) continue;
    element.dataset.opened = "true";
    open(element).catch((error) => {
      const message = document.createElement("p");
      message.className = "fxlab-failure";
      message.setAttribute("role", "alert");
      message.textContent = `This panel could not be opened in this browser: ${error.message ?? error}`;
      element.append(message);
    });
  }
}

// The audio thread and the worker evaluate this file too, and have no document.
if (thread.document && !thread.fxlabOpenPanels) {
  thread.fxlabOpenPanels = openPanels;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}
// The script is deferred or added later, so that the elements of all panels are there.
thread.fxlabOpenPanels?.();
