import { element, icon, mark, write } from "./element.js";

/** @import { Session } from "./session.js" */

/** How long "over" stays lit, in ms. */
const HOLD = 1500;

/** @type {Record<string, string>} */
const STATES = {
  loading: "Waiting for the kernel",
  idle: "Ready",
  rendering: "Rendering",
  error: "Error: the last good sound goes on",
};

/** The panel's head: play, loop, bypass, the title, and how the kernel is doing. */
export class Transport {
  #over = 0;
  #level = 0;

  /** @param {Session} session */
  constructor(session) {
    this.session = session;
    this.play = this.#button("play", "Play", () => session.play(!session.playing), icon("play"));
    this.loop = this.#button("loop", "Loop", () => session.setLoop(!session.loop), icon("loop"));
    this.bypass = this.#button("bypass", "Bypass", () => session.setBypass(!session.bypass), "Bypass");
    this.bypass.title = "Bypass: hear the input";
    this.about = element("span", { class: "about" });
    this.title = element("span", { class: "title" });
    this.over = element("span", { class: "over", hidden: true });
    this.latency = element("span", { class: "latency", title: "From your last move to its sound" });
    this.dot = element("span", { class: "dot", role: "img" });
    this.devices = element("select", { "data-action": "device", "aria-label": "Device" });
    this.devices.addEventListener("change", () => session.setDevice(this.devices.value));
    this.state = element("div", { class: "state" }, this.over, this.latency, this.dot);
    this.progress = element("div", {
      class: "progress",
      role: "progressbar",
      "aria-label": "Rendering",
      "aria-valuemin": 0,
      "aria-valuemax": 100,
      hidden: true,
    });
    this.root = element(
      "header",
      { role: "group", "aria-label": "Sound" },
      element("div", { class: "buttons" }, this.play, this.loop, this.bypass),
      element("div", { class: "heading" }, this.title, this.about),
      this.state,
      this.progress,
    );
    this.timer = 0;
  }

  /**
   * @param {string} action
   * @param {string} label
   * @param {() => void} onClick
   * @param {Node | string} face
   */
  #button(action, label, onClick, face) {
    const button = element(
      "button",
      { type: "button", "data-action": action, "aria-label": label, title: label },
      face,
    );
    button.addEventListener("click", onClick);
    return button;
  }

  /** @param {string} about */
  describe(about) {
    const { spec } = this.session;
    this.title.textContent = spec.title;
    this.title.title = spec.title;
    this.about.textContent = about;
    this.devices.replaceChildren(...spec.devices.map((name) => element("option", { value: name }, name)));
    if (spec.devices.length > 1) this.state.prepend(this.devices);
    else this.devices.remove();
  }

  show() {
    const { session, play, loop, bypass } = this;
    const label = session.playing ? "Pause" : "Play";
    if (play.getAttribute("aria-label") !== label) {
      play.setAttribute("aria-label", label);
      play.title = label;
      play.replaceChildren(icon(session.playing ? "pause" : "play"));
    }
    mark(loop, "aria-pressed", String(session.loop));
    mark(bypass, "aria-pressed", String(session.bypass));
    if (this.devices.value !== session.device) this.devices.value = session.device;
    mark(this.dot, "aria-label", STATES[session.state]);
    mark(this.dot, "title", STATES[session.state]);
    this.#showProgress();
    write(this.latency, session.latency === null ? "" : `${Math.round(session.latency)} ms`);
  }

  #showProgress() {
    const { progress } = this;
    const done = this.session.progress;
    if (progress.hidden !== (done === null)) progress.hidden = done === null;
    if (done === null) return;
    progress.classList.toggle("unknown", done < 0);
    if (done < 0) progress.removeAttribute("aria-valuenow");
    else mark(progress, "aria-valuenow", String(Math.round(100 * done)));
    progress.style.setProperty("--done", String(Math.max(0, done)));
  }

  /** Say it when the sound goes beyond full scale, where the converter cuts it. */
  meter() {
    const { session, over } = this;
    const now = performance.now();
    if (session.peak > 1.0001) {
      if (now > this.#over) this.#level = 0;
      this.#over = now + HOLD;
      this.#level = Math.max(this.#level, session.peak);
      over.textContent = `clips +${(20 * Math.log10(this.#level)).toFixed(1)} dB`;
      over.hidden = false;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => {
        over.hidden = true;
      }, HOLD);
    }
  }

  close() {
    clearTimeout(this.timer);
  }
}
