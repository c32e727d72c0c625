/** @import { Answer } from "../types" */

/** The queries that the kernel has not answered yet. Each ends: with its answer, or with an error if none will come. */
export class PendingRequests {
  /** @type {Map<string, (answer: Answer) => void>} */ #pending = new Map();

  /** Whether there are any. */
  get any() {
    return this.#pending.size > 0;
  }

  /** @returns {[string, Promise<Answer>]} the identifier of a new request, and its answer */
  add() {
    const request = Math.random().toString(36).slice(2);
    return [request, new Promise((resolve) => this.#pending.set(request, resolve))];
  }

  /** @param {string} request @param {Answer} answer */
  resolve(request, answer) {
    this.#pending.get(request)?.(answer);
    this.#pending.delete(request);
  }

  /** End all of them with an error. @param {string} error */
  failAll(error) {
    for (const request of [...this.#pending.keys()]) this.resolve(request, { error, buffers: [] });
  }
}
