import { element, setText } from "./dom.js";

/** @import { ListeningMode } from "../audio/listening_mode.js" */
/** @import { Report } from "../audio/messages" */

/** How long a word of it stays lit, in ms. */
const HOLD = 1500;

/** Says what the limiter takes away; without the limiter what goes beyond full scale, where the converter cuts it. */
export class LimiterIndicator {
  /** Since when, in ms, and how much at most. */
  #since = 0;
  #most = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;

  constructor() {
    this.root = element("span", { class: "over", hidden: true });
  }

  /** @param {Report} report @param {ListeningMode} listening */
  show({ gain, peak }, { limiter }) {
    const db = limiter ? -20 * Math.log10(gain) : 20 * Math.log10(peak);
    if (!(db > (limiter ? 0.05 : 0.001))) return;
    const now = performance.now();
    if (now > this.#since + HOLD) this.#most = 0;
    this.#since = now;
    this.#most = Math.max(this.#most, db);
    const said = limiter ? `limiter −${this.#most.toFixed(1)} dB` : `clips +${this.#most.toFixed(1)} dB`;
    setText(this.root, said);
    this.root.classList.toggle("clips", !limiter);
    this.root.title = limiter
      ? "Peaks are held below full scale"
      : "Beyond full scale the converter cuts peaks off";
    this.root.hidden = false;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.root.hidden = true;
    }, HOLD);
  }

  close() {
    clearTimeout(this.#timer);
  }
}
