import { onAnimationFrame } from "../ui/animation_frame.js";

/** Calls a function once after several requests: after a delay, or in the next animation frame. */
export class DeferredUpdate {
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;
  /** @type {(() => void) | null} */ #cancelFrame = null;

  /** @param {() => void} update @param {number} delay in ms */
  constructor(update, delay) {
    this.update = update;
    this.delay = delay;
  }

  /** @param {boolean} immediate in the next frame, not after the delay */
  request(immediate) {
    if (immediate) this.#cancelFrame ??= onAnimationFrame(this.#run);
    else this.#timer ??= setTimeout(this.#run, this.delay);
  }

  /** Call the function now if it would be called after the delay. */
  flush() {
    if (this.#timer !== undefined) this.#run();
  }

  cancel() {
    clearTimeout(this.#timer);
    this.#cancelFrame?.();
    this.#timer = undefined;
    this.#cancelFrame = null;
  }

  #run = () => {
    this.cancel();
    this.update();
  };
}
