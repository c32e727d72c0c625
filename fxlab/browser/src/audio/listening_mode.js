/** @import { Command, Mode } from "./messages" */

/** The range of the volume, in dB; at its lower end the panel is silent. */
export const VOLUME = { low: -60, high: 6 };

/** The shortest part that can loop, in seconds. */
export const SHORTEST_SELECTION = 0.05;

/** The settings of how a panel is listened to. They do not change the module, and take effect at once. */
export class ListeningMode {
  loop = true;
  /** @type {Mode} */ mode = "wet";
  /** Whether the output is played as loud as the input. */
  match = false;
  limiter = true;
  /** dB */
  volume = 0;
  muted = false;
  /** The part that loops, in seconds. @type {{ start: number, end: number } | null} */ selection = null;
  /** Whether there is no render, so that the input plays in every mode. */
  #inputOnly = false;

  /** @param {(command: Command) => void} send @param {() => void} onChange */
  constructor(send, onChange) {
    this.send = send;
    this.onChange = onChange;
  }

  /** @param {boolean} on */
  setLoop(on) {
    this.loop = on;
    this.send({ type: "loop", on });
    this.onChange();
  }

  /** Switch to a mode, or from it back to the output. @param {Mode} mode */
  toggle(mode) {
    this.mode = this.mode === mode ? "wet" : mode;
    this.#sendMode();
    this.onChange();
  }

  /** Play the input in every mode, or stop doing so. @param {boolean} on */
  setInputOnly(on) {
    if (on === this.#inputOnly) return;
    this.#inputOnly = on;
    this.#sendMode();
  }

  #sendMode() {
    this.send({ type: "mode", mode: this.#inputOnly ? "dry" : this.mode });
  }

  /** @param {boolean} on */
  setMatch(on) {
    this.match = on;
    this.send({ type: "match", on });
    this.onChange();
  }

  /** @param {boolean} on */
  setLimiter(on) {
    this.limiter = on;
    this.send({ type: "limiter", on });
    this.onChange();
  }

  get isSilent() {
    return this.muted || this.volume <= VOLUME.low;
  }

  /** Set the volume, and unmute. @param {number} db */
  setVolume(db) {
    this.volume = Math.max(VOLUME.low, Math.min(VOLUME.high, db));
    this.setMuted(false);
  }

  /** @param {boolean} on */
  setMuted(on) {
    this.muted = on;
    this.send({ type: "volume", gain: this.isSilent ? 0 : 10 ** (this.volume / 20) });
    this.onChange();
  }

  /** Send all settings again, to a new player. */
  resend() {
    this.send({ type: "loop", on: this.loop });
    this.send({ type: "match", on: this.match });
    this.send({ type: "limiter", on: this.limiter });
    this.#sendMode();
    this.setMuted(this.muted);
  }

  /**
   * Loop a part, and switch the loop on. If the part is too short to loop, the selection is removed.
   *
   * @param {number} start in seconds
   * @param {number} end in seconds
   */
  select(start, end) {
    this.selection = end - start >= SHORTEST_SELECTION ? { start, end } : null;
    this.send({ type: "select", ...(this.selection ?? { start: 0, end: 0 }) });
    if (this.selection && !this.loop) this.setLoop(true);
    else this.onChange();
  }
}
