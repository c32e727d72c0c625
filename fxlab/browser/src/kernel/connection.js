import { onAnimationFrame } from "../ui/animation_frame.js";
import { KernelState, QUERY_ERRORS } from "./kernel_state.js";
import { PendingRequests } from "./pending_requests.js";

/**
 * @import { Answer, Axes, BatchMessage, Buffers, CommandFields, KernelMessage, Model, PageMessage, Params, Playhead, QueryFields,
 *   Unaddressed, ViewOptions } from "../types"
 * @import { KernelStatus } from "./kernel_state.js"
 */

/** How long `ready` waits for an answer before it is repeated, in ms: at first and at most. The kernel may be busy. */
const FIRST_READY_WAIT = 4000;
const MAX_READY_WAIT = 60000;

/** How many audio messages an acknowledgement names. */
const MAX_ACKNOWLEDGED = 16;

/** How long an acknowledgement may wait for `params` to carry it, in ms: each message makes Jupyter redraw. */
const ACK_WAIT = 50;

/** How long a zoom waits before it is sent to the kernel, in ms, so that several steps are one message. */
const AXES_WAIT = 60;

/** The connection of one panel in one page to the kernel. */
export class Connection {
  /** The last sequence number that was sent or received. */ seq = 0;
  /** Whether an animation frame is requested for the next `params`. */ #frameIsRequested = false;
  /** Whether values have changed since `params` was set. */ #isDirty = false;
  /** Whether the kernel has answered the last `ready`. */ #isAnswered = false;
  #isClosed = false;
  #requests = new PendingRequests();
  /** The last audio messages that arrived, and when, in ms. Each acknowledgement names all of them, because ipywidgets
   * drops a value of `params` that a newer one overtakes. @type {{ id: number, time: number }[]} */
  #received = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #readyTimer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #ackTimer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #axesTimer;

  /**
   * @param {Model} model
   * @param {{
   *   getViews: () => { views: string[], options: ViewOptions, axes: Axes },
   *   getParams: () => Omit<Params, "seq" | "client" | "received" | "ack_delays">,
   *   getPlayhead: () => Playhead,
   *   onMessage: (message: KernelMessage, buffers: Buffers) => void,
   *   onSpec: () => void,
   *   onSent: (seq: number) => void,
   *   onKernelStatus: (status: KernelStatus) => void,
   * }} session
   */
  constructor(model, session) {
    this.model = model;
    this.session = session;
    this.client = Math.random().toString(36).slice(2);
    this.kernel = new KernelState(
      () => this.#send({ type: "ping" }),
      (status) => session.onKernelStatus(status),
      (error) => this.#requests.failAll(error),
    );
    model.on("msg:custom", this.#onMessage);
    model.on("change:spec", session.onSpec);
    // ipywidgets triggers this event only if the kernel restarts or dies.
    model.on("comm_live_update", this.#onKernelGone);
  }

  #onKernelGone = () => {
    clearTimeout(this.#readyTimer);
    clearTimeout(this.#ackTimer);
    this.kernel.onGone();
  };

  /** Whether anything can still be sent. */
  get #isOpen() {
    return !this.#isClosed && !this.kernel.isGone;
  }

  // -- messages to the kernel ---------------------------------------------------------------------------------

  /** Ask for everything there is to show and to play. */
  sendReady(wait = FIRST_READY_WAIT) {
    clearTimeout(this.#readyTimer);
    this.#isAnswered = false;
    this.#send({ type: "ready", ...this.session.getPlayhead(), ...this.session.getViews() });
    this.kernel.expectAnswer();
    this.#readyTimer = setTimeout(() => {
      if (!this.#isAnswered && !this.#isClosed) this.sendReady(Math.min(2 * wait, MAX_READY_WAIT));
    }, wait);
  }

  /** Ask for sound: the seconds of the render and of the input are buffered. @param {number} wet @param {number} dry */
  sendBuffered(wet, dry) {
    this.#send({ type: "buffered", ...this.session.getPlayhead(), wet, dry });
  }

  /** Have the kernel draw the open views, or only the one that has `changed`. @param {string} [changed] */
  sendViews(changed) {
    this.#send({ type: "views", ...this.session.getViews(), ...(changed ? { changed: [changed] } : {}) });
  }

  /** Have the kernel compute curves and views for the visible ranges of the axes, after a moment. */
  sendAxes() {
    this.#axesTimer ??= setTimeout(() => {
      this.#axesTimer = undefined;
      this.#send({ type: "axes", axes: this.session.getViews().axes });
    }, AXES_WAIT);
  }

  /**
   * Send a command, after the values that have changed before it.
   *
   * @template {keyof CommandFields} N
   * @param {N} name @param {CommandFields[N]} fields
   */
  sendCommand(name, fields) {
    if (this.kernel.isGone) return;
    this.#sendParams();
    this.seq += 1;
    const { seq } = this;
    this.#send({ type: "command", name, seq, ...this.session.getPlayhead(), ...fields });
    this.session.onSent(seq);
    this.kernel.expectAnswer();
  }

  /**
   * Send a query, after the values that have changed before it.
   *
   * @template {keyof QueryFields} N
   * @param {N} name @param {QueryFields[N]} fields @param {ArrayBuffer[]} [buffers]
   * @returns {Promise<Answer>} the answer; with an `error` if it cannot be done, or if no answer comes
   */
  async sendQuery(name, fields, buffers) {
    if (this.kernel.isGone) return { error: QUERY_ERRORS.gone, buffers: [] };
    this.#sendParams();
    const [request, answer] = this.#requests.add();
    this.#send({ type: "query", name, request, ...fields }, buffers);
    this.kernel.expectAnswer();
    return answer;
  }

  /** Send the values, which have changed: the first change at once, those after it once per animation frame. */
  sendValues() {
    this.#isDirty = true;
    if (this.#frameIsRequested || !this.#isOpen) return;
    this.#frameIsRequested = true;
    // In a microtask, so that a gesture that sets several values sends one message.
    queueMicrotask(() => this.#onFrame());
  }

  #onFrame() {
    if (!this.#isDirty || !this.#isOpen) this.#frameIsRequested = false;
    else {
      this.#sendParams();
      onAnimationFrame(() => this.#onFrame());
    }
  }

  /** Set the trait `params` if values have changed. */
  #sendParams() {
    if (!this.#isDirty || !this.#isOpen) return;
    this.#isDirty = false;
    this.seq += 1;
    const { client, seq } = this;
    this.model.set("params", { seq, client, ...this.session.getParams(), ...this.#acknowledgement() });
    this.model.save_changes();
    this.session.onSent(this.seq);
    this.kernel.expectAnswer();
  }

  /** Return what the next message acknowledges, so that no message is needed for that alone. */
  #acknowledgement() {
    clearTimeout(this.#ackTimer);
    this.#ackTimer = undefined;
    const now = performance.now();
    return {
      received: this.#received.map(({ id }) => id),
      ack_delays: this.#received.map(({ time }) => Math.round(now - time)),
    };
  }

  /** @param {Unaddressed<PageMessage>} message @param {ArrayBuffer[]} [buffers] */
  #send(message, buffers) {
    if (!this.#isOpen) return;
    try {
      this.model.send({ ...message, client: this.client }, undefined, buffers);
    } catch {
      // There is no kernel: the panel keeps what it shows.
    }
  }

  // -- messages from the kernel -------------------------------------------------------------------------------

  #onMessage = (/** @type {KernelMessage | BatchMessage} */ message, /** @type {Buffers} */ buffers) => {
    if (this.#isClosed || message.type === "bundle") return;
    this.kernel.onMessage(message.type === "pong");
    if (message.type === "pong") return;
    this.#isAnswered = true;
    if (message.type !== "batch") this.#handle(message, buffers ?? []);
    else {
      let start = 0;
      message.messages.forEach((part, i) => {
        const end = start + message.buffer_counts[i];
        this.#handle(part, buffers.slice(start, end));
        start = end;
      });
    }
    if (this.#requests.any) this.kernel.expectAnswer();
  };

  /** @param {KernelMessage} message @param {Buffers} buffers */
  #handle(message, buffers) {
    if (message.type === "answer") {
      this.#requests.resolve(String(message.request), { ...message, buffers });
      return;
    }
    if (message.type === "audio") {
      const now = { id: Number(message.id), time: performance.now() };
      this.#received = [...this.#received.slice(1 - MAX_ACKNOWLEDGED), now];
      this.#ackTimer ??= setTimeout(() => this.#send({ type: "ack", ...this.#acknowledgement() }), ACK_WAIT);
    }
    this.session.onMessage(message, buffers);
  }

  close() {
    this.#send({ type: "closed" });
    this.#isClosed = true;
    clearTimeout(this.#readyTimer);
    clearTimeout(this.#ackTimer);
    clearTimeout(this.#axesTimer);
    this.kernel.stop();
    this.model.off("msg:custom", this.#onMessage);
    this.model.off("comm_live_update", this.#onKernelGone);
    this.model.off("change:spec", this.session.onSpec);
  }
}
