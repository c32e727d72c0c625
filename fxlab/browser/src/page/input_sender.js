import { encodeChunk } from "./sound.js";

/**
 * @import { Playhead } from "../types"
 * @import { PageModel } from "./page_model.js"
 * @import { Sound } from "./sound.js"
 */

/** How many seconds are sent at once, so that the page stays free to draw. */
const CHUNK = 5;

/** How many seconds after the playhead are sent; the player keeps no more than 45 s of stereo. */
const AHEAD = 20;

/** Sounds up to this many bytes are sent completely: the player keeps them. */
const COMPLETE = 7e6;

/** Sends the input to the player, all of it or what comes after the playhead. */
export class InputSender {
  #id = 0;
  #clip = 1;

  /** @param {PageModel} model @param {Sound} sound */
  constructor(model, sound) {
    this.model = model;
    this.sound = sound;
  }

  get #isShort() {
    return 2 * this.sound.frames * this.sound.channels.length <= COMPLETE;
  }

  /** Send a sound from the playhead on. @param {Playhead} playhead */
  start(playhead) {
    this.#clip += 1;
    if (this.#isShort) this.#send(0, this.sound.frames);
    else this.#sendFrom(playhead.position, playhead.loop);
  }

  /** Send what comes after what the page has. @param {Playhead & { dry: number | null }} message */
  onBuffered({ position, loop, dry }) {
    if (dry !== null && !this.#isShort) this.#sendFrom(position + dry, loop);
  }

  /** @param {number} seconds @param {[number, number] | null} loop */
  #sendFrom(seconds, loop) {
    const { rate, frames } = this.sound;
    const end = Math.min(frames, Math.ceil((loop?.[1] ?? frames / rate) * rate));
    let start = Math.floor(seconds * rate);
    if (start >= end) start = Math.floor((loop?.[0] ?? 0) * rate) + ((start - end) % Math.max(1, end));
    this.#send(Math.max(0, start), Math.min(frames, start + AHEAD * rate));
  }

  /** @param {number} start @param {number} end in frames */
  #send(start, end) {
    const { rate, frames, channels } = this.sound;
    const step = Math.round(CHUNK * rate);
    for (let at = start; at < end; at += step) {
      const stop = Math.min(end, at + step);
      const { samples, scale } = encodeChunk(channels, at, stop);
      this.#id += 1;
      const place = { start: at, count: stop - at, last: stop === end };
      const format = { rate, frames, channels: channels.length, scale };
      const message = {
        type: "audio",
        seq: 0,
        clip: this.#clip,
        dry: true,
        id: this.#id,
        ...format,
        ...place,
      };
      this.model.deliver(message, [samples.buffer]);
    }
  }
}
