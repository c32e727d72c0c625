import { VOLUME } from "../audio/listening_mode.js";
import { element, icon, setAttribute, setText } from "../ui/dom.js";

/** @import { ListeningMode } from "../audio/listening_mode.js" */

/** A real minus sign for what only the eye reads. @param {number} db */
const signed = (db) => `${db > 0 ? "+" : ""}${db}`.replace("-", "−");

/** How loud the panel plays: a slider in dB, and a button that mutes. */
export class Volume {
  #icon = "";

  /** @param {ListeningMode} listening */
  constructor(listening) {
    this.listening = listening;
    this.button = element("button", { type: "button", "data-action": "mute" });
    this.button.addEventListener("click", () => listening.setMuted(!listening.muted));
    this.range = element("input", {
      ...{ type: "range", min: VOLUME.low, max: VOLUME.high, step: 1, value: 0 },
      ...{ "data-action": "volume", "aria-label": "Volume", title: "Volume; double click: 0 dB" },
    });
    this.range.addEventListener("input", () => listening.setVolume(Number(this.range.value)));
    this.range.addEventListener("dblclick", () => listening.setVolume(0));
    this.text = element("span", { class: "amount" });
    this.root = element("div", { class: "volume" }, this.button, this.range, this.text);
  }

  update() {
    const { volume, muted, isSilent } = this.listening;
    const { low, high } = VOLUME;
    this.range.value = String(volume);
    this.range.style.setProperty("--from", "0");
    this.range.style.setProperty("--to", String((volume - low) / (high - low)));
    const text = volume <= low ? "silent" : `${volume > 0 ? "+" : ""}${volume} dB`;
    setAttribute(this.range, "aria-valuetext", muted ? `${text}, muted` : text);
    setText(this.text, isSilent ? "−∞ dB" : `${signed(volume)} dB`);
    const label = muted ? "Unmute" : "Mute";
    setAttribute(this.button, "aria-label", label);
    setAttribute(this.button, "title", label);
    const face = isSilent ? "muted" : "volume";
    if (face === this.#icon) return;
    this.#icon = face;
    this.button.replaceChildren(icon(face));
  }
}
