import { onAnimationFrame } from "../ui/animation_frame.js";
import { PendingRequests } from "./pending_requests.js";

/**
 * @import { Axes, BatchMessage, KernelMessage, Model, PageMessage, Params, Playhead, Unaddressed, ViewOptions
 * } from "../types"
 */

/** The kernel may be busy with other cells when a panel opens, so its silence is met with patience. */
const FIRST_WAIT = 4000;
const LONGEST_WAIT = 60000;

/** How many pieces an acknowledgement names. */
const ACKED = 16;

/** How long an acknowledgement may wait for the next move to carry it, in ms: each message makes Jupyter redraw. */
const ACK_WAIT = 50;

/** How long a zoom waits for more of it before the kernel hears of it, in ms. */
const LOOK_WAIT = 60;
/** In ms: how long an answer is waited for before the kernel is asked whether it is there; as long again, and it is silent. */
const PATIENCE = 5000;

/** What ends a question that is not answered. */
const UNANSWERED = {
  gone: "The kernel is gone, so this was not done. Run the cell again.",
  silent: "The kernel does not answer: it is busy, or gone. Try again when it does.",
};

/** @typedef {"here" | "silent" | "gone"} Reach whether the kernel answers; one that is gone does not come back */

/** @param {ArrayBuffer | ArrayBufferView} buffer @returns {Uint8Array} a copy, so aligned and our own */
export function bytes(buffer) {
  const view = ArrayBuffer.isView(buffer)
    ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
    : new Uint8Array(buffer);
  return view.slice();
}

/** @param {ArrayBuffer | ArrayBufferView} buffer */
export const int16 = (buffer) => new Int16Array(bytes(buffer).buffer);

/** @param {ArrayBuffer | ArrayBufferView} buffer */
export const float32 = (buffer) => new Float32Array(bytes(buffer).buffer);

/** One page's line to the kernel, for one panel. */
export class ValueSync {
  /** The last number sent, or heard of. */
  seq = 0;
  #framed = false;
  #dirty = false;
  #heard = false;
  #closed = false;
  /** @type {Reach} */ #reach = "here";
  #questions = new PendingRequests();
  /** An answer is waited for. */
  #waits = false;
  /** Runs meanwhile. @type {ReturnType<typeof setTimeout> | undefined} */ #patience;
  /** The last pieces that arrived, all of them said each time: ipywidgets drops a value of `params` that another
   * overtakes; and when they did, in ms. @type {{ id: number, time: number }[]} */
  #received = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #retry;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #ack;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #looking;

  /**
   * @param {Model} model
   * @param {{
   *   views: () => { views: string[], options: ViewOptions, axes: Axes },
   *   params: () => Omit<Params, "seq" | "client" | "received" | "ack_delays">,
   *   place: () => Playhead,
   *   message: (message: KernelMessage, buffers: (ArrayBuffer | ArrayBufferView)[]) => void,
   *   spec: () => void,
   *   sent: (seq: number) => void,
   *   reach: (reach: Reach) => void,
   * }} session
   */
  constructor(model, session) {
    this.model = model;
    this.session = session;
    this.client = Math.random().toString(36).slice(2);
    model.on("msg:custom", this.#onMessage);
    model.on("change:spec", session.spec);
    // ipywidgets says so when the kernel restarts or dies, and only then.
    model.on("comm_live_update", this.#onGone);
  }

  #onGone = () => {
    clearTimeout(this.#retry);
    clearTimeout(this.#ack);
    clearTimeout(this.#patience);
    this.#now("gone");
  };

  /** @param {Reach} reach */
  #now(reach) {
    if (reach !== "here") this.#questions.end(UNANSWERED[reach]);
    if (reach === this.#reach || this.#reach === "gone") return;
    this.#reach = reach;
    this.session.reach(reach);
  }

  /** Something went out that the kernel answers, however long the work itself takes. */
  #expect() {
    this.#waits = true;
    this.#patience ??= setTimeout(() => {
      this.#send({ type: "ping" });
      this.#patience = setTimeout(() => {
        this.#patience = undefined;
        this.#now("silent");
      }, PATIENCE);
    }, PATIENCE);
  }

  /** Ask for a whole frame: the values, the curves, the sound. */
  ready(wait = FIRST_WAIT) {
    clearTimeout(this.#retry);
    this.#heard = false;
    this.#send({ type: "ready", ...this.session.place(), ...this.session.views() });
    this.#expect();
    this.#retry = setTimeout(() => {
      if (!this.#heard && !this.#closed) this.ready(Math.min(2 * wait, LONGEST_WAIT));
    }, wait);
  }

  /** Say how many seconds of the render and of the input lie before the playhead. @param {number} wet @param {number} dry */
  buffered(wet, dry) {
    this.#send({ type: "buffered", ...this.session.place(), wet, dry });
  }

  /** Have the kernel draw the open views; with `changed` that one alone. @param {string} [changed] */
  open(changed) {
    this.#send({ type: "views", ...this.session.views(), ...(changed ? { changed: [changed] } : {}) });
  }

  /** The axes show something else: the kernel computes for it, when the hand has done a little more. */
  look() {
    this.#looking ??= setTimeout(() => {
      this.#looking = undefined;
      this.#send({ type: "axes", axes: this.session.views().axes });
    }, LOOK_WAIT);
  }

  /**
   * Have the kernel do something that is no move of a value.
   *
   * @param {string} name @param {Record<string, unknown>} fields @param {ArrayBuffer[]} buffers
   */
  command(name, fields, buffers) {
    if (this.#reach === "gone") return;
    this.#save();
    this.seq += 1;
    const { seq } = this;
    this.#send({ type: "command", name, seq, ...this.session.place(), ...fields }, buffers);
    this.session.sent(seq);
    this.#expect();
  }

  /**
   * Ask the kernel for something that changes nothing that is heard.
   *
   * @param {string} name @param {Record<string, unknown>} fields @param {ArrayBuffer[]} [buffers]
   * @returns {Promise<any>} the answer with its `buffers`; with an `error` where it cannot be done, or no answer comes
   */
  async query(name, fields, buffers) {
    if (this.#reach === "gone") return { error: UNANSWERED.gone };
    this.#save();
    const [request, answer] = this.#questions.put();
    this.#send({ type: "query", name, request, ...fields }, buffers);
    this.#expect();
    return answer;
  }

  /** The values have changed. The first change goes at once, those after it once an animation frame. */
  changed() {
    this.#dirty = true;
    if (this.#framed || this.#closed || this.#reach === "gone") return;
    this.#framed = true;
    // A microtask, so that one gesture that sets several values is one message.
    queueMicrotask(() => this.#flush());
  }

  #flush() {
    if (!this.#dirty || this.#closed || this.#reach === "gone") this.#framed = false;
    else {
      this.#save();
      onAnimationFrame(() => this.#flush());
    }
  }

  /** Send what has changed, if anything has. */
  #save() {
    if (!this.#dirty || this.#closed || this.#reach === "gone") return;
    this.#dirty = false;
    this.seq += 1;
    const [received, delays] = this.#acknowledged();
    const { client, seq } = this;
    this.model.set("params", { seq, client, ...this.session.params(), received, ack_delays: delays });
    this.model.save_changes();
    this.session.sent(this.seq);
    this.#expect();
  }

  #onMessage = (
    /** @type {KernelMessage | BatchMessage} */ message,
    /** @type {(ArrayBuffer | ArrayBufferView)[]} */ buffers,
  ) => {
    if (this.#closed || message.type === "bundle") return;
    clearTimeout(this.#patience);
    this.#patience = undefined;
    this.#now("here");
    if (message.type === "pong") {
      // It is there, and may be at work still.
      if (this.#waits) this.#expect();
      return;
    }
    this.#waits = false;
    this.#heard = true;
    if (message.type !== "batch") this.#take(message, buffers ?? []);
    else {
      let next = 0;
      message.messages.forEach((part, i) => {
        const end = next + message.buffer_counts[i];
        this.#take(part, buffers.slice(next, end));
        next = end;
      });
    }
    if (this.#questions.open) this.#expect();
  };

  /** @param {KernelMessage} message @param {(ArrayBuffer | ArrayBufferView)[]} buffers */
  #take(message, buffers) {
    if (message.type === "answer") {
      this.#questions.answer(String(message.request), { ...message, buffers });
      return;
    }
    if (message.type === "audio") {
      const now = { id: Number(message.id), time: performance.now() };
      this.#received = [...this.#received.slice(1 - ACKED), now];
      this.#ack ??= setTimeout(() => {
        const [received, delays] = this.#acknowledged();
        this.#send({ type: "ack", received, ack_delays: delays });
      }, ACK_WAIT);
    }
    this.session.message(message, buffers);
  }

  /**
   * What the message about to go acknowledges, so that none needs to go for it alone; and how long ago it came.
   *
   * @returns {[number[], number[]]}
   */
  #acknowledged() {
    clearTimeout(this.#ack);
    this.#ack = undefined;
    const now = performance.now();
    return [this.#received.map(({ id }) => id), this.#received.map(({ time }) => Math.round(now - time))];
  }

  /** @param {Unaddressed<PageMessage>} message @param {ArrayBuffer[]} [buffers] */
  #send(message, buffers) {
    if (this.#closed || this.#reach === "gone") return;
    try {
      this.model.send({ ...message, client: this.client }, undefined, buffers);
    } catch {
      // No kernel: the panel shows what it has.
    }
  }

  /** @param {boolean} tell false where the page itself goes away */
  close(tell = true) {
    if (tell) this.#send({ type: "closed" });
    this.#closed = true;
    clearTimeout(this.#retry);
    clearTimeout(this.#ack);
    clearTimeout(this.#looking);
    clearTimeout(this.#patience);
    this.model.off("msg:custom", this.#onMessage);
    this.model.off("comm_live_update", this.#onGone);
    this.model.off("change:spec", this.session.spec);
  }
}
