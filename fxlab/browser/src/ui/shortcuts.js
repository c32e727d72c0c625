import { hasModifier, OWN_KEYS } from "./panel_keys.js";

/** @import { Session } from "../kernel/session.js" */

/** Elements that are activated by the space bar. */
const OWN_SPACE = "button, summary, a[href], [role=switch], [role^=menuitem], input[type=checkbox]";

/** Draw again, if the module draws. @param {Session} session @returns {boolean} whether it does */
function drawAgain(session) {
  const params = session.spec.stages.flatMap(({ params }) => params);
  const draws = params.filter(({ kind }) => kind === "draw");
  for (const { path } of draws) session.set(path, Number(session.values[path]) + 1);
  return draws.length > 0;
}

/** Run the shortcut of a key. @param {Session} session @param {string} key @returns {boolean} whether it is a shortcut */
function runShortcut(session, key) {
  const { sound, spec } = session;
  const { listening, position, duration } = sound;
  const { start, end } = listening.selection ?? { start: 0, end: duration };
  if (key === " ") sound.play(!sound.playing);
  else if (key === "b" && spec.takes_input) listening.toggle("dry");
  else if (key === "d") return drawAgain(session);
  else if (key === "l") listening.setLoop(!listening.loop);
  else if (key === "[") sound.select(position, end > position ? end : duration);
  else if (key === "]") sound.select(start < position ? start : 0, position);
  else if (key === "Escape" && listening.selection) sound.select(0, 0);
  else return false;
  return true;
}

/**
 * Return the `keydown` handler for the shortcuts that work wherever the focus is in the panel, except where the focused
 * element has its own use for the key.
 *
 * @param {Session} session
 * @returns {(event: KeyboardEvent) => void}
 */
export const shortcutHandler = (session) => (event) => {
  const { target } = event;
  if (event.defaultPrevented || hasModifier(event) || event.repeat) return;
  if (!(target instanceof Element) || target.closest(OWN_KEYS)) return;
  if (event.key === " " && target.closest(OWN_SPACE)) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (runShortcut(session, key)) event.preventDefault();
};
