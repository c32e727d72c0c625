import { Clip } from "./clip.js";
import { PagePool } from "./page_pool.js";

/** @import { Chunk, ClipData, Command } from "./messages" */

/** The clips a player can read from: the input, the newest render, and the last render that has arrived. */
export class ClipStore {
  /** @type {Clip | null} */ dry = null;
  /** The render that is arriving, or the last one that arrived. @type {Clip | null} */ newest = null;
  /**
   * The last render that has arrived completely; of a long render, the part that the kernel sends.
   *
   * @type {Clip | null}
   */
  complete = null;
  /** @type {Clip[]} */ #clips = [];
  #pool = new PagePool();

  /**
   * Add a chunk. A chunk of an unknown clip opens a new one.
   *
   * @param {Chunk} chunk
   * @param {Int16Array} samples
   */
  addChunk(chunk, samples) {
    let clip = chunk.dry ? this.dry : this.newest;
    if (!clip?.owns(chunk)) {
      clip = new Clip(chunk, this.#pool);
      this.#clips.push(clip);
      if (chunk.dry) this.dry = clip;
      else this.newest = clip;
    }
    clip.write(chunk.start, chunk.count, chunk.scale, samples);
    clip.isDelivered ||= Boolean(chunk.last);
    if (!chunk.dry && (clip.isDelivered || clip.isComplete)) this.complete = clip;
  }

  /**
   * Set the gain that makes a render as loud as the input, if it was sent after the chunks.
   *
   * @param {number} seq
   * @param {number | null} matchGainDb
   */
  setMatchGain(seq, matchGainDb) {
    for (const clip of this.#clips) if (clip !== this.dry && clip.seq === seq) clip.matchGainDb = matchGainDb;
  }

  /** Add a clip from another store. @param {"dry" | "complete" | "newest"} role @param {ClipData} data */
  addClip(role, data) {
    const clip = Clip.fromData(data, this.#pool);
    this.#clips.push(clip);
    if (role === "dry") this.dry = clip;
    else if (role === "newest") this.newest = clip;
    if (role !== "dry" && (clip.isDelivered || clip.isComplete)) this.complete = clip;
  }

  /** Return all clips as commands for another player. @returns {Command[]} */
  exportCommands() {
    /** @type {Command[]} */
    const commands = [];
    if (this.dry) commands.push({ type: "clip", role: "dry", clip: this.dry.data });
    if (this.complete && this.complete !== this.newest) {
      commands.push({ type: "clip", role: "complete", clip: this.complete.data });
    }
    if (this.newest) commands.push({ type: "clip", role: "newest", clip: this.newest.data });
    return commands;
  }

  /** Remove the clips that are no longer needed. @param {(clip: Clip) => boolean} isPlaying */
  removeUnused(isPlaying) {
    this.#clips = this.#clips.filter((clip) => {
      if (clip === this.dry || clip === this.newest || clip === this.complete || isPlaying(clip)) return true;
      clip.pages.clear();
      return false;
    });
  }
}
