/** @import { Buffers, Model } from "../types" */

/** @typedef {{ onParams: (params: any) => void, onMessage: (message: any, buffers: ArrayBuffer[]) => void }} Receiver */

/**
 * The model of a panel without a kernel: what anywidget hands to a widget, with a receiver in the page at its other end.
 *
 * @implements {Model}
 */
export class PageModel {
  /** @type {Map<string, unknown>} */ #traits = new Map();
  /** @type {Map<string, Set<(...args: any[]) => void>>} */ #listeners = new Map();
  /** @type {Receiver | null} */ #receiver = null;
  /** The calls for the receiver that were made before it was set. @type {((receiver: Receiver) => void)[]} */ #early =
    [];

  /** @param {Record<string, unknown>} traits */
  constructor(traits) {
    for (const [name, value] of Object.entries(traits)) this.#traits.set(name, value);
  }

  get receiver() {
    return this.#receiver;
  }

  set receiver(receiver) {
    this.#receiver = receiver;
    for (const action of receiver ? this.#early.splice(0) : []) this.#pass(action);
  }

  /** As with a kernel, the answer does not come before the call returns. @param {(receiver: Receiver) => void} action */
  #pass(action) {
    const receiver = this.#receiver;
    if (receiver) queueMicrotask(() => action(receiver));
    else this.#early.push(action);
  }

  /** @param {string} name @returns {any} */
  get(name) {
    return this.#traits.get(name);
  }

  /** @param {string} name @param {unknown} value */
  set(name, value) {
    this.#traits.set(name, value);
  }

  save_changes() {
    const params = this.get("params");
    this.#pass((receiver) => receiver.onParams(params));
  }

  /** @param {string} event @param {(...args: any[]) => void} callback */
  on(event, callback) {
    const callbacks = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, callbacks.add(callback));
  }

  /** @param {string} event @param {(...args: any[]) => void} [callback] */
  off(event, callback) {
    if (callback) this.#listeners.get(event)?.delete(callback);
    else this.#listeners.delete(event);
  }

  /** @param {unknown} content @param {unknown} [_callbacks] @param {ArrayBuffer[]} [buffers] */
  send(content, _callbacks, buffers = []) {
    this.#pass((receiver) => receiver.onMessage(content, buffers));
  }

  /** Send a message to the panel. @param {object} message @param {Buffers} [buffers] */
  deliver(message, buffers = []) {
    for (const callback of this.#listeners.get("msg:custom") ?? []) callback(message, buffers);
  }
}
