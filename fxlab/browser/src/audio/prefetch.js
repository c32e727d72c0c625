/** @import { Report } from "./messages" */

/** The kernel is asked for more audio when fewer seconds than this are loaded ahead of the playhead. */
const LOW_WATER = 7;

/** A request counts as answered when nothing has arrived for this time, in ms. */
const ANSWER_TIMEOUT = 1000;

/** Asks the kernel for more audio when little is loaded ahead of the playhead. */
export class Prefetch {
  #wetAhead = 0;
  #dryAhead = 0;
  /** LOW_WATER, or half of what the kernel sends for a request if that is less; in seconds. */
  #lowWater = LOW_WATER;
  /** The most seconds that were loaded ahead of the playhead since the last request. */
  #mostAhead = 0;
  /** The time of the last request, or of the last arrival after it, in ms; 0 if no request is open. */
  #lastArrival = 0;
  /** Whether a seek has happened since the last request. */
  #hasSeeked = false;

  /** @param {(wetAhead: number, dryAhead: number) => void} request called with the seconds of render and input loaded ahead of the playhead */
  constructor(request) {
    this.request = request;
  }

  /** Allow a request at once, because the playhead is about to move. */
  onSeek() {
    this.#hasSeeked = true;
    this.#lastArrival = 0;
  }

  /**
   * Ask for more if necessary.
   *
   * @param {Report} report
   * @param {boolean} isIdle false while the kernel is sending anyway
   */
  update({ wetAhead, dryAhead }, isIdle) {
    const now = performance.now();
    const hasArrived = wetAhead > this.#wetAhead || dryAhead > this.#dryAhead;
    this.#wetAhead = wetAhead;
    this.#dryAhead = dryAhead;
    const ahead = Math.min(wetAhead, dryAhead);
    if (this.#lastArrival > 0) {
      if (hasArrived) {
        this.#lastArrival = now;
        this.#mostAhead = Math.max(this.#mostAhead, ahead);
      }
      if (now - this.#lastArrival < ANSWER_TIMEOUT) return;
      this.#lastArrival = 0;
      if (this.#mostAhead > 0) this.#lowWater = Math.min(LOW_WATER, this.#mostAhead / 2);
    }
    if (ahead >= this.#lowWater || !(isIdle || this.#hasSeeked)) return;
    this.#lastArrival = now;
    this.#hasSeeked = false;
    this.#mostAhead = 0;
    this.request(wetAhead, dryAhead);
  }
}
