/**
 * Whether the kernel answers, and the texts for the user if it is busy for long or has died.
 *
 * @typedef {"available" | "silent" | "gone"} KernelStatus "gone" is final
 */

/** How long an answer may take before a ping is sent, and the ping's before the kernel counts as silent, in ms. */
const ANSWER_TIMEOUT = 5000;

/** The notice that the panel shows; the sound that it has received continues to play. */
export const KERNEL_NOTICES = {
  gone: "The kernel is gone. The sound that has arrived continues to play. Run the cell again.",
  silent:
    "The kernel has not answered for a while: it is busy, or gone. The sound that has arrived continues to play.",
};

/** The error of a query that is not answered. */
export const QUERY_ERRORS = {
  gone: "The kernel is gone, so this was not done. Run the cell again.",
  silent: "The kernel does not answer: it is busy, or gone. Try again when it answers.",
};

/**
 * Watches whether the kernel answers. A kernel that has not answered for a while receives a ping, which it answers also
 * while it computes. If the pong does not arrive either, the kernel counts as silent, until a message arrives. A kernel
 * that Jupyter reports as restarted or dead is gone.
 */
export class KernelState {
  /** @type {KernelStatus} */ status = "available";
  /** Whether something was sent that the kernel answers. */ #isWaiting = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;

  /**
   * @param {() => void} sendPing
   * @param {(status: KernelStatus) => void} onChange
   * @param {(error: string) => void} onUnanswered is called with the error of the queries that will not be answered
   */
  constructor(sendPing, onChange, onUnanswered) {
    this.sendPing = sendPing;
    this.onChange = onChange;
    this.onUnanswered = onUnanswered;
  }

  get isGone() {
    return this.status === "gone";
  }

  /** Expect an answer, however long the work for it takes. */
  expectAnswer() {
    this.#isWaiting = true;
    this.#timer ??= setTimeout(() => {
      this.sendPing();
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        this.#set("silent");
      }, ANSWER_TIMEOUT);
    }, ANSWER_TIMEOUT);
  }

  /** Record that a message arrived; a pong says only that the kernel is there and may still be working. @param {boolean} isPong */
  onMessage(isPong) {
    this.stop();
    this.#set("available");
    if (!isPong) this.#isWaiting = false;
    else if (this.#isWaiting) this.expectAnswer();
  }

  /** Record that the kernel has died or was restarted. */
  onGone() {
    this.stop();
    this.#set("gone");
  }

  /** Stop waiting for an answer. */
  stop() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** @param {KernelStatus} status */
  #set(status) {
    if (status !== "available") this.onUnanswered(QUERY_ERRORS[status]);
    if (status === this.status || this.isGone) return;
    this.status = status;
    this.onChange(status);
  }
}
