/** @import { State, StatusMessage } from "../types" */
/** @import { KernelStatus } from "./kernel_state.js" */

/** The state and progress of the kernel's work for a panel, derived from sent changes and received status messages. */
export class RenderProgress {
  /** @type {State} */ state = "loading";
  /** The progress of a long render: 0 to 1, or -1 if it is not known. @type {number | null} */ progress =
    null;
  /** The last sequence number that was answered. */ #answeredSeq = -1;

  /** Record that a change was sent. @param {boolean} isSilent the kernel has not answered for a while */
  onSent(isSilent) {
    if (!isSilent) this.state = "rendering";
    this.progress = null;
  }

  /**
   * Record that the kernel answers again, or no longer.
   *
   * @param {KernelStatus} status
   * @param {number} sent the last sequence number that was sent
   * @param {boolean} hasError an error is shown
   */
  onKernelStatus(status, sent, hasError) {
    if (status !== "available") this.state = "error";
    else if (this.#answeredSeq < sent) this.state = "rendering";
    else this.state = hasError ? "error" : "idle";
  }

  /**
   * Record a status message.
   *
   * @param {StatusMessage} message @param {number} sent the last sequence number that was sent
   * @returns {boolean} whether it was taken: another thread sends the progress, so it may arrive after the end of the render
   */
  onStatus({ seq, state, progress }, sent) {
    if (state === "rendering" && seq <= this.#answeredSeq) return false;
    if (state !== "rendering") this.#answeredSeq = Math.max(this.#answeredSeq, seq);
    this.progress = state === "rendering" && seq >= sent ? (progress ?? -1) : null;
    // After an older render the page is not idle: its newest values are on their way.
    this.state = state === "idle" && seq < sent ? "rendering" : state;
    return true;
  }
}
