import { Volume } from "../controls/volume.js";
import { button, element, icon, setAttribute, setText } from "./dom.js";
import { LevelBars } from "./level_bars.js";
import { LimiterIndicator } from "./limiter_indicator.js";
import { Menu } from "./menu.js";

/** @import { Files } from "./files.js" */
/** @import { Session } from "../kernel/session.js" */

/** @type {Record<string, string>} */
const STATES = {
  loading: "Waiting for the kernel",
  idle: "Ready",
  rendering: "Rendering",
  error: "Error: the last good sound goes on",
};

/** How long a render may take before the dot says so, in ms. */
const LASTING = 150;

/** The panel's head: play and loop, what is heard and how loud, the title, and how the kernel is doing. */
export class Transport {
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #lasting;

  /** @param {Session} session @param {Files} files */
  constructor(session, files) {
    this.session = session;
    const { listening } = session.sound;
    this.matched = element("span", { class: "amount" });
    const toggle = () => session.sound.play(!session.sound.playing);
    this.play = button("play", "Play", toggle, icon("play"), { "aria-keyshortcuts": "Space" });
    this.loop = button("loop", "Loop", () => listening.setLoop(!listening.loop), icon("loop"), {
      ...{ title: "Loop (L)", "aria-keyshortcuts": "L" },
    });
    this.bypass = button("bypass", "Bypass", () => listening.toggle("dry"), "Bypass", {
      ...{ title: "Bypass: hear the input (B)", "aria-keyshortcuts": "B" },
    });
    this.difference = button("difference", "Difference", () => listening.toggle("difference"), "Difference", {
      title: "The output less the input",
    });
    this.match = button("match", "Match", () => listening.setMatch(!listening.match), "Match", {
      title: "Match: hear the output as loud as the input",
    });
    // With a space, or its name would be one word to a screen reader.
    this.match.append(" ", this.matched);
    this.volume = new Volume(listening);
    const { input, output } = session.sound.levels;
    this.bars = new LevelBars([
      { name: "input", label: "Input level, dBFS", levels: input },
      { name: "output", label: "Output level, dBFS", levels: output },
    ]);
    this.menu = new Menu({ action: "more", label: "More", face: icon("more") }, () => [
      ...files.items,
      {
        action: "limiter",
        parted: true,
        label: "Limiter",
        run: () => listening.setLimiter(!listening.limiter),
        checked: listening.limiter,
      },
    ]);
    this.about = element("span", { class: "about" });
    this.title = element("span", { class: "title" });
    this.headroom = new LimiterIndicator();
    this.latency = element("span", { class: "latency", title: "From your last move to its sound" });
    this.dot = element("span", { class: "dot", role: "img" });
    this.devices = element("select", { "data-action": "device", "aria-label": "Device" });
    this.devices.addEventListener("change", () => session.setDevice(this.devices.value));
    this.state = element("div", { class: "state" }, this.headroom.root, this.latency, this.dot);
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
      element("div", { class: "buttons" }, this.play, this.loop),
      element("div", { class: "heading" }, this.title, this.about),
      element(
        "div",
        { class: "listen", role: "group", "aria-label": "Listening" },
        ...[this.bypass, this.difference, this.match, this.volume.root, this.bars.root],
      ),
      this.state,
      this.menu.root,
      this.progress,
    );
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

  update() {
    const { session, play } = this;
    const { loop, mode, match } = session.sound.listening;
    const label = session.sound.playing ? "Pause" : "Play";
    setAttribute(play, "title", `${label} (Space)`);
    if (play.getAttribute("aria-label") !== label) {
      setAttribute(play, "aria-label", label);
      play.replaceChildren(icon(session.sound.playing ? "pause" : "play"));
    }
    setAttribute(this.loop, "aria-pressed", String(loop));
    setAttribute(this.bypass, "aria-pressed", String(mode === "dry"));
    setAttribute(this.difference, "aria-pressed", String(mode === "difference"));
    setAttribute(this.match, "aria-pressed", String(match));
    this.volume.update();
    this.bars.update();
    this.#showMatch();
    if (this.devices.value !== session.device) this.devices.value = session.device;
    this.#showState();
    this.#showProgress();
    setText(this.latency, session.sound.latency === null ? "" : `${Math.round(session.sound.latency)} ms`);
  }

  /** What has lasted: a flicker at each move would tell nothing, and cost the page a frame just then. */
  #showState() {
    const { state } = this.session;
    if (state === "rendering") {
      this.#lasting ??= setTimeout(() => this.#showNow(), LASTING);
    } else this.#showNow();
  }

  #showNow() {
    clearTimeout(this.#lasting);
    this.#lasting = undefined;
    const { state } = this.session;
    setAttribute(this.dot, "data-state", state);
    setAttribute(this.dot, "aria-label", STATES[state]);
    setAttribute(this.dot, "title", STATES[state]);
  }

  /** By how much the output is turned up or down, or would be. */
  #showMatch() {
    const db = this.session.sound.report?.match ?? null;
    const rounded = db === null ? null : Math.round(10 * db) / 10 || 0;
    const said = rounded === null ? "–" : `${rounded > 0 ? "+" : ""}${rounded.toFixed(1)} dB`;
    const shown = said.replace("-", "−");
    setText(this.matched, shown);
    setAttribute(this.match, "aria-label", rounded === null ? "Match" : `Match ${shown}`);
  }

  #showProgress() {
    const { progress } = this;
    const done = this.session.progress;
    if (progress.hidden !== (done === null)) progress.hidden = done === null;
    if (done === null) return;
    progress.classList.toggle("unknown", done < 0);
    if (done < 0) progress.removeAttribute("aria-valuenow");
    else setAttribute(progress, "aria-valuenow", String(Math.round(100 * done)));
    progress.style.setProperty("--done", String(Math.max(0, done)));
  }

  /** What a report of the sound says, while it plays. */
  updateMeters() {
    const { report, listening } = this.session.sound;
    if (report) this.headroom.show(report, listening);
    this.bars.update();
  }

  close() {
    clearTimeout(this.#lasting);
    this.menu.close(false);
    this.headroom.close();
  }
}
