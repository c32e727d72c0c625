import { Volume } from "./controls/volume.js";
import { element, icon, mark, write } from "./element.js";
import { Headroom } from "./headroom.js";
import { Menu } from "./menu.js";

/** @import { Session } from "./session.js" */

/** @type {Record<string, string>} */
const STATES = {
  loading: "Waiting for the kernel",
  idle: "Ready",
  rendering: "Rendering",
  error: "Error: the last good sound goes on",
};

/** The panel's head: play and loop, what is heard and how loud, the title, and how the kernel is doing. */
export class Transport {
  /** @param {Session} session */
  constructor(session) {
    this.session = session;
    const { listening } = session;
    this.play = this.#button("play", "Play", () => session.play(!session.playing), icon("play"), "Space");
    this.loop = this.#button("loop", "Loop", () => listening.setLoop(!listening.loop), icon("loop"), "L");
    this.bypass = this.#button("bypass", "Bypass", () => listening.toggle("dry"), "Bypass", "B");
    this.bypass.title = "Bypass: hear the input (B)";
    const differ = () => listening.toggle("difference");
    this.difference = this.#button("difference", "Difference", differ, "Difference");
    this.difference.title = "Difference: hear the output less the input";
    this.matched = element("span", { class: "amount" });
    this.match = this.#button("match", "Match", () => listening.setMatch(!listening.match), "Match");
    this.match.title = "Match: hear the output as loud as the input";
    this.match.append(this.matched);
    this.volume = new Volume(listening);
    this.menu = new Menu({ action: "more", label: "More", face: icon("more") }, () => [
      {
        action: "limiter",
        label: "Limiter",
        run: () => listening.setLimiter(!listening.limiter),
        checked: listening.limiter,
      },
    ]);
    this.about = element("span", { class: "about" });
    this.title = element("span", { class: "title" });
    this.headroom = new Headroom();
    this.latency = element("span", { class: "latency", title: "From your last move to its sound" });
    this.dot = element("span", { class: "dot", role: "img" });
    this.devices = element("select", { "data-action": "device", "aria-label": "Device" });
    this.devices.addEventListener("change", () => session.setDevice(this.devices.value));
    this.state = element("div", { class: "state" }, this.headroom.root, this.latency, this.dot);
    this.root = element(
      "header",
      {},
      element("div", { class: "buttons" }, this.play, this.loop),
      element("div", { class: "heading" }, this.title, this.about),
      element(
        "div",
        { class: "listen", role: "group", "aria-label": "Listening" },
        ...[this.bypass, this.difference, this.match, this.volume.root],
      ),
      this.state,
      this.menu.root,
    );
  }

  /**
   * @param {string} action
   * @param {string} label
   * @param {() => void} onClick
   * @param {Node | string} face
   * @param {string} [key] that does the same, wherever the focus is in the panel
   */
  #button(action, label, onClick, face, key) {
    const button = element(
      "button",
      { type: "button", "data-action": action, "aria-label": label, "aria-keyshortcuts": key ?? null },
      face,
    );
    button.title = key ? `${label} (${key})` : label;
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
    const { session, play } = this;
    const { loop, mode, match } = session.listening;
    const label = session.playing ? "Pause" : "Play";
    if (play.getAttribute("aria-label") !== label) {
      mark(play, "aria-label", label);
      play.title = `${label} (Space)`;
      play.replaceChildren(icon(session.playing ? "pause" : "play"));
    }
    mark(this.loop, "aria-pressed", String(loop));
    mark(this.bypass, "aria-pressed", String(mode === "dry"));
    mark(this.difference, "aria-pressed", String(mode === "difference"));
    mark(this.match, "aria-pressed", String(match));
    this.volume.show();
    this.#showMatch();
    if (this.devices.value !== session.device) this.devices.value = session.device;
    mark(this.dot, "aria-label", STATES[session.state]);
    mark(this.dot, "title", STATES[session.state]);
    write(this.latency, session.latency === null ? "" : `${Math.round(session.latency)} ms`);
  }

  /** By how much the output is turned up or down, or would be. */
  #showMatch() {
    const db = this.session.report?.match ?? null;
    const rounded = db === null ? null : Math.round(10 * db) / 10 || 0;
    const said = rounded === null ? "–" : `${rounded > 0 ? "+" : ""}${rounded.toFixed(1)} dB`;
    write(this.matched, said.replace("-", "−"));
    mark(this.match, "aria-label", rounded === null ? "Match" : `Match, ${said}`);
  }

  /** What a report of the sound says, while it plays. */
  meter() {
    const { report, listening } = this.session;
    if (report) this.headroom.show(report, listening);
  }

  close() {
    this.headroom.close();
  }
}
