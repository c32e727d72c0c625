import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { shortcutHandler } from "../../../fxlab/browser/src/ui/shortcuts.js";

class Node {
  closest() {
    return null;
  }
}

beforeEach(() => vi.stubGlobal("Element", Node));
afterEach(() => vi.unstubAllGlobals());

/** What is selected of 4 s after keys pressed with the playhead there. @param {[number, string][]} pressed */
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
    "are the ends of what goes round, in whatever order: at %d s %s, at %d s %s",
    (first, key, then, other, part) => {
      expect(
        selected([
          [first, key],
          [then, other],
        ]),
      ).toEqual(part);
    },
  );
});
