import { Take } from "./take.js";

/** @import { Command, Piece, TakeData } from "./types" */

/** Storage kept for the next renders, so that a drag does not fill and empty the memory. */
const SPARE = 2;

/** The sounds at hand: the input, the newest render as far as it came, the last one that is complete. */
export class Shelf {
  /** @type {Take | null} */ dry = null;
  /** The render that is arriving, or the last that arrived. @type {Take | null} */ newest = null;
  /** The last render that is there from end to end. @type {Take | null} */ complete = null;
  /** @type {Take[]} */ #takes = [];
  /** @type {Int16Array[]} */ #spare = [];

  /**
   * A piece opens a new take where its number or shape is new, and where its place is taken already: the
   * kernel renders the same number again after a change that did not come from this page.
   *
   * @param {Piece} piece
   * @param {Int16Array} samples
   */
  put(piece, samples) {
    let take = piece.dry ? this.dry : this.newest;
    if (!take?.fits(piece) || take.seq !== piece.seq || take.loadedUntil(piece.start) > piece.start) {
      take = new Take(piece, this.#storage(piece.frames * piece.channels));
      this.#takes.push(take);
      if (piece.dry) this.dry = take;
      else this.newest = take;
    }
    take.write(piece.start, piece.count, piece.scale, samples);
    if (!piece.dry && take.complete) this.complete = take;
  }

  /** What makes a render as loud as the input, told after its pieces. @param {number} seq @param {number | null} match */
  match(seq, match) {
    for (const take of this.#takes) if (take !== this.dry && take.seq === seq) take.match = match;
  }

  /** Take over what another shelf had. @param {"dry" | "complete" | "newest"} role @param {TakeData} data */
  adopt(role, data) {
    const take = Take.of(data);
    this.#takes.push(take);
    if (role === "dry") this.dry = take;
    else if (role === "newest") this.newest = take;
    if (role !== "dry" && take.complete) this.complete = take;
  }

  /** All of it, as commands for another reader. @returns {Command[]} */
  commands() {
    /** @type {Command[]} */
    const commands = [];
    if (this.dry) commands.push({ type: "take", role: "dry", take: this.dry });
    if (this.complete && this.complete !== this.newest) {
      commands.push({ type: "take", role: "complete", take: this.complete });
    }
    if (this.newest) commands.push({ type: "take", role: "newest", take: this.newest });
    return commands;
  }

  /** @param {number} size */
  #storage(size) {
    const at = this.#spare.findIndex((data) => data.length === size);
    return at < 0 ? new Int16Array(size) : this.#spare.splice(at, 1)[0];
  }

  /** Put aside the storage of takes that nothing needs any more. @param {(take: Take) => boolean} sounds */
  sweep(sounds) {
    this.#takes = this.#takes.filter((take) => {
      if (take === this.dry || take === this.newest || take === this.complete || sounds(take)) return true;
      if (this.#spare.length < SPARE) this.#spare.push(take.data);
      return false;
    });
    const size = this.newest?.data.length;
    if (this.#spare.some((data) => data.length !== size)) this.#spare = [];
  }
}
