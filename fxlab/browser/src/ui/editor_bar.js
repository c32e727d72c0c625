import { button, element, icon, setAttribute, setText } from "./dom.js";
import { Menu } from "./menu.js";
import { Popover } from "./popover.js";

/** @import { Session } from "../kernel/session.js" */

const LETTERS = ["A", "B", "C", "D"];

/** Text that is not yet where it shall be belongs to the field that it is typed into. @param {Event} event */
const isTyping = ({ target }) =>
  target instanceof HTMLInputElement && target.type !== "range" && target.type !== "checkbox";

/** The bar over the controls: the settings A to D, undo and redo, presets, and the panel's Python. */
export class EditorBar {
  /** The presets that the box shows. @type {string[]} */ #listed = [];

  /** @param {Session} session */
  constructor(session) {
    this.session = session;
    this.letters = LETTERS.map((letter, i) =>
      button(`select-${letter}`, `Settings ${letter}`, () => this.#select(letter), letter, {
        ...{ role: "radio", title: `Settings ${letter} (${i + 1})`, tabindex: "-1" },
      }),
    );
    const group = element(
      "div",
      { class: "letters", role: "radiogroup", "aria-label": "Settings" },
      ...this.letters,
    );
    group.addEventListener("keydown", (event) => this.#step(event));
    this.copy = new Menu(
      { action: "copy-settings", label: "Copy to… another letter, these settings", face: "Copy to…" },
      () =>
        LETTERS.filter((letter) => letter !== session.editor.selected).map((letter) => ({
          label: letter,
          action: `copy-${letter}`,
          hint: session.editor.used.includes(letter) ? "" : "not used",
          run: () => this.#do("copy_settings", { letter }, `Copied ${session.editor.selected} to ${letter}.`),
        })),
    );
    const undo = () => this.#command("undo");
    const redo = () => this.#command("redo");
    this.undo = button("undo", "Undo", undo, icon("undo"), { title: "Undo (Ctrl Z)" });
    this.redo = button("redo", "Redo", redo, icon("redo"), { title: "Redo (Shift Ctrl Z)" });
    this.presets = new Popover(
      { action: "presets", label: "Presets", face: "Presets", kind: "dialog" },
      (box) => this.#fill(box),
    );
    this.name = element("input", {
      ...{ type: "text", "aria-label": "Name of a new preset", placeholder: "Name", autocomplete: "off" },
    });
    this.name.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      // The focus goes back to the button, which this key would press.
      event.preventDefault();
      this.#keep();
    });
    const code = button("code", "Copy Python: what makes this", () => this.#code(), "Copy Python");
    this.remark = element("span", { class: "remark", "aria-live": "polite" });
    this.root = element(
      "div",
      { class: "desk" },
      group,
      this.copy.root,
      this.remark,
      element("span", { class: "history" }, this.undo, this.redo),
      this.presets.root,
      code,
    );
  }

  /** A key pressed anywhere in the panel. @param {KeyboardEvent} event */
  onKey(event) {
    const { key, ctrlKey, metaKey, shiftKey, altKey } = event;
    if (event.defaultPrevented || isTyping(event) || altKey) return;
    if (ctrlKey || metaKey) {
      const lower = key.toLowerCase();
      if (lower !== "z" && lower !== "y") return;
      this.#command(lower === "y" || shiftKey ? "redo" : "undo");
    } else {
      const letter = LETTERS[Number(key) - 1];
      if (!letter || shiftKey) return;
      this.#select(letter);
    }
    event.preventDefault();
    event.stopPropagation();
  }

  update() {
    const { editor, notices } = this.session;
    LETTERS.forEach((letter, i) => {
      const node = this.letters[i];
      const on = editor.selected === letter;
      setAttribute(node, "aria-checked", String(on));
      setAttribute(node, "tabindex", on ? "0" : "-1");
      node.classList.toggle("unused", !editor.used.includes(letter));
    });
    // Not disabled: the focus stays where it is when there is nothing left.
    setAttribute(this.undo, "aria-disabled", String(!editor.can_undo));
    setAttribute(this.redo, "aria-disabled", String(!editor.can_redo));
    setText(this.remark, notices.message);
    if (String(editor.presets) !== String(this.#listed)) this.presets.refill();
  }

  close() {
    this.copy.close(false);
    this.presets.close(false);
  }

  /** @param {"undo" | "redo"} name */
  #command(name) {
    if (this.session.editor[`can_${name}`] || this.#behind) this.session.command(name);
  }

  /** What changes nothing that is heard. @param {string} name @param {Record<string, unknown>} fields @param {string} said when it is done */
  async #do(name, fields, said) {
    if (await this.session.query(name, fields)) this.session.notices.showMessage(said);
  }

  /** @param {string} letter */
  #select(letter) {
    if (letter !== this.session.editor.selected || this.#behind)
      this.session.command("select_settings", { letter });
  }

  /** Something is on its way that may change what can be done: the kernel knows. */
  get #behind() {
    return this.session.state === "rendering";
  }

  /** @param {KeyboardEvent} event */
  #step({ key, target }) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: 3, ArrowUp: 3 }[key];
    const at = this.letters.indexOf(/** @type {HTMLButtonElement} */ (target));
    if (!step || at < 0) return;
    const next = (at + step) % 4;
    this.letters[next].focus();
    this.#select(LETTERS[next]);
  }

  /** @param {HTMLElement} box */
  #fill(box) {
    const { session } = this;
    const { name } = this;
    this.#listed = session.editor.presets;
    const entry = element(
      "div",
      { class: "row naming" },
      name,
      button("keep-preset", "Keep what is heard under this name", () => this.#keep(), "Keep"),
    );
    const rows = session.editor.presets.map((preset) => {
      const recall = () => {
        session.command("recall_preset", { preset });
        this.presets.close();
      };
      const forget = () => {
        this.#do("delete_preset", { preset }, `Deleted ${preset}.`);
        row.remove();
        name.focus();
      };
      const row = element(
        "div",
        { class: "row" },
        button("recall-preset", `Hear ${preset}`, recall, preset),
        button("forget-preset", `Delete ${preset}`, forget, icon("remove")),
      );
      return row;
    });
    box.replaceChildren(...rows, entry);
    return rows[0]?.querySelector("button") ?? name;
  }

  #keep() {
    const { name, session } = this;
    const preset = name.value.trim();
    if (!preset) {
      name.focus();
      return;
    }
    const there = session.editor.presets.includes(preset);
    name.value = "";
    this.#do("save_preset", { preset }, `${there ? "Replaced" : "Kept as"} ${preset}.`);
    this.presets.close();
  }

  async #code() {
    const { session } = this;
    const answer = await session.query("code");
    if (!answer) return;
    const done = await copied(answer.text, this.root);
    session.notices.showMessage(done ? "Copied." : "This page may not copy: panel.code() gives it.");
  }
}

/**
 * Put text into the clipboard; a page that came over plain http may only do so by way of a field.
 *
 * @param {string} text @param {HTMLElement} root @returns {Promise<boolean>}
 */
async function copied(text, root) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const { ownerDocument } = root;
    const before = /** @type {HTMLElement | null} */ (ownerDocument.activeElement);
    const field = element("textarea", { class: "probe", "aria-hidden": "true" });
    field.value = text;
    root.append(field);
    field.select();
    const done = ownerDocument.execCommand("copy");
    field.remove();
    before?.focus();
    return done;
  }
}
