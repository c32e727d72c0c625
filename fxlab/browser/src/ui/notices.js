/** In ms: how long a remark stands, and a word of what went wrong in the page. */
const REMARKED = 4000;
const FAILED = 8000;

/** What a panel has to say: remarks that pass, what is at fault, and what the listener should know. */
export class Notices {
  /** Something to say for a moment, such as "Copied". */ remark = "";
  /** @type {{ message: string, path: string | null } | null} */ error = null;
  /** @type {string[]} */ notices = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #remarked;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #failed;

  /** @param {(topic: "desk" | "status") => void} tell */
  constructor(tell) {
    this.tell = tell;
  }

  /** Say something for a moment, or until something else is said. @param {string} text */
  say(text, stays = false) {
    this.remark = text;
    this.tell("desk");
    clearTimeout(this.#remarked);
    if (stays) return;
    this.#remarked = setTimeout(() => {
      this.remark = "";
      this.tell("desk");
    }, REMARKED);
  }

  /** Say what went wrong in the page, for a while; what plays goes on. @param {string} message */
  fail(message) {
    this.error = { message, path: null };
    this.tell("status");
    clearTimeout(this.#failed);
    this.#failed = setTimeout(() => {
      if (this.error?.message === message) this.error = null;
      this.tell("status");
    }, FAILED);
  }

  /** It stands until it is taken back. @param {string} text */
  notice(text) {
    if (!this.notices.includes(text)) this.notices.push(text);
    this.tell("status");
  }

  /** @param {...string} texts */
  takeBack(...texts) {
    this.notices = this.notices.filter((text) => !texts.includes(text));
  }

  /** Take the others back. @param {...string} texts */
  keep(...texts) {
    this.notices = this.notices.filter((text) => texts.includes(text));
  }

  close() {
    clearTimeout(this.#remarked);
    clearTimeout(this.#failed);
  }
}
