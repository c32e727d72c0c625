/** @import { Session } from "../kernel/session.js" */

/** Elements that take typed text. */
const TEXT_FIELDS = "input:not([type=range], [type=checkbox]), textarea, [contenteditable]";

/** Elements that take typed text, or that have keys of their own. */
export const OWN_KEYS = `${TEXT_FIELDS}, select, [role=menu], [role=dialog]`;

/** Keys that move the cursor or delete text; with Ctrl, Cmd or Alt they do so by words or lines. */
const CURSOR_KEYS = new Set([
  ...["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown"],
  ...["Backspace", "Delete", "Insert"],
]);

/** The other named keys that the controls of a panel use; "Dead" and "Process" are characters being composed. */
const CONTROL_KEYS = new Set(["Enter", "Tab", "Dead", "Process"]);

const MODIFIER_KEYS = new Set(["Control", "Meta", "Alt", "Shift", "AltGraph"]);

/** The letters that, with Ctrl or Cmd, edit the text of a field. */
const EDITING_LETTERS = new Set("acvxyz");

/** The attribute by which JupyterLab finds out that a key pressed on an element does not belong to its shortcuts. */
const SUPPRESS = "data-lm-suppress-shortcuts";

/** Return whether text is typed into the element. @param {EventTarget | null | undefined} target */
export const isTextField = (target) => target instanceof Element && target.matches(TEXT_FIELDS);

/**
 * Return whether Ctrl, Cmd or Alt is held. AltGr does not count, since some keyboards need it to type [ and ]; Windows
 * reports it as Ctrl and Alt.
 *
 * @param {KeyboardEvent} event
 */
export function hasModifier(event) {
  return event.metaKey || ((event.ctrlKey || event.altKey) && !event.getModifierState("AltGraph"));
}

/** Return which step of the history a key requests. @param {KeyboardEvent} event @returns {"undo" | "redo" | null} */
export function historyStep({ key, ctrlKey, metaKey, shiftKey, altKey }) {
  if (!(ctrlKey || metaKey) || altKey) return null;
  const lower = key.toLowerCase();
  if (lower === "z") return shiftKey ? "redo" : "undo";
  return lower === "y" ? "redo" : null;
}

/**
 * Return whether there is a step to undo or redo. Until the kernel has answered a change, only the kernel can decide.
 *
 * @param {Session} session @param {"undo" | "redo"} step
 */
export const canStep = ({ editor, render }, step) => editor[`can_${step}`] || render.state === "rendering";

/** Return whether Escape has a use in the panel. @param {Element} target @param {HTMLElement} root @param {Session} session */
function usesEscape(target, root, session) {
  if (target instanceof HTMLElement && target.dataset.typing) return true;
  if (root.querySelector("[aria-haspopup][aria-expanded=true]")) return true;
  return session.sound.listening.selection !== null && !target.closest(OWN_KEYS);
}

/**
 * Return whether a key pressed in a panel belongs to the panel, and not to the notebook around it.
 *
 * Keys without Ctrl, Cmd and Alt do: a letter that the panel does not use would otherwise be a command of the notebook,
 * such as deleting the cell. Shift+Enter, function keys, and Escape where the panel has no use for it, do not.
 *
 * @param {KeyboardEvent} event @param {HTMLElement} root @param {Session} session
 */
export function isPanelKey(event, root, session) {
  const { key, shiftKey, altKey } = event;
  const target = /** @type {Element} */ (event.composedPath()[0]);
  if (key === "Escape") return usesEscape(target, root, session);
  if (key === "Enter" && shiftKey) return false;
  // For a moment after it has seen one of them, JupyterLab prevents the undo of a text field.
  if (MODIFIER_KEYS.has(key)) return isTextField(target);
  if (!hasModifier(event)) return key.length === 1 || CURSOR_KEYS.has(key) || CONTROL_KEYS.has(key);
  if (isTextField(target)) return CURSOR_KEYS.has(key) || (!altKey && EDITING_LETTERS.has(key.toLowerCase()));
  const step = historyStep(event);
  if (step) return canStep(session, step);
  // They move a stage, or change the q of a handle.
  return key.startsWith("Arrow") && (altKey || target.matches(".handle"));
}

/**
 * Keep the panel's own keys from the front end around the panel, and leave all others to it.
 *
 * Whether a key belongs to the panel is decided before any other listener sees it, because older versions of JupyterLab
 * run their shortcuts while the event is on its way to the focused element. They look for an attribute, on that element
 * first; newer versions and other front ends run theirs when the event has come back, and are not reached.
 *
 * @param {HTMLElement} root the panel @param {Session} session
 * @returns {() => void} removes the listeners
 */
export function separateKeys(root, session) {
  const mark = (/** @type {KeyboardEvent} */ event) => {
    if (!event.composedPath().includes(root)) return;
    const target = /** @type {Element} */ (event.composedPath()[0]);
    if (isPanelKey(event, root, session)) target.setAttribute(SUPPRESS, "true");
    else target.removeAttribute(SUPPRESS);
  };
  root.addEventListener("keydown", (event) => {
    const target = /** @type {Element} */ (event.target);
    if (event.defaultPrevented || target.hasAttribute(SUPPRESS)) event.stopPropagation();
  });
  const view = root.ownerDocument.defaultView ?? window;
  view.addEventListener("keydown", mark, true);
  return () => view.removeEventListener("keydown", mark, true);
}
