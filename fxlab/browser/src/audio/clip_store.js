import { Clip } from "./clip.js";
import { Spare } from "./sample_pages.js";

/** @import { Command, ClipData } from "./messages" */
/** @import { Piece } from "../types" */

/** The sounds at hand: the input, the newest render as far as it came, the last one that came as far as it was sent. */
export class ClipStore {
  /** @type {Clip | null} */ dry = null;
  /** The render that is arriving, or the last that arrived. @type {Clip | null} */ newest = null;
  /** The last render that is there from end to end, or of a long one what lies ahead. @type {Clip | null} */
  complete = null;
  /** @type {Clip[]} */ #takes = [];
  #spare = new Spare();

  /**
   * @param {Piece} piece a new number of its take opens a new one
   * @param {Int16Array} samples
   */
  put(piece, samples) {
    let take = piece.dry ? this.dry : this.newest;
    if (!take?.fits(piece)) {
      take = new Clip(piece, this.#spare);
      this.#takes.push(take);
      if (piece.dry) this.dry = take;
      else this.newest = take;
    }
    take.write(piece.start, piece.count, piece.scale, samples);
    take.settled ||= Boolean(piece.last);
    if (!piece.dry && (take.settled || take.complete)) this.complete = take;
  }

  /** What makes a render as loud as the input, told after its pieces. @param {number} seq @param {number | null} match */
  match(seq, match) {
    for (const take of this.#takes) if (take !== this.dry && take.seq === seq) take.match = match;
  }

  /** Clip over what another shelf had. @param {"dry" | "complete" | "newest"} role @param {ClipData} data */
  adopt(role, data) {
    const take = Clip.of(data, this.#spare);
    this.#takes.push(take);
    if (role === "dry") this.dry = take;
    else if (role === "newest") this.newest = take;
    if (role !== "dry" && (take.settled || take.complete)) this.complete = take;
  }

  /** All of it, as commands for another reader. @returns {Command[]} */
  commands() {
    /** @type {Command[]} */
    const commands = [];
    if (this.dry) commands.push({ type: "take", role: "dry", take: this.dry.data });
    if (this.complete && this.complete !== this.newest) {
      commands.push({ type: "take", role: "complete", take: this.complete.data });
    }
    if (this.newest) commands.push({ type: "take", role: "newest", take: this.newest.data });
    return commands;
  }

  /** Put aside the storage of takes that nothing needs any more. @param {(take: Clip) => boolean} sounds */
  sweep(sounds) {
    this.#takes = this.#takes.filter((take) => {
      if (take === this.dry || take === this.newest || take === this.complete || sounds(take)) return true;
      take.pages.clear();
      return false;
    });
  }
}
