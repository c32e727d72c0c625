import { button, icon, setAttribute } from "./dom.js";

/** The button that switches a panel's projector mode, large type and high contrast, on and off. */
export class Projector {
  constructor() {
    this.root = button(
      "projector",
      "Projector mode: large type and high contrast",
      () => this.set(!this.isOn),
      icon("projector"),
      { "aria-pressed": "false" },
    );
  }

  get isOn() {
    return this.root.getAttribute("aria-pressed") === "true";
  }

  /** The style sheet goes by an attribute of the panel; its theme follows the change. @param {boolean} on */
  set(on) {
    setAttribute(this.root, "aria-pressed", String(on));
    this.root.closest(".fxlab-panel")?.toggleAttribute("data-projector", on);
  }
}
