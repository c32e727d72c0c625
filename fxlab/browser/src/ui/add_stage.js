import { element, icon, setAttribute } from "./dom.js";
import { Popover } from "./popover.js";

/** @import { Session } from "../kernel/session.js" */
/** @import { CatalogEntry } from "../types" */

/** A button that opens the list of all modules that can be added as a stage, with a search field. */
export class AddStage extends Popover {
  /** @type {HTMLElement[]} */ #options = [];
  #selectedIndex = 0;

  /** @param {Session} session */
  constructor(session) {
    const content = element("span", {}, icon("add"), "Add a stage");
    super({ action: "add-stage", label: "Add a stage", content, role: "dialog" }, (box) => this.#render(box));
    this.session = session;
    this.box.classList.add("catalogue");
  }

  /** @param {HTMLElement} box */
  #render(box) {
    const list = element("div", { role: "listbox", id: `fx-${Math.random().toString(36).slice(2)}` });
    const field = element("input", {
      ...{ type: "search", role: "combobox", "aria-expanded": "true", "aria-controls": list.id },
      ...{
        "aria-label": "Search for a stage",
        "aria-autocomplete": "list",
        placeholder: "Search",
        autocomplete: "off",
      },
    });
    box.replaceChildren(field, list);
    const showMatches = (/** @type {CatalogEntry[]} */ entries) => {
      const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      this.#showEntries(list, findEntries(entries, words), field);
    };
    this.session.query("module_catalog").then((answer) => {
      const stages = answer?.stages;
      if (!stages) return;
      showMatches(stages);
      this.position();
      field.addEventListener("input", () => showMatches(stages));
    });
    field.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
      if (event.key === "Enter" && event.shiftKey) return;
      if (event.key === "Enter") this.#options[this.#selectedIndex]?.click();
      else if (step) this.#select(this.#selectedIndex + step, field);
      else return;
      event.preventDefault();
    });
    return field;
  }

  /** @param {HTMLElement} list @param {CatalogEntry[]} entries @param {HTMLElement} field */
  #showEntries(list, entries, field) {
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
    if (entries.length === 0) list.append(element("div", { class: "family" }, "No matching stages"));
    this.#select(0, field);
  }

  /** @param {number} index @param {HTMLElement} field */
  #select(index, field) {
    this.#selectedIndex = Math.max(0, Math.min(index, this.#options.length - 1));
    for (const [i, option] of this.#options.entries()) {
      setAttribute(option, "aria-selected", String(i === this.#selectedIndex));
    }
    const option = this.#options[this.#selectedIndex];
    setAttribute(field, "aria-activedescendant", option?.id ?? "");
    option?.scrollIntoView({ block: "nearest" });
  }
}

/**
 * Return the entries that contain all words, those with a matching name first.
 *
 * @param {CatalogEntry[]} entries @param {string[]} words
 */
function findEntries(entries, words) {
  if (words.length === 0) return entries;
  const hasAll = (/** @type {string} */ text) => words.every((word) => text.toLowerCase().includes(word));
  const byName = entries.filter(({ name, family }) => hasAll(`${name} ${family}`));
  return [
    ...byName,
    ...entries.filter((entry) => !byName.includes(entry) && hasAll(`${entry.name} ${entry.doc}`)),
  ];
}
