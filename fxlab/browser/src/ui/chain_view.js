import { controlled, stageControls } from "../controls/stage.js";
import { AddStage } from "./add_stage.js";
import { button, element, icon, setAttribute, setText } from "./dom.js";

/** @import { Control } from "../controls/slider.js" */
/** @import { Session } from "../kernel/session.js" */
/** @import { Stage } from "../types" */

/**
 * @typedef {{ index: number, id: number | null, root: HTMLElement, head: HTMLElement, bypass: HTMLElement, solo: HTMLElement,
 *   up: HTMLElement, down: HTMLElement }} Row
 */

/** The controls, stage by stage; of a chain each has a head by which it is moved, left out and taken out. */
export class ChainView {
  /** @type {Row[]} */ #rows = [];
  /** Where the focus goes when the stages are others. @type {{ action: string, id: number | null, index: number } | null} */ #goal =
    null;
  /** Bypass and solo as they will be when what was asked is done, by stage. @type {Map<string, boolean>} */ #asked =
    new Map();

  /** @param {Session} session */
  constructor(session) {
    this.session = session;
    this.add = new AddStage(session);
    this.empty = element("p", { class: "empty" });
    this.list = element("div", { class: "stages" });
    this.root = element("div", {}, this.list, element("div", { class: "adding" }, this.add.root));
    this.root.addEventListener("keydown", (event) => this.#key(event));
  }

  /** @returns {Map<string, Control>} all controls, by path */
  build() {
    const { session } = this;
    const { stages } = session.spec;
    const controls = new Map();
    const focused = this.list.ownerDocument.activeElement;
    const held = this.list.contains(focused) ? /** @type {HTMLElement} */ (focused).dataset : null;
    const id = this.#rows.find(({ root }) => root.contains(focused))?.id;
    this.#rows = [];
    this.list.replaceChildren();
    const most = Math.max(1, ...stages.map(({ params }) => controlled(params).length));
    this.list.style.setProperty("--columns", String(Math.max(2, Math.min(4, most))));
    for (const stage of stages) {
      if (controlled(stage.params).length === 0 && stage.index === null) continue;
      const made = stageControls(stage, (path, value) => session.set(path, value));
      for (const [path, control] of made.controls) controls.set(path, control);
      if (stage.index !== null) this.#head(stage, stage.index, made);
      this.list.append(made.root);
    }
    if (stages.length === 0) this.list.append(this.empty);
    this.#focus(held, id);
    this.update();
    return controls;
  }

  update() {
    const { bypassed, soloed, is_chain: isChain } = this.session.editor;
    setText(this.empty, isChain ? "No stages: what goes in comes out." : "No parameters.");
    for (const { index, root, bypass, solo } of this.#rows) {
      const off = bypassed.includes(index);
      const alone = soloed.includes(index);
      setAttribute(bypass, "aria-pressed", String(off));
      setAttribute(solo, "aria-pressed", String(alone));
      root.classList.toggle("left-out", off || (soloed.length > 0 && !alone));
    }
  }

  close() {
    this.add.close(false);
  }

  /** @param {Stage} stage @param {number} index @param {{ root: HTMLElement, title: HTMLElement | null }} made */
  #head(stage, index, { root, title }) {
    const { session } = this;
    const name = `stage ${index + 1}, ${stage.name}`;
    const { id } = stage;
    const toggle = (/** @type {"bypassed" | "soloed"} */ state) => {
      const asked = session.state === "rendering" ? this.#asked.get(state + id) : undefined;
      const on = !(asked ?? session.editor[state].includes(index));
      this.#asked.set(state + id, on);
      session.command("set_stage_state", { index, id, state, on });
    };
    const at = { "data-index": String(index) };
    const bypass = button("bypass-stage", `Bypass ${name}`, () => toggle("bypassed"), icon("power"), at);
    const solo = button("solo-stage", `Solo ${name}`, () => toggle("soloed"), "S", at);
    const up = button(
      "move-up",
      `Move ${name} up`,
      () => this.#move(row, index - 1, "move-up"),
      icon("up"),
      at,
    );
    const down = button(
      "move-down",
      `Move ${name} down`,
      () => this.#move(row, index + 1, "move-down"),
      icon("down"),
      at,
    );
    const remove = button("remove-stage", `Remove ${name}`, () => this.#remove(row), icon("remove"), at);
    const head = element(
      "div",
      { class: "head" },
      title,
      element("div", { class: "tools" }, bypass, solo, up, down, remove),
    );
    root.prepend(head);
    title?.addEventListener("pointerdown", (event) => this.#drag(event, row));
    const row = { index, id, root, head, bypass, solo, up, down };
    this.#rows.push(row);
    const { length } = session.spec.stages.filter((other) => other.index !== null);
    setAttribute(up, "aria-disabled", String(index === 0));
    setAttribute(down, "aria-disabled", String(index === length - 1));
  }

  /** @param {Row} row @param {number} to @param {string} action what has the focus afterwards */
  #move({ index, id }, to, action) {
    if (to < 0 || to >= this.#rows.length || to === index) return;
    this.#goal = { action, id, index: to };
    this.session.command("move_stage", { index, id, to });
  }

  /** @param {Row} row */
  #remove({ index, id }) {
    this.#goal = { action: "remove-stage", id: null, index: Math.min(index, this.#rows.length - 2) };
    this.session.command("remove_stage", { index, id });
  }

  /** The focus stays with what had it, at its new place. @param {DOMStringMap | null} held @param {number | null} [id] its stage's */
  #focus(held, id) {
    const goal = this.#goal;
    this.#goal = null;
    if (!held) return;
    const find = (/** @type {string} */ selector) =>
      /** @type {HTMLElement | null} */ (this.list.querySelector(selector));
    const action = goal?.action ?? held.action;
    const called = goal ? goal.id : id;
    const row = called ? this.#rows.find((other) => other.id === called) : null;
    const at = row?.index ?? goal?.index ?? held.index;
    const found = held.param && !goal ? find(`[data-param="${CSS.escape(held.param)}"]`) : null;
    (found ?? find(`[data-action="${action}"][data-index="${at}"]`) ?? this.add.button).focus();
  }

  /** Alt with an arrow moves the stage that has the focus. @param {KeyboardEvent} event */
  #key(event) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const target = /** @type {HTMLElement} */ (event.target);
    const row = this.#rows.find(({ head }) => head.contains(target));
    if (!step || !event.altKey || !row) return;
    event.preventDefault();
    event.stopPropagation();
    this.#move(row, row.index + step, target.dataset.action ?? "");
  }

  /** A stage follows the pointer that holds its name; a line says where it goes. @param {PointerEvent} event @param {Row} held */
  #drag(event, held) {
    if (event.button !== 0 || this.#rows.length < 2) return;
    const title = /** @type {HTMLElement} */ (event.currentTarget);
    title.setPointerCapture(event.pointerId);
    const start = event.clientY;
    const { index } = held;
    let to = index;
    const follow = (/** @type {PointerEvent} */ { clientY }) => {
      if (Math.abs(clientY - start) < 5 && to === index) return;
      const before = this.#rows.filter(({ root }) => {
        const { top, bottom } = root.getBoundingClientRect();
        return (top + bottom) / 2 < clientY;
      }).length;
      to = before > index ? before - 1 : before;
      for (const row of this.#rows) {
        row.root.classList.toggle("held", row.index === index);
        row.root.classList.toggle("drop-before", to < index && row.index === to);
        row.root.classList.toggle("drop-after", to > index && row.index === to);
      }
    };
    const end = (/** @type {Event} */ last) => {
      title.removeEventListener("pointermove", follow);
      for (const name of ["pointerup", "pointercancel"]) title.removeEventListener(name, end);
      for (const { root } of this.#rows) root.classList.remove("held", "drop-before", "drop-after");
      if (last.type === "pointerup") this.#move(held, to, "move-up");
    };
    title.addEventListener("pointermove", follow);
    for (const name of ["pointerup", "pointercancel"]) title.addEventListener(name, end);
  }
}
