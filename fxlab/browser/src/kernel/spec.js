/** @import { EditorState, LearningState, Param, Spec, Values } from "../types" */

/** The state of the editor before the kernel's first message. @type {EditorState} */
export const NO_EDITS = {
  ...{ can_undo: false, can_redo: false, selected: "A", used: ["A"], presets: [] },
  ...{ bypassed: [], soloed: [], is_chain: false },
};

/** The state of learning before the kernel's first message. @type {LearningState} */
export const NO_LEARNING = { running: false, target: "", about: "", message: "", failed: false };

/** Return a parameter and those of the control that moves it. @param {Param} param @returns {Param[]} */
const withMovement = (param) => [param, ...(param.movement?.params ?? []), ...(param.movement?.more ?? [])];

/** Return all parameters of a panel, including those of controls. @param {Spec} spec @returns {Param[]} */
export const allParams = (spec) => spec.stages.flatMap(({ params }) => params.flatMap(withMovement));

/** Return the values that a page sends: a parameter that moves has none. @param {Spec} spec @returns {Values} */
export function valuesOf(spec) {
  /** @type {Values} */
  const values = {};
  for (const { path, kind, movement, value } of allParams(spec)) {
    if (kind !== "fixed" && !movement) values[path] = value;
  }
  return values;
}

/**
 * Return how the sound of a spec differs from that of the one before: another "format" needs another player.
 *
 * @param {Spec} before @param {Spec} after
 * @returns {"format" | "length" | null}
 */
export function compareSounds(before, after) {
  // Every player plays up to two channels.
  if (before.rate !== after.rate || Math.max(2, before.channels) !== Math.max(2, after.channels))
    return "format";
  return before.frames === after.frames ? null : "length";
}
