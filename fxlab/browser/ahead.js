/** @import { Report } from "./types" */

/** Seconds before the playhead below which the kernel is asked for more; or half of what it sends, if that is less. */
const LOW = 7;

/** How long nothing may come before it is asked again, in ms. */
const PATIENCE = 1000;

/** Has the kernel send what lies before the playhead, when little of it is there. */
export class Ahead {
  #wet = 0;
  #dry = 0;
  /** The most that lay before it. */
  #most = 2 * LOW;
  /** When it was asked, or something came since, in ms; 0: not asked. */
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
    if (came && this.#waiting > 0) this.#waiting = now;
    if (least >= Math.min(LOW, this.#most / 2)) {
      this.#waiting = 0;
      if (came) this.#most = least;
      return;
    }
    if (!settled && !this.#sought) return;
    if (this.#waiting > 0 && now - this.#waiting < PATIENCE) return;
    this.#waiting = now;
    this.#sought = false;
    this.ask(wetAhead, dryAhead);
  }
}
