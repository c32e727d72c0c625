import { initialize } from "../index.js";
import { panelPicture } from "../ui/panel_picture.js";
import css from "./page.css";
import { PageKernel } from "./page_kernel.js";
import { PageModel } from "./page_model.js";
import { PageProgram } from "./page_program.js";
import "./render_worker.js";
import { onClick, whenNear } from "./opening.js";
import { loadBeside, prepareBundle, programUrl } from "./scripts.js";
import { decodeSound } from "./sound.js";
import "./worklet.js";

/** @import { Description } from "./description" */

/** @type {{ document?: Document, fxlabDescriptions?: Record<string, Description>, fxlabOpenPanels?: () => void }} */
const thread = globalThis;

/** The description of a panel that stands in its element, as in a page of one panel. @param {HTMLElement} root */
function describedInside(root) {
  const text = root.querySelector("script[type='application/json']")?.textContent;
  return text ? /** @type {Description} */ (JSON.parse(text)) : null;
}

/** Load the description of a panel of a site. @param {HTMLElement} root */
async function describedBeside(root) {
  const id = root.dataset.fxlabLive ?? "";
  await loadBeside(`${id}.js`);
  const description = thread.fxlabDescriptions?.[id];
  if (!description) throw new Error(`${id}.js describes no panel`);
  return description;
}

/**
 * Show a panel in its element, in the place of the picture there; return it.
 *
 * @param {HTMLElement} root @param {Description} description
 */
async function open(root, description) {
  const { id, spec } = description;
  const program = new PageProgram(id, programUrl(id));
  const model = new PageModel({ spec });
  const sound = decodeSound(description.sound); // on another thread, while this one makes the panel
  const panel = document.createElement("div");
  panel.className = "fxlab-live-panel";
  const headingLevel = Number(root.dataset.headingLevel ?? levelBelow(root));
  initialize({ model, live: program.program.live ? program : null, headingLevel }).render(panel);
  root.querySelector(".fxlab-still")?.remove();
  root.prepend(panel);
  model.receiver = new PageKernel(model, description, program, await sound);
  addPrintedPicture(root, model);
  return panel;
}

/** The level of a heading below the last one before an element. @param {HTMLElement} root */
function levelBelow(root) {
  let level = 1;
  for (const heading of document.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
    if (heading.compareDocumentPosition(root) & Node.DOCUMENT_POSITION_PRECEDING) break;
    if (!heading.closest("[data-fxlab-live]")) level = Number(heading.tagName[1]);
  }
  return Math.min(level + 1, 6);
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

/** Say in the place of a panel why it could not be opened. @param {HTMLElement} root @param {any} error */
function explain(root, error) {
  root.querySelector(".fxlab-failure")?.remove();
  const message = document.createElement("p");
  message.className = "fxlab-failure";
  message.setAttribute("role", "alert");
  message.textContent = `This panel could not be opened in this browser: ${error.message ?? error}`;
  root.append(message);
}

/**
 * Open every panel of the page that is not open yet: at once if it is described there; the panel of a site when it comes near,
 * or at a click.
 */
function openPanels() {
  prepareBundle();
  for (const element of document.querySelectorAll("[data-fxlab-live]")) {
    const root = /** @type {HTMLElement} */ (element);
    if (root.dataset.opened) continue;
    root.dataset.opened = "true";
    const openOrExplain = async () => {
      try {
        return await open(root, describedInside(root) ?? (await describedBeside(root)));
      } catch (error) {
        explain(root, error);
        throw error;
      }
    };
    const quietly = () => openOrExplain().catch(() => {});
    if (root.querySelector("script[type='application/json']")) quietly();
    else if (root.dataset.button) onClick(root, root.dataset.button, openOrExplain);
    else whenNear(root, quietly);
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
