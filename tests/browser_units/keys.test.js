import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { keys } from "../../fxlab/browser/keys.js";

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
    keys(/** @type {any} */ ({ sound, spec: {} }))(/** @type {any} */ (event));
  }
  return selection;
}

describe("[ and ]", () => {
  it("are the start and the end of what goes round, in whatever order they are pressed", () => {
    expect(
      selected([
        [1, "["],
        [2, "]"],
      ]),
    ).toEqual({ start: 1, end: 2 });
    expect(
      selected([
        [2, "]"],
        [1, "["],
      ]),
    ).toEqual({ start: 1, end: 2 });
    expect(
      selected([
        [1, "]"],
        [3, "["],
      ]),
    ).toEqual({ start: 3, end: 4 });
    expect(
      selected([
        [3, "["],
        [1, "]"],
      ]),
    ).toEqual({ start: 0, end: 1 });
  });
});
