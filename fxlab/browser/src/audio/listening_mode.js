/** @import { Command, Mode } from "./messages" */

/** The ends of the volume, in dB; at the lower one it is silent. */
export const VOLUME = { low: -60, high: 6 };

/** The shortest part that goes round, in seconds. */
export const SHORTEST = 0.05;

/** How a panel is listened to: nothing of it changes the module, all of it is heard at once. */
export class ListeningMode {
  loop = true;
  /** @type {Mode} */ mode = "wet";
  /** The output as loud as the input. */
  match = false;
  limiter = true;
  /** dB */
  volume = 0;
  muted = false;
  /** The part that goes round, in seconds. @type {{ start: number, end: number } | null} */ selection = null;
  /** There is no render: the input is heard whatever the mode. */
  #inputOnly = false;

  /** @param {(command: Command) => void} tell @param {() => void} changed */
  constructor(tell, changed) {
    this.tell = tell;
    this.changed = changed;
  }

  /** @param {boolean} on */
  setLoop(on) {
    this.loop = on;
    this.tell({ type: "loop", on });
    this.changed();
  }

  /** A mode, or back from it to the output. @param {Mode} mode */
  toggle(mode) {
    this.mode = this.mode === mode ? "wet" : mode;
    this.#aim();
    this.changed();
  }

  /** @param {boolean} on */
  playInput(on) {
    if (on === this.#inputOnly) return;
    this.#inputOnly = on;
    this.#aim();
  }

  #aim() {
    this.tell({ type: "mode", mode: this.#inputOnly ? "dry" : this.mode });
  }

  /** @param {boolean} on */
  setMatch(on) {
    this.match = on;
    this.tell({ type: "match", on });
    this.changed();
  }

  /** @param {boolean} on */
  setLimiter(on) {
    this.limiter = on;
    this.tell({ type: "limiter", on });
    this.changed();
  }

  get silent() {
    return this.muted || this.volume <= VOLUME.low;
  }

  /** @param {number} db */
  setVolume(db) {
    this.volume = Math.max(VOLUME.low, Math.min(VOLUME.high, db));
    this.setMuted(false);
  }

  /** @param {boolean} on */
  setMuted(on) {
    this.muted = on;
    this.tell({ type: "volume", gain: this.silent ? 0 : 10 ** (this.volume / 20) });
    this.changed();
  }

  /** Tell all of it again, to another player. */
  repeat() {
    this.tell({ type: "loop", on: this.loop });
    this.tell({ type: "match", on: this.match });
    this.tell({ type: "limiter", on: this.limiter });
    this.#aim();
    this.setMuted(this.muted);
  }

  /** A part too short to go round is none. @param {number} start @param {number} end in seconds */
  select(start, end) {
    this.selection = end - start >= SHORTEST ? { start, end } : null;
    const { start: from, end: to } = this.selection ?? { start: 0, end: 0 };
    this.tell({ type: "select", start: from, end: to });
    if (this.selection && !this.loop) this.setLoop(true);
    else this.changed();
  }
}
