import { onFrame } from "./frame.js";

/** @import { Model, Shown, Values } from "./types" */

/**
 * @typedef {{ seq: number, values: Values, position: number, device: string, views: string[],
 *   received: number[] }} Params
 * @typedef {{ type: string, [field: string]: unknown }} Message
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

/** @param {ArrayBuffer | ArrayBufferView} buffer @returns {Uint8Array} a copy, so aligned and our own */
function copy(buffer) {
  const bytes = ArrayBuffer.isView(buffer)
    ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
    : new Uint8Array(buffer);
  return bytes.slice();
}

/** @param {ArrayBuffer | ArrayBufferView} buffer */
export const int16 = (buffer) => new Int16Array(copy(buffer).buffer);

/** @param {ArrayBuffer | ArrayBufferView} buffer */
export const float32 = (buffer) => new Float32Array(copy(buffer).buffer);

/** One page's line to the kernel, for one panel. */
export class Sync {
  /** The last number sent, or heard of. */
  seq = 0;
  #framed = false;
  #dirty = false;
  #heard = false;
  #closed = false;
  /** The last pieces that arrived, all of them said each time: ipywidgets drops a value of `params` that another
   * overtakes. @type {number[]} */
  #received = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #retry;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #ack;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #looking;

  /**
   * @param {Model} model
   * @param {{
   *   views: () => string[],
   *   axes: () => Record<string, Shown>,
   *   params: () => Omit<Params, "seq" | "received">,
   *   position: () => number,
   *   message: (message: any, buffers: (ArrayBuffer | ArrayBufferView)[]) => void,
   *   spec: () => void,
   *   sent: (seq: number) => void,
   * }} session
   */
  constructor(model, session) {
    this.model = model;
    this.session = session;
    this.client = Math.random().toString(36).slice(2);
    model.on("msg:custom", this.#onMessage);
    model.on("change:spec", session.spec);
  }

  /** Ask for a whole frame: the values, the curves, the sound. */
  ready(wait = FIRST_WAIT) {
    clearTimeout(this.#retry);
    this.#heard = false;
    this.#send({
      type: "ready",
      position: this.session.position(),
      views: this.session.views(),
      axes: this.session.axes(),
    });
    this.#retry = setTimeout(() => {
      if (!this.#heard && !this.#closed) this.ready(Math.min(2 * wait, LONGEST_WAIT));
    }, wait);
  }

  /** Have the kernel draw these views from now on. @param {string[]} views */
  open(views) {
    this.#send({ type: "views", views });
  }

  /** The axes show something else: the kernel computes for it, when the hand has done a little more. */
  look() {
    this.#looking ??= setTimeout(() => {
      this.#looking = undefined;
      this.#send({ type: "axes", axes: this.session.axes() });
    }, LOOK_WAIT);
  }

  /**
   * Have the kernel do something that is no move of a value.
   *
   * @param {string} name @param {Record<string, unknown>} fields @param {ArrayBuffer[]} buffers
   */
  command(name, fields, buffers) {
    this.#send({ type: "command", name, ...fields }, buffers);
  }

  /** The values have changed. The first change goes at once, those after it once an animation frame. */
  changed() {
    this.#dirty = true;
    if (this.#framed || this.#closed) return;
    this.#framed = true;
    // A microtask, so that one gesture that sets several values is one message.
    queueMicrotask(() => this.#flush());
  }

  #flush() {
    if (!this.#dirty || this.#closed) {
      this.#framed = false;
      return;
    }
    this.#dirty = false;
    this.seq += 1;
    this.model.set("params", { seq: this.seq, ...this.session.params(), received: this.#acknowledged() });
    this.model.save_changes();
    this.session.sent(this.seq);
    onFrame(() => this.#flush());
  }

  #onMessage = (/** @type {Message} */ message, /** @type {(ArrayBuffer | ArrayBufferView)[]} */ buffers) => {
    if (this.#closed || message.type === "bundle") return;
    this.#heard = true;
    if (message.type !== "batch") {
      this.#take(message, buffers ?? []);
      return;
    }
    let next = 0;
    for (const part of /** @type {(Message & { buffers: number })[]} */ (message.messages)) {
      this.#take(part, buffers.slice(next, next + part.buffers));
      next += part.buffers;
    }
  };

  /** @param {Message} message @param {(ArrayBuffer | ArrayBufferView)[]} buffers */
  #take(message, buffers) {
    if (message.type === "audio") {
      this.#received = [...this.#received.slice(1 - ACKED), Number(message.id)];
      this.#ack ??= setTimeout(() => this.#send({ type: "ack", ids: this.#acknowledged() }), ACK_WAIT);
    }
    this.session.message(message, buffers);
  }

  /** @returns {number[]} what the message about to go acknowledges, so that none needs to go for it alone */
  #acknowledged() {
    clearTimeout(this.#ack);
    this.#ack = undefined;
    return this.#received;
  }

  /** @param {Message} message @param {ArrayBuffer[]} [buffers] */
  #send(message, buffers) {
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
    this.model.off("msg:custom", this.#onMessage);
    this.model.off("change:spec", this.session.spec);
  }
}
