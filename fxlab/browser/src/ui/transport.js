import { Volume } from "../controls/volume.js";
import { button, element, icon, setAttribute, setText } from "./dom.js";
import { LevelBars } from "./level_bars.js";
import { LimiterIndicator } from "./limiter_indicator.js";
import { Menu } from "./menu.js";
import { Projector } from "./projector.js";

/** @import { Files } from "./files.js" */
/** @import { Session } from "../kernel/session.js" */

/** @type {Record<string, string>} */
const STATE_LABELS = {
  loading: "Waiting for the kernel",
  idle: "Ready",
  rendering: "Rendering",
  error: "Error: the last valid sound keeps playing",
};

/** How long a render must take before the state indicator shows it, in ms. */
const RENDERING_DELAY = 150;

/** The head of the panel: playback, ways of listening, volume, levels, the title, and the state of the kernel. */
export class Transport {
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #renderingTimer;

  /** @param {Session} session @param {Files} files */
  constructor(session, files) {
    this.session = session;
    const { listening } = session.sound;
    const togglePlay = () => session.sound.play(!session.sound.playing);
    this.play = button("play", "Play", togglePlay, icon("play"), { "aria-keyshortcuts": "Space" });
    this.loop = button("loop", "Loop", () => listening.setLoop(!listening.loop), icon("loop"), {
      ...{ title: "Loop (L)", "aria-keyshortcuts": "L" },
    });
    this.bypass = button("bypass", "Bypass", () => listening.toggle("dry"), "Bypass", {
      ...{ title: "Bypass: play the input (B)", "aria-keyshortcuts": "B" },
    });
    this.difference = button("difference", "Difference", () => listening.toggle("difference"), "Difference", {
      title: "Difference: play the output minus the input",
    });
    this.match = button("match", "Match", () => listening.setMatch(!listening.match), "Match", {
      title: "Match: play the output as loud as the input",
    });
    this.matchGain = element("span", { class: "amount" });
    // Without the space a screen reader would read the two texts as one word.
    this.match.append(" ", this.matchGain);
    this.volume = new Volume(listening);
    const { input, output } = session.sound.levels;
    this.levelBars = new LevelBars([
      { name: "input", label: "Input level, dBFS", levels: input },
      { name: "output", label: "Output level, dBFS", levels: output },
    ]);
    this.projector = new Projector();
    this.menu = new Menu({ action: "more", label: "More", content: icon("more") }, () => [
      ...files.menuItems,
      {
        action: "limiter",
        separated: true,
        label: "Limiter",
        run: () => listening.setLimiter(!listening.limiter),
        checked: listening.limiter,
      },
    ]);
    this.format = element("span", { class: "signal-format" });
    this.title = element("span", { class: "title" });
    this.limiterIndicator = new LimiterIndicator();
    this.latency = element("span", {
      class: "latency",
      title: "Time from the last parameter change until it was audible",
    });
    this.stateIndicator = element("span", { class: "state-indicator", role: "img" });
    this.deviceSelect = element("select", { "data-action": "device", "aria-label": "Device" });
    this.deviceSelect.addEventListener("change", () => session.setDevice(this.deviceSelect.value));
    this.state = element(
      "div",
      { class: "state" },
      this.limiterIndicator.root,
      this.latency,
      this.stateIndicator,
    );
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
      element("div", { class: "heading" }, this.title, this.format),
      element(
        "div",
        { class: "listening", role: "group", "aria-label": "Listening" },
        ...[this.bypass, this.difference, this.match, this.volume.root, this.levelBars.root],
      ),
      this.state,
      this.projector.root,
      this.menu.root,
      this.progress,
    );
  }

  /** Show the title, the devices, and the signal's rate and channels. @param {string} format */
  describe(format) {
    const { spec } = this.session;
    this.title.textContent = spec.title;
    this.title.title = spec.title;
    this.format.textContent = format;
    this.deviceSelect.replaceChildren(
      ...spec.devices.map((name) => element("option", { value: name }, name)),
    );
    if (spec.devices.length > 1) this.state.prepend(this.deviceSelect);
    else this.deviceSelect.remove();
  }

  update() {
    const { session, play } = this;
    const { sound } = session;
    const { loop, mode, match } = sound.listening;
    const label = sound.playing ? "Pause" : "Play";
    setAttribute(play, "title", `${label} (Space)`);
    if (play.getAttribute("aria-label") !== label) {
      setAttribute(play, "aria-label", label);
      play.replaceChildren(icon(sound.playing ? "pause" : "play"));
    }
    setAttribute(this.loop, "aria-pressed", String(loop));
    setAttribute(this.bypass, "aria-pressed", String(mode === "dry"));
    setAttribute(this.difference, "aria-pressed", String(mode === "difference"));
    setAttribute(this.match, "aria-pressed", String(match));
    this.volume.update();
    this.levelBars.update();
    this.#showMatchGain();
    if (this.deviceSelect.value !== session.device) this.deviceSelect.value = session.device;
    this.#showState();
    this.#showProgress();
    setText(this.latency, sound.latency === null ? "" : `${Math.round(sound.latency)} ms`);
  }

  /** A render is shown after a delay: flicker at each parameter change would not help, and would cost frames. */
  #showState() {
    if (this.session.render.state === "rendering") {
      this.#renderingTimer ??= setTimeout(() => this.#showStateNow(), RENDERING_DELAY);
    } else this.#showStateNow();
  }

  #showStateNow() {
    clearTimeout(this.#renderingTimer);
    this.#renderingTimer = undefined;
    const { state } = this.session.render;
    setAttribute(this.stateIndicator, "data-state", state);
    setAttribute(this.stateIndicator, "aria-label", STATE_LABELS[state]);
    setAttribute(this.stateIndicator, "title", STATE_LABELS[state]);
  }

  /** Show the gain that makes the output as loud as the input, whether it is applied or not. */
  #showMatchGain() {
    const db = this.session.sound.report?.matchGainDb ?? null;
    const rounded = db === null ? null : Math.round(10 * db) / 10 || 0;
    const text = rounded === null ? "" : `${rounded > 0 ? "+" : ""}${rounded.toFixed(1)} dB`;
    const typographic = text.replace("-", "−");
    setText(this.matchGain, typographic);
    setAttribute(this.match, "aria-label", rounded === null ? "Match" : `Match ${typographic}`);
  }

  #showProgress() {
    const { progress } = this;
    const done = this.session.render.progress;
    if (progress.hidden !== (done === null)) progress.hidden = done === null;
    if (done === null) return;
    progress.classList.toggle("indeterminate", done < 0);
    if (done < 0) progress.removeAttribute("aria-valuenow");
    else setAttribute(progress, "aria-valuenow", String(Math.round(100 * done)));
    progress.style.setProperty("--progress", String(Math.max(0, done)));
  }

  /** Show the levels of the latest report of the player. */
  updateMeters() {
    const { report, listening } = this.session.sound;
    if (report) this.limiterIndicator.show(report, listening);
    this.levelBars.update();
  }

  close() {
    clearTimeout(this.#renderingTimer);
    this.menu.close(false);
    this.limiterIndicator.close();
  }
}
