/** In ms: how long a message and an error of the page are shown. */
const MESSAGE_DURATION = 4000;
const ERROR_DURATION = 8000;

/** The texts a panel shows: a short-lived message, an error, and notices that stay until they are removed. */
export class Notices {
  /** A message that is shown for a moment, such as "Copied." */ message = "";
  /** @type {{ message: string, path: string | null } | null} */ error = null;
  /** The notices that are shown now. @type {string[]} */ active = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #messageTimer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #errorTimer;

  /** @param {(topic: "editor" | "status") => void} notify */
  constructor(notify) {
    this.notify = notify;
  }

  /**
   * Show a message for a moment, or until another one replaces it.
   *
   * @param {string} text
   * @param {boolean} [persistent] show it until it is replaced
   */
  showMessage(text, persistent = false) {
    this.message = text;
    this.notify("editor");
    clearTimeout(this.#messageTimer);
    if (persistent) return;
    this.#messageTimer = setTimeout(() => {
      this.message = "";
      this.notify("editor");
    }, MESSAGE_DURATION);
  }

  /** Show an error of the page itself for a while; playback continues. @param {string} message */
  showError(message) {
    this.error = { message, path: null };
    this.notify("status");
    clearTimeout(this.#errorTimer);
    this.#errorTimer = setTimeout(() => {
      if (this.error?.message === message) this.error = null;
      this.notify("status");
    }, ERROR_DURATION);
  }

  /** Show a notice until it is removed. @param {string} text */
  add(text) {
    if (!this.active.includes(text)) this.active.push(text);
    this.notify("status");
  }

  /** Remove the given notices. @param {...string} texts */
  remove(...texts) {
    this.active = this.active.filter((text) => !texts.includes(text));
  }

  /** Remove all notices but the given ones. @param {...string} texts */
  retain(...texts) {
    this.active = this.active.filter((text) => texts.includes(text));
  }

  close() {
    clearTimeout(this.#messageTimer);
    clearTimeout(this.#errorTimer);
  }
}
