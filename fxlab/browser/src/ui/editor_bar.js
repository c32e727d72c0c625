import { button, element, icon, setAttribute, setText } from "./dom.js";
import { Learning } from "./learning.js";
import { Menu } from "./menu.js";
import { canStep, hasModifier, historyStep, isTextField } from "./panel_keys.js";
import { Popover } from "./popover.js";

/** @import { Session } from "../kernel/session.js" */
/** @import { QueryFields } from "../types" */
/** @import { Files } from "./files.js" */

/** The names of the slots for settings. */
const SLOTS = ["A", "B", "C", "D"];

/** The bar above the controls: settings A to D, undo and redo, learning, presets, and the module as Python code. */
export class EditorBar {
  /** The presets in the open list. @type {string[]} */ #renderedPresets = [];

  /** @param {Session} session @param {Files} files */
  constructor(session, files) {
    this.session = session;
    this.slotButtons = SLOTS.map((slot, i) =>
      button(`select-${slot}`, `Settings ${slot}`, () => this.#select(slot), slot, {
        ...{ role: "radio", title: `Settings ${slot} (${i + 1})`, tabindex: "-1" },
      }),
    );
    const group = element(
      "div",
      { class: "slots", role: "radiogroup", "aria-label": "Settings" },
      ...this.slotButtons,
    );
    group.addEventListener("keydown", (event) => this.#onSlotKey(event));
    this.copyMenu = new Menu(
      { action: "copy-settings", label: "Copy to… another slot of settings", content: "Copy to…" },
      () =>
        SLOTS.filter((slot) => slot !== session.editor.selected).map((slot) => ({
          label: slot,
          action: `copy-${slot}`,
          hint: session.editor.used.includes(slot) ? "" : "not used",
          run: () =>
            this.#request(
              "copy_settings",
              { letter: slot },
              `Copied settings ${session.editor.selected} to ${slot}.`,
            ),
        })),
    );
    const step = (/** @type {"undo" | "redo"} */ name) => {
      if (canStep(session, name)) session.command(name);
    };
    this.undo = button("undo", "Undo", () => step("undo"), icon("undo"), { title: "Undo (Ctrl+Z)" });
    this.redo = button("redo", "Redo", () => step("redo"), icon("redo"), { title: "Redo (Ctrl+Shift+Z)" });
    this.presets = new Popover(
      { action: "presets", label: "Presets", content: "Presets", role: "dialog" },
      (box) => this.#renderPresets(box),
    );
    this.nameField = element("input", {
      ...{ type: "text", "aria-label": "Name of the new preset", placeholder: "Name", autocomplete: "off" },
    });
    this.nameField.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey) return;
      // The focus returns to the button of the popover, which this key would otherwise press.
      event.preventDefault();
      this.#savePreset();
    });
    const code = button("code", "Copy Python code of this module", () => this.#copyCode(), "Copy Python");
    this.message = element("span", { class: "message", "aria-live": "polite" });
    this.learning = new Learning(session, files);
    const bar = element(
      "div",
      { class: "editor-bar" },
      group,
      this.copyMenu.root,
      this.message,
      element("span", { class: "history" }, this.undo, this.redo),
      this.learning.button,
      this.presets.root,
      code,
    );
    this.root = element("div", { class: "editing" }, bar, this.learning.root);
  }

  /** Handle a key pressed anywhere in the panel. @param {KeyboardEvent} event */
  onKey(event) {
    // A text field has its own undo.
    if (event.defaultPrevented || isTextField(event.target)) return;
    const step = historyStep(event);
    const slot = SLOTS[Number(event.key) - 1];
    if (step && canStep(this.session, step)) this.session.command(step);
    else if (slot && !event.shiftKey && !hasModifier(event)) this.#select(slot);
    else return;
    event.preventDefault();
  }

  update() {
    const { editor, notices } = this.session;
    SLOTS.forEach((slot, i) => {
      const node = this.slotButtons[i];
      const isSelected = editor.selected === slot;
      setAttribute(node, "aria-checked", String(isSelected));
      setAttribute(node, "tabindex", isSelected ? "0" : "-1");
      node.classList.toggle("unused", !editor.used.includes(slot));
    });
    // Not `disabled`, which would take the focus away when there is nothing left to undo.
    setAttribute(this.undo, "aria-disabled", String(!editor.can_undo));
    setAttribute(this.redo, "aria-disabled", String(!editor.can_redo));
    setText(this.message, notices.message);
    this.learning.update();
    if (String(editor.presets) !== String(this.#renderedPresets)) this.presets.refresh();
  }

  close() {
    this.copyMenu.close(false);
    this.presets.close(false);
  }

  /**
   * Ask the kernel for something that does not change the sound, and show a message when it is done.
   *
   * @template {keyof QueryFields} N
   * @param {N} name @param {QueryFields[N]} fields @param {string} message
   */
  async #request(name, fields, message) {
    if (await this.session.query(name, fields)) this.session.notices.showMessage(message);
  }

  /** @param {string} slot */
  #select(slot) {
    const { editor, render } = this.session;
    // Until the kernel has answered a change, another setting may be selected than the editor says.
    if (slot === editor.selected && render.state !== "rendering") return;
    this.session.command("select_settings", { letter: slot });
  }

  /** @param {KeyboardEvent} event */
  #onSlotKey({ key, target }) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: 3, ArrowUp: 3 }[key];
    const index = this.slotButtons.indexOf(/** @type {HTMLButtonElement} */ (target));
    if (!step || index < 0) return;
    const next = (index + step) % 4;
    this.slotButtons[next].focus();
    this.#select(SLOTS[next]);
  }

  /** @param {HTMLElement} box */
  #renderPresets(box) {
    const { session, nameField } = this;
    this.#renderedPresets = session.editor.presets;
    const label = "Save the current settings as a preset with this name";
    const newRow = element(
      "div",
      { class: "row new-preset" },
      nameField,
      button("keep-preset", label, () => this.#savePreset(), "Save"),
    );
    const rows = session.editor.presets.map((preset) => {
      const load = () => {
        session.command("recall_preset", { preset });
        this.presets.close();
      };
      const remove = () => {
        this.#request("delete_preset", { preset }, `Deleted ${preset}.`);
        row.remove();
        nameField.focus();
      };
      const row = element(
        "div",
        { class: "row" },
        button("recall-preset", `Load ${preset}`, load, preset),
        button("forget-preset", `Delete ${preset}`, remove, icon("remove")),
      );
      return row;
    });
    box.replaceChildren(...rows, newRow);
    return rows[0]?.querySelector("button") ?? nameField;
  }

  #savePreset() {
    const { nameField, session } = this;
    const preset = nameField.value.trim();
    if (!preset) {
      nameField.focus();
      return;
    }
    const exists = session.editor.presets.includes(preset);
    nameField.value = "";
    this.#request("save_preset", { preset }, `${exists ? "Replaced" : "Saved as"} ${preset}.`);
    this.presets.close();
  }

  async #copyCode() {
    const { session } = this;
    const answer = await session.query("code");
    if (!answer) return;
    const copied = await copyText(answer.text ?? "", this.root);
    session.notices.showMessage(
      copied ? "Copied." : "The browser blocked the clipboard: use panel.code() instead.",
    );
  }
}

/**
 * Copy text to the clipboard. A page that was loaded by plain http has no clipboard API and copies from a text field.
 *
 * @param {string} text @param {HTMLElement} root @returns {Promise<boolean>} whether it was copied
 */
async function copyText(text, root) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const { ownerDocument } = root;
    const focused = /** @type {HTMLElement | null} */ (ownerDocument.activeElement);
    const field = element("textarea", { class: "probe", "aria-hidden": "true" });
    field.value = text;
    root.append(field);
    field.select();
    const copied = ownerDocument.execCommand("copy");
    field.remove();
    focused?.focus();
    return copied;
  }
}
