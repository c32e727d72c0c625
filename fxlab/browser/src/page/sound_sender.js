import { encodeChunk } from "./sound.js";

/**
 * @import { Playhead } from "../types"
 * @import { PageModel } from "./page_model.js"
 * @import { Sound } from "./sound.js"
 */

/** How many seconds are sent at once. */
const CHUNK = 5;

/** How many seconds after the playhead are sent; the player keeps no more than 45 s of stereo. */
const AHEAD = 20;

/** Sounds up to this many bytes are sent completely: the player keeps them. */
const COMPLETE = 7e6;

/** Sends the input, and renders if there are any, to the player: all of a sound, or what comes after the playhead. */
export class SoundSender {
  #id = 0;
  #clip = 0;
  /** @type {Playhead} */ #playhead = { position: 0, loop: null, playing: false };
  /** The render. @type {{ seq: number, channels: Float32Array[], clip: number, notes: object } | null} */
  #wet = null;
  /** The number of the input's clip. */ #dry = 0;

  /** @param {PageModel} model @param {Sound} sound */
  constructor(model, sound) {
    this.model = model;
    this.sound = sound;
  }

  /** Where the page plays. @param {Playhead} playhead */
  follow({ position, loop, playing }) {
    this.#playhead = { position, loop, playing };
  }

  /** Send the input. */
  sendInput() {
    this.#clip += 1;
    this.#dry = this.#clip;
    this.#sendAfter(0, true);
  }

  /** Send a render. @param {number} seq @param {Float32Array[]} channels @param {object} notes further fields */
  send(seq, channels, notes) {
    this.#clip += 1;
    this.#wet = { seq, channels, clip: this.#clip, notes };
    this.#sendAfter(0, false);
  }

  /** Send what comes after what the page has, in seconds. @param {Playhead & { wet: number | null, dry: number | null }} message */
  onBuffered({ wet, dry, ...playhead }) {
    this.follow(playhead);
    if (dry !== null) this.#sendAfter(dry, true);
    if (wet !== null && this.#wet) this.#sendAfter(wet, false);
  }

  /** @param {number} seconds that the page has from the playhead on @param {boolean} dry */
  #sendAfter(seconds, dry) {
    const { rate } = this.sound;
    const channels = dry ? this.sound.channels : (this.#wet?.channels ?? []);
    const frames = channels[0].length;
    if (2 * frames * channels.length <= COMPLETE) {
      if (seconds === 0) this.#sendPart(0, frames, dry);
      return;
    }
    const { position, loop } = this.#playhead;
    const end = Math.min(frames, Math.ceil((loop?.[1] ?? frames / rate) * rate));
    const first = Math.floor((loop?.[0] ?? 0) * rate);
    let start = Math.floor((position + seconds) * rate);
    // After the end of the loop comes its start.
    if (start >= end) start = loop ? first + ((start - end) % Math.max(1, end - first)) : end;
    const stop = Math.min(end, start + AHEAD * rate);
    this.#sendPart(start, stop, dry);
    const left = AHEAD * rate - (stop - start);
    if (loop && left > 0) this.#sendPart(first, Math.min(start, first + left), dry);
  }

  /** @param {number} start @param {number} end in frames @param {boolean} dry */
  #sendPart(start, end, dry) {
    const { rate } = this.sound;
    const channels = dry ? this.sound.channels : (this.#wet?.channels ?? []);
    const { seq = 0, clip = 0, notes = {} } = dry ? { clip: this.#dry } : (this.#wet ?? {});
    const step = Math.round(CHUNK * rate);
    for (let at = start; at < end; at += step) {
      const stop = Math.min(end, at + step);
      const { samples, scale } = encodeChunk(channels, at, stop);
      this.#id += 1;
      const place = { start: at, count: stop - at, last: stop === end };
      const format = { rate, frames: channels[0].length, channels: channels.length, scale };
      const message = { type: "audio", seq, clip, dry, id: this.#id, ...format, ...place, ...notes };
      this.model.deliver(message, [samples.buffer]);
    }
  }
}
