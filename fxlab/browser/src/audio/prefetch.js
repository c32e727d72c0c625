/** @import { Report } from "./messages" */

/** Seconds before the playhead below which the kernel is asked for more; or half of what it sends, if that is less. */
const LOW = 7;

/** How long nothing may come before what was asked counts as answered, in ms. */
const PATIENCE = 1000;

/** Has the kernel send what lies before the playhead, when little of it is there. */
export class Prefetch {
  #wet = 0;
  #dry = 0;
  /** Where it is asked, in seconds. */
  #low = LOW;
  /** The most that lay before the playhead of what came since it was asked. */
  #most = 0;
  /** When it was asked, or something came since, in ms; 0: it has answered. */
  #waiting = 0;
  #sought = false;

  /** @param {(wet: number, dry: number) => void} ask is told how many seconds of either are there */
  constructor(ask) {
    this.ask = ask;
  }

  /** The playhead is about to be elsewhere. */
  seek() {
    this.#sought = true;
    this.#waiting = 0;
  }

  /**
   * @param {Report} report
   * @param {boolean} settled false while the kernel is sending anyway
   */
  look({ wetAhead, dryAhead }, settled) {
    const now = performance.now();
    const came = wetAhead > this.#wet || dryAhead > this.#dry;
    this.#wet = wetAhead;
    this.#dry = dryAhead;
    const least = Math.min(wetAhead, dryAhead);
    if (this.#waiting > 0) {
      if (came) {
        this.#waiting = now;
        this.#most = Math.max(this.#most, least);
      }
      if (now - this.#waiting < PATIENCE) return;
      this.#waiting = 0;
      if (this.#most > 0) this.#low = Math.min(LOW, this.#most / 2);
    }
    if (least >= this.#low || !(settled || this.#sought)) return;
    this.#waiting = now;
    this.#sought = false;
    this.#most = 0;
    this.ask(wetAhead, dryAhead);
  }
}
