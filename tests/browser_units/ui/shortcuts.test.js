import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { shortcutHandler } from "../../../fxlab/browser/src/ui/shortcuts.js";

class Node {
  closest() {
    return null;
  }
}

beforeEach(() => vi.stubGlobal("Element", Node));
afterEach(() => vi.unstubAllGlobals());

/** Return the selection in 4 s of sound after keys pressed at positions of the playhead. @param {[number, string][]} pressed */
function selected(pressed) {
  /** @type {{ start: number, end: number } | null} */ let selection = null;
  for (const [position, key] of pressed) {
    const sound = {
      ...{ position, duration: 4, listening: { selection } },
      select: (/** @type {number} */ start, /** @type {number} */ end) => {
        selection = end > start ? { start, end } : null;
      },
    };
    const event = { key, target: new Node(), preventDefault: () => {} };
    shortcutHandler(/** @type {any} */ ({ sound, spec: {} }))(/** @type {any} */ (event));
  }
  return selection;
}

describe("[ and ]", () => {
  it.each([
    [1, "[", 2, "]", { start: 1, end: 2 }],
    [2, "]", 1, "[", { start: 1, end: 2 }],
    [1, "]", 3, "[", { start: 3, end: 4 }],
    [3, "[", 1, "]", { start: 0, end: 1 }],
  ])(
    "set the ends of the loop in either order: at %d s %s, at %d s %s",
    (first, key, second, otherKey, expected) => {
      expect(
        selected([
          [first, key],
          [second, otherKey],
        ]),
      ).toEqual(expected);
    },
  );
});
