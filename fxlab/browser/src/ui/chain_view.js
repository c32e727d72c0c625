import { createStageControls, paramsWithControl } from "../controls/stage_controls.js";
import { AddStage } from "./add_stage.js";
import { button, element, icon, setAttribute, setText } from "./dom.js";

/** @import { Control } from "../controls/slider.js" */
/** @import { Session } from "../kernel/session.js" */
/** @import { Stage } from "../types" */

/**
 * @typedef {{ index: number, id: number | null, root: HTMLElement, header: HTMLElement, bypass: HTMLElement,
 *   solo: HTMLElement, up: HTMLElement, down: HTMLElement }} Row
 */

/** The controls of all stages. Each stage of a chain has a header with which it is moved, bypassed, soloed or removed. */
export class ChainView {
  /** @type {Row[]} */ #rows = [];
  /** What gets the focus once the stages have changed. @type {{ action: string, id: number | null, index: number } | null} */
  #focusTarget = null;
  /** The paths of the parameters whose strip of their movement is open. @type {Set<string>} */ #openStrips =
    new Set();
  /** The paths of the parameters that move. @type {Set<string>} */ #moving = new Set();
  /** The requested states of bypass and solo, by state and stage id. @type {Map<string, boolean>} */ #requested =
    new Map();

  /** @param {Session} session */
  constructor(session) {
    this.session = session;
    this.addStage = new AddStage(session);
    this.emptyText = element("p", { class: "empty" });
    this.list = element("div", { class: "stages" });
    this.root = element("div", {}, this.list, element("div", { class: "add-stage" }, this.addStage.root));
    this.root.addEventListener("keydown", (event) => this.#onKey(event));
  }

  /** Create the controls of all stages, replacing the previous ones. @returns {Map<string, Control>} by path */
  build() {
    const { session } = this;
    const { stages } = session.spec;
    const controls = new Map();
    const focused = this.list.ownerDocument.activeElement;
    const focusedData = this.list.contains(focused) ? /** @type {HTMLElement} */ (focused).dataset : null;
    const focusedId = this.#rows.find(({ root }) => root.contains(focused))?.id;
    const moving = stages.flatMap(({ params }) => params.filter(({ movement }) => movement));
    for (const { path } of moving) if (!this.#moving.has(path)) this.#openStrips.add(path);
    this.#moving = new Set(moving.map(({ path }) => path));
    this.#rows = [];
    this.list.replaceChildren();
    const maxControls = Math.max(1, ...stages.map(({ params }) => paramsWithControl(params).length));
    this.list.style.setProperty("--columns", String(Math.max(2, Math.min(4, maxControls))));
    for (const stage of stages) {
      if (paramsWithControl(stage.params).length === 0 && stage.index === null) continue;
      const created = createStageControls(stage, {
        onChange: (path, value) => session.set(path, value),
        setMovement: (path, kind) => session.command("set_movement", { path, kind }),
        open: this.#openStrips,
        headingLevel: session.headingLevel,
      });
      for (const [path, control] of created.controls) controls.set(path, control);
      if (stage.index !== null) this.#addHeader(stage, stage.index, created);
      this.list.append(created.root);
    }
    if (stages.length === 0) this.list.append(this.emptyText);
    this.#restoreFocus(focusedData, focusedId);
    this.update();
    return controls;
  }

  /** Show which stages are bypassed and soloed. */
  update() {
    const { bypassed, soloed, is_chain: isChain } = this.session.editor;
    setText(this.emptyText, isChain ? "No stages: the input passes through unchanged." : "No parameters.");
    for (const { index, root, bypass, solo } of this.#rows) {
      const isBypassed = bypassed.includes(index);
      const isSoloed = soloed.includes(index);
      setAttribute(bypass, "aria-pressed", String(isBypassed));
      setAttribute(solo, "aria-pressed", String(isSoloed));
      root.classList.toggle("inactive", isBypassed || (soloed.length > 0 && !isSoloed));
    }
  }

  close() {
    this.addStage.close(false);
  }

  /** @param {Stage} stage @param {number} index @param {{ root: HTMLElement, title: HTMLElement | null }} elements */
  #addHeader(stage, index, { root, title }) {
    const { session } = this;
    const name = `stage ${index + 1}, ${stage.name}`;
    const { id } = stage;
    const toggle = (/** @type {"bypassed" | "soloed"} */ state) => {
      // Before the kernel has answered, a second press toggles the requested state.
      const requested = session.render.state === "rendering" ? this.#requested.get(state + id) : undefined;
      const on = !(requested ?? session.editor[state].includes(index));
      this.#requested.set(state + id, on);
      session.command("set_stage_state", { index, id, state, on });
    };
    const data = { "data-index": String(index) };
    const moveUp = () => this.#move(row, index - 1, "move-up");
    const moveDown = () => this.#move(row, index + 1, "move-down");
    const bypass = button("bypass-stage", `Bypass ${name}`, () => toggle("bypassed"), icon("power"), data);
    const solo = button("solo-stage", `Solo ${name}`, () => toggle("soloed"), "S", data);
    const up = button("move-up", `Move ${name} up`, moveUp, icon("up"), data);
    const down = button("move-down", `Move ${name} down`, moveDown, icon("down"), data);
    const remove = button("remove-stage", `Remove ${name}`, () => this.#remove(row), icon("remove"), data);
    // A page without a kernel leaves out stages, and cannot change their order.
    const canEdit = !session.spec.standalone;
    const edits = canEdit ? [up, down, remove] : [];
    const buttons = element("div", { class: "stage-buttons" }, bypass, solo, ...edits);
    const header = element("div", { class: "stage-header" }, title, buttons);
    root.prepend(header);
    if (canEdit) title?.addEventListener("pointerdown", (event) => this.#onTitleDown(event, row));
    const row = { index, id, root, header, bypass, solo, up, down };
    this.#rows.push(row);
    const { length } = session.spec.stages.filter((other) => other.index !== null);
    setAttribute(up, "aria-disabled", String(index === 0));
    setAttribute(down, "aria-disabled", String(index === length - 1));
  }

  /** @param {Row} row @param {number} to @param {string} action the button that gets the focus afterwards */
  #move({ index, id }, to, action) {
    if (to < 0 || to >= this.#rows.length || to === index) return;
    this.#focusTarget = { action, id, index: to };
    this.session.command("move_stage", { index, id, to });
  }

  /** @param {Row} row */
  #remove({ index, id }) {
    this.#focusTarget = { action: "remove-stage", id: null, index: Math.min(index, this.#rows.length - 2) };
    this.session.command("remove_stage", { index, id });
  }

  /**
   * Move the focus to the element that replaces the one that had it, in the new position of its stage.
   *
   * @param {DOMStringMap | null} focusedData the data attributes of the element that had the focus
   * @param {number | null} [focusedId] the id of its stage
   */
  #restoreFocus(focusedData, focusedId) {
    const target = this.#focusTarget;
    this.#focusTarget = null;
    if (!focusedData) return;
    const find = (/** @type {string} */ selector) =>
      /** @type {HTMLElement | null} */ (this.list.querySelector(selector));
    const action = target?.action ?? focusedData.action;
    const id = target ? target.id : focusedId;
    const row = id ? this.#rows.find((other) => other.id === id) : null;
    const index = row?.index ?? target?.index ?? focusedData.index;
    const { param } = focusedData;
    const control = param && !target ? find(`[data-param="${CSS.escape(param)}"]`) : null;
    (control ?? find(`[data-action="${action}"][data-index="${index}"]`) ?? this.addStage.button).focus();
  }

  /** Move the focused stage with Alt and an arrow key. @param {KeyboardEvent} event */
  #onKey(event) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const target = /** @type {HTMLElement} */ (event.target);
    const row = this.#rows.find(({ header }) => header.contains(target));
    if (!step || !event.altKey || !row || this.session.spec.standalone) return;
    event.preventDefault();
    event.stopPropagation();
    this.#move(row, row.index + step, target.dataset.action ?? "");
  }

  /** Drag a stage by its name; a line shows where it would be dropped. @param {PointerEvent} down @param {Row} dragged */
  #onTitleDown(down, dragged) {
    if (down.button !== 0 || this.#rows.length < 2) return;
    const title = /** @type {HTMLElement} */ (down.currentTarget);
    title.setPointerCapture(down.pointerId);
    const start = down.clientY;
    const { index } = dragged;
    let to = index;
    const onMove = (/** @type {PointerEvent} */ { clientY }) => {
      if (Math.abs(clientY - start) < 5 && to === index) return;
      const above = this.#rows.filter(({ root }) => {
        const { top, bottom } = root.getBoundingClientRect();
        return (top + bottom) / 2 < clientY;
      }).length;
      to = above > index ? above - 1 : above;
      for (const row of this.#rows) {
        row.root.classList.toggle("dragging", row.index === index);
        row.root.classList.toggle("drop-before", to < index && row.index === to);
        row.root.classList.toggle("drop-after", to > index && row.index === to);
      }
    };
    const onEnd = (/** @type {Event} */ { type }) => {
      title.removeEventListener("pointermove", onMove);
      for (const name of ["pointerup", "pointercancel"]) title.removeEventListener(name, onEnd);
      for (const { root } of this.#rows) root.classList.remove("dragging", "drop-before", "drop-after");
      if (type === "pointerup") this.#move(dragged, to, "move-up");
    };
    title.addEventListener("pointermove", onMove);
    for (const name of ["pointerup", "pointercancel"]) title.addEventListener(name, onEnd);
  }
}
