/** @import { Session } from "../kernel/session.js" */

/** Where the keys are what is typed, or a menu's own. */
const TYPED =
  "input:not([type=range], [type=checkbox]), textarea, select, [contenteditable], [role=menu], [role=dialog]";

/** What takes the space bar for itself. */
const PRESSED = "button, summary, a[href], [role=switch], [role^=menuitem], input[type=checkbox]";

/** @param {Session} session @param {KeyboardEvent} event @returns {boolean} whether it was one of the panel's */
function press({ sound, spec }, { key }) {
  const { listening, position, duration } = sound;
  const { start, end } = listening.selection ?? { start: 0, end: duration };
  if (key === " ") sound.play(!sound.playing);
  else if (key === "b" && spec.fed) listening.toggle("dry");
  else if (key === "l") listening.setLoop(!listening.loop);
  else if (key === "[") sound.select(position, end > position ? end : duration);
  else if (key === "]") sound.select(start < position ? start : 0, position);
  else if (key === "Escape" && listening.selection) sound.select(0, 0);
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
