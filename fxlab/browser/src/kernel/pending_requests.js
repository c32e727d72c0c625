/** What the kernel was asked and has not answered yet. Each ends: by its answer, or by an `error` where none will come. */
export class PendingRequests {
  /** @type {Map<string, (answer: any) => void>} */ #open = new Map();

  /** Whether any is open. */
  get open() {
    return this.#open.size > 0;
  }

  /** @returns {[string, Promise<any>]} the name of a new one, and its answer */
  put() {
    const request = Math.random().toString(36).slice(2);
    return [request, new Promise((resolve) => this.#open.set(request, resolve))];
  }

  /** @param {string} request @param {any} answer */
  answer(request, answer) {
    this.#open.get(request)?.(answer);
    this.#open.delete(request);
  }

  /** No answer will come to any. @param {string} error why, for the panel */
  end(error) {
    for (const request of [...this.#open.keys()]) this.answer(request, { error });
  }
}
