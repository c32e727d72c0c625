import { LivePlayer } from "../audio/live_player.js";
import { findProgram } from "./programs.js";

/**
 * @import { Coefficients } from "../engine/program"
 * @import { Command } from "../audio/messages"
 */

/** The processor on the audio thread that runs a compiled module; worklet.js registers it. */
export const PROCESSOR = "fxlab-live-monitor";

/** A compiled module in the page: its program, and the design that the players are to use. */
export class PageProgram {
  /** @type {Set<(command: Command) => void>} */ #players = new Set();
  /** The last design, for players that open later. @type {Extract<Command, { type: "design" }> | null} */
  #design = null;

  /** @param {string} id @param {string} url of the script that adds the program to a thread */
  constructor(id, url) {
    this.id = id;
    this.url = url;
    this.program = findProgram(id);
    this.rate = this.program.rate;
    this.processor = { name: PROCESSOR, options: { program: id } };
  }

  /** Load the program on the audio thread; return whether it can run there. @param {AudioContext} context */
  async load(context) {
    try {
      await context.audioWorklet.addModule(this.url);
      return true;
    } catch {
      return false;
    }
  }

  /** Create a player with the current design. @param {number} rate @param {number} outputs */
  createPlayer(rate, outputs) {
    const player = new LivePlayer({ rate, outputs, program: this.program });
    if (this.#design) player.handle(this.#design);
    return player;
  }

  /** Have a player get the commands of new designs. @param {(command: Command) => void} player */
  listen(player) {
    this.#players.add(player);
  }

  /** @param {(command: Command) => void} player */
  unlisten(player) {
    this.#players.delete(player);
  }

  /**
   * Play with other coefficients.
   *
   * @param {number} seq the number of the values that they belong to
   * @param {Coefficients | null} coefficients null: the output is muted
   */
  setDesign(seq, coefficients) {
    this.#design = { type: "design", seq, coefficients };
    for (const player of this.#players) player(this.#design);
  }
}
