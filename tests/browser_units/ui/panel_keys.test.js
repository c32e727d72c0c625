import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { separateKeys } from "../../../fxlab/browser/src/ui/panel_keys.js";

/** @import { Session } from "../../../fxlab/browser/src/kernel/session.js" */

const SUPPRESS = "data-lm-suppress-shortcuts";

/** An element that matches the selectors in which one of its `parts` occurs. */
class FakeElement extends EventTarget {
  /** @type {Record<string, string>} */ dataset = {};
  /** @type {Map<string, string>} */ #attributes = new Map();

  /** @param {string} part @param {FakeElement | null} open the button of an open menu */
  constructor(part, open = null) {
    super();
    this.part = part;
    this.open = open;
  }

  /** @param {string} selector */
  matches(selector) {
    return this.part !== "" && selector.split(", ").includes(this.part);
  }

  /** @param {string} selector */
  closest(selector) {
    return this.matches(selector) ? this : null;
  }

  querySelector() {
    return this.open;
  }

  /** @param {string} name @param {string} value */
  setAttribute(name, value) {
    this.#attributes.set(name, value);
  }

  /** @param {string} name */
  removeAttribute(name) {
    this.#attributes.delete(name);
  }

  /** @param {string} name */
  hasAttribute(name) {
    return this.#attributes.has(name);
  }
}

beforeEach(() => {
  vi.stubGlobal("Element", FakeElement);
  vi.stubGlobal("HTMLElement", FakeElement);
});
afterEach(() => vi.unstubAllGlobals());

/**
 * @typedef {{
 *   ctrl?: boolean, meta?: boolean, alt?: boolean, shift?: boolean, altGraph?: boolean,
 *   part?: string, typing?: boolean, menu?: boolean, selection?: boolean, canUndo?: boolean, rendering?: boolean,
 * }} Pressed
 */

/**
 * Press a key on an element of a panel; return whether the panel keeps it, from a front end that looks for the attribute
 * and from one that receives the event after the panel.
 *
 * @param {string} key
 * @param {Pressed} pressed
 */
function pressedKey(key, pressed) {
  const view = new EventTarget();
  const root = new FakeElement("", pressed.menu ? new FakeElement("") : null);
  const target = new FakeElement(pressed.part ?? "");
  if (pressed.typing) target.dataset.typing = "yes";
  const session = {
    sound: { listening: { selection: pressed.selection ? { start: 0, end: 1 } : null } },
    editor: { can_undo: Boolean(pressed.canUndo), can_redo: false },
    render: { state: pressed.rendering ? "rendering" : "idle" },
  };
  Object.assign(root, { ownerDocument: { defaultView: view } });
  const stop = separateKeys(
    /** @type {any} */ (root),
    /** @type {Session} */ (/** @type {unknown} */ (session)),
  );
  const event = new Event("keydown");
  Object.defineProperties(event, {
    key: { value: key },
    ctrlKey: { value: Boolean(pressed.ctrl || pressed.altGraph) },
    altKey: { value: Boolean(pressed.alt || pressed.altGraph) },
    metaKey: { value: Boolean(pressed.meta) },
    shiftKey: { value: Boolean(pressed.shift) },
    getModifierState: { value: () => Boolean(pressed.altGraph) },
    composedPath: { value: () => [target, root] },
    target: { value: target },
  });
  let stopped = false;
  event.stopPropagation = () => {
    stopped = true;
  };
  // Node dispatches an event to one target: first to the window, as on the way down, then to the panel.
  view.dispatchEvent(event);
  const suppressed = target.hasAttribute(SUPPRESS);
  root.dispatchEvent(event);
  stop();
  return { suppressed, stopped };
}

const FIELD = "textarea";

describe("keys pressed in a panel", () => {
  it.each(
    /** @type {[string, Pressed][]} */ ([
      ["s", { ctrl: true }],
      ["s", { meta: true }],
      ["S", { ctrl: true, shift: true }],
      ["s", { ctrl: true, part: FIELD }],
      ["Enter", { shift: true }],
      ["Enter", { shift: true, part: FIELD }],
      ["Enter", { ctrl: true }],
      ["Enter", { alt: true }],
      ["w", { alt: true }],
      ["ArrowUp", { ctrl: true, shift: true }],
      ["F1", {}],
      ["F11", {}],
      ["Escape", {}],
      ["Escape", { part: FIELD }],
      ["Control", { ctrl: true }],
      ["z", { ctrl: true }],
      ["y", { ctrl: true, canUndo: true }],
      ["z", { ctrl: true, shift: true, canUndo: true }],
    ]),
  )("%s with %o reach the front end", (key, pressed) => {
    expect(pressedKey(key, pressed)).toEqual({ suppressed: false, stopped: false });
  });

  it.each(
    /** @type {[string, Pressed][]} */ ([
      ["a", {}],
      ["D", { shift: true }],
      [" ", {}],
      ["ArrowUp", {}],
      ["ArrowUp", { shift: true }],
      ["Home", {}],
      ["Enter", {}],
      ["Tab", { shift: true }],
      ["Delete", {}],
      ["[", { altGraph: true }],
      ["z", { ctrl: true, canUndo: true }],
      ["z", { meta: true, canUndo: true }],
      ["z", { ctrl: true, rendering: true }],
      ["z", { ctrl: true, part: FIELD }],
      ["Control", { ctrl: true, part: FIELD }],
      ["a", { meta: true, part: FIELD }],
      ["ArrowLeft", { ctrl: true, part: FIELD }],
      ["Backspace", { alt: true, part: FIELD }],
      ["@", { altGraph: true, part: FIELD }],
      ["ArrowUp", { alt: true }],
      ["ArrowUp", { ctrl: true, part: ".handle" }],
      ["Escape", { menu: true }],
      ["Escape", { typing: true, part: FIELD }],
      ["Escape", { selection: true }],
    ]),
  )("%s with %o belong to the panel", (key, pressed) => {
    expect(pressedKey(key, pressed)).toEqual({ suppressed: true, stopped: true });
  });

  it("are not marked on elements outside of the panel", () => {
    const view = new EventTarget();
    const root = new FakeElement("");
    Object.assign(root, { ownerDocument: { defaultView: view } });
    const stop = separateKeys(/** @type {any} */ (root), /** @type {any} */ ({}));
    const outside = new FakeElement("");
    const event = new Event("keydown");
    Object.defineProperty(event, "composedPath", { value: () => [outside] });
    view.dispatchEvent(event);
    expect(outside.hasAttribute(SUPPRESS)).toBe(false);
    stop();
  });
});
