import { VOLUME } from "../audio/listening_mode.js";
import { element, icon, setAttribute, setText } from "../ui/dom.js";

/** @import { ListeningMode } from "../audio/listening_mode.js" */

/** Return a level with its sign, a minus being a typographic one. @param {number} db */
const signed = (db) => `${db > 0 ? "+" : ""}${db}`.replace("-", "−");

/** The playback volume of the panel: a slider in dB and a mute button. */
export class Volume {
  #icon = "";

  /** @param {ListeningMode} listening */
  constructor(listening) {
    this.listening = listening;
    this.muteButton = element("button", { type: "button", "data-action": "mute" });
    this.muteButton.addEventListener("click", () => listening.setMuted(!listening.muted));
    this.slider = element("input", {
      ...{ type: "range", min: VOLUME.low, max: VOLUME.high, step: 1, value: 0 },
      ...{ "data-action": "volume", "aria-label": "Volume", title: "Volume (double-click: 0 dB)" },
    });
    this.slider.addEventListener("input", () => listening.setVolume(Number(this.slider.value)));
    this.slider.addEventListener("dblclick", () => listening.setVolume(0));
    this.text = element("span", { class: "amount" });
    this.root = element("div", { class: "volume" }, this.muteButton, this.slider, this.text);
  }

  update() {
    const { volume, muted, isSilent } = this.listening;
    const { low, high } = VOLUME;
    this.slider.value = String(volume);
    this.slider.style.setProperty("--from", "0");
    this.slider.style.setProperty("--to", String((volume - low) / (high - low)));
    const text = volume <= low ? "silent" : `${volume > 0 ? "+" : ""}${volume} dB`;
    setAttribute(this.slider, "aria-valuetext", muted ? `${text}, muted` : text);
    setText(this.text, isSilent ? "−∞ dB" : `${signed(volume)} dB`);
    const label = muted ? "Unmute" : "Mute";
    setAttribute(this.muteButton, "aria-label", label);
    setAttribute(this.muteButton, "title", label);
    const name = isSilent ? "muted" : "volume";
    if (name === this.#icon) return;
    this.#icon = name;
    this.muteButton.replaceChildren(icon(name));
  }
}
