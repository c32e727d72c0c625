import { element, icon, setAttribute } from "./dom.js";
import { Popover } from "./popover.js";

/** @import { Session } from "../kernel/session.js" */
/** @typedef {{ name: string, family: string, doc: string }} Entry */

/** A button that opens a list of all that can be added, with a field that narrows it. */
export class AddStage extends Popover {
  /** @type {HTMLElement[]} */ #options = [];
  #at = 0;

  /** @param {Session} session */
  constructor(session) {
    const face = element("span", {}, icon("add"), "Add a stage");
    super({ action: "add-stage", label: "Add a stage", face, kind: "dialog" }, (box) => this.#fill(box));
    this.session = session;
    this.box.classList.add("catalogue");
  }

  /** @param {HTMLElement} box */
  #fill(box) {
    const list = element("div", { role: "listbox", id: `fx-${Math.random().toString(36).slice(2)}` });
    const field = element("input", {
      ...{ type: "search", role: "combobox", "aria-expanded": "true", "aria-controls": list.id },
      ...{
        "aria-label": "What to add",
        "aria-autocomplete": "list",
        placeholder: "Search",
        autocomplete: "off",
      },
    });
    box.replaceChildren(field, list);
    const narrow = (/** @type {Entry[]} */ entries) => {
      const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      this.#list(list, rank(entries, words), field);
    };
    this.session.query("module_catalog").then((answer) => {
      if (!answer) return;
      const { stages } = answer;
      narrow(stages);
      this.place();
      field.addEventListener("input", () => narrow(stages));
    });
    field.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
      if (event.key === "Enter") this.#options[this.#at]?.click();
      else if (step) this.#mark(this.#at + step, field);
      else return;
      event.preventDefault();
    });
    return field;
  }

  /** @param {HTMLElement} list @param {Entry[]} entries @param {HTMLElement} field */
  #list(list, entries, field) {
    list.replaceChildren();
    this.#options = [];
    let family = "";
    for (const entry of entries) {
      if (entry.family !== family) {
        family = entry.family;
        list.append(element("div", { class: "family", role: "presentation" }, family));
      }
      const option = element(
        "div",
        { role: "option", id: `${list.id}-${this.#options.length}`, "data-kind": entry.name },
        element("b", {}, entry.name),
        element("span", {}, entry.doc),
      );
      option.addEventListener("click", () => {
        this.close();
        this.session.command("add_stage", { kind: entry.name });
      });
      this.#options.push(option);
      list.append(option);
    }
    if (entries.length === 0) list.append(element("div", { class: "family" }, "Nothing of that name"));
    this.#mark(0, field);
  }

  /** @param {number} to @param {HTMLElement} field */
  #mark(to, field) {
    this.#at = Math.max(0, Math.min(to, this.#options.length - 1));
    for (const [i, option] of this.#options.entries())
      setAttribute(option, "aria-selected", String(i === this.#at));
    const option = this.#options[this.#at];
    setAttribute(field, "aria-activedescendant", option?.id ?? "");
    option?.scrollIntoView({ block: "nearest" });
  }
}

/** Those that have all the words, by their names first. @param {Entry[]} entries @param {string[]} words */
function rank(entries, words) {
  if (words.length === 0) return entries;
  const has = (/** @type {string} */ text) => words.every((word) => text.toLowerCase().includes(word));
  const named = entries.filter(({ name, family }) => has(`${name} ${family}`));
  return [
    ...named,
    ...entries.filter((entry) => !named.includes(entry) && has(`${entry.name} ${entry.doc}`)),
  ];
}
