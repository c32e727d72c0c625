import { element, setText } from "./dom.js";

/** @import { ListeningMode } from "../audio/listening_mode.js" */
/** @import { Report } from "../audio/messages" */

/** How long a value is shown, in ms. */
const HOLD = 1500;

/** Shows the gain reduction of the limiter, or with the limiter off by how much the sound exceeds full scale. */
export class LimiterIndicator {
  /** When the last value came, in ms, and the highest one since the indicator appeared, in dB. */
  #lastTime = 0;
  #maxDb = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;

  constructor() {
    this.root = element("span", { class: "limiter-indicator", hidden: true });
  }

  /** @param {Report} report @param {ListeningMode} listening */
  show({ gain, peak }, { limiter }) {
    const db = limiter ? -20 * Math.log10(gain) : 20 * Math.log10(peak);
    if (!(db > (limiter ? 0.05 : 0.001))) return;
    const now = performance.now();
    if (now > this.#lastTime + HOLD) this.#maxDb = 0;
    this.#lastTime = now;
    this.#maxDb = Math.max(this.#maxDb, db);
    setText(
      this.root,
      limiter ? `limiter −${this.#maxDb.toFixed(1)} dB` : `clips +${this.#maxDb.toFixed(1)} dB`,
    );
    this.root.classList.toggle("clipping", !limiter);
    this.root.title = limiter
      ? "The limiter keeps peaks below full scale"
      : "Peaks above full scale are clipped by the audio device";
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
