/** What the kernel was asked and has not answered yet. Each ends: by its answer, or by a `fault` where none will come. */
export class PendingRequests {
  /** @type {Map<string, (answer: any) => void>} */ #open = new Map();

  /** Whether any is open. */
  get open() {
    return this.#open.size > 0;
  }

  /** @returns {[string, Promise<any>]} the name of a new one, and its answer */
  put() {
    const ask = Math.random().toString(36).slice(2);
    return [ask, new Promise((resolve) => this.#open.set(ask, resolve))];
  }

  /** @param {string} ask @param {any} answer */
  answer(ask, answer) {
    this.#open.get(ask)?.(answer);
    this.#open.delete(ask);
  }

  /** No answer will come to any. @param {string} fault why, for the panel */
  end(fault) {
    for (const ask of [...this.#open.keys()]) this.answer(ask, { fault });
  }
}
