/** @import { Session } from "./session.js" */

/** Where the keys are what is typed, or a menu's own. */
const TYPED =
  "input:not([type=range], [type=checkbox]), textarea, select, [contenteditable], [role=menu], [role=dialog]";

/** What takes the space bar for itself. */
const PRESSED = "button, summary, a[href], [role=switch], [role^=menuitem], input[type=checkbox]";

/** @param {Session} session @param {KeyboardEvent} event @returns {boolean} whether it was one of the panel's */
function press(session, { key }) {
  const { listening, position } = session;
  const end = listening.selection?.end ?? session.duration;
  if (key === " ") session.play(!session.playing);
  else if (key === "b") listening.toggle("dry");
  else if (key === "l") listening.setLoop(!listening.loop);
  else if (key === "[") session.select(position, end > position ? end : session.duration);
  else if (key === "]") session.select(Math.min(listening.selection?.start ?? 0, position), position);
  else if (key === "Escape" && listening.selection) session.select(0, 0);
  else return false;
  return true;
}

/**
 * The keys of the whole panel, wherever the focus is in it, but where they belong to what has the focus.
 *
 * @param {Session} session
 * @returns {(event: KeyboardEvent) => void}
 */
export const keys = (session) => (event) => {
  const { target } = event;
  if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.repeat) return;
  if (!(target instanceof Element) || target.closest(TYPED)) return;
  if (event.key === " " && target.closest(PRESSED)) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (press(session, /** @type {KeyboardEvent} */ ({ key }))) event.preventDefault();
};
