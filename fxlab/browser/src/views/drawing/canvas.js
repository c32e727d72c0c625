import { onAnimationFrame } from "../../ui/animation_frame.js";

/** A canvas that fills its holder, sharp on any screen, and draws at most once a frame. */
export class Canvas {
  width = 0;
  height = 0;
  #ratio = 0;
  #size = { width: 0, height: 0 };
  /** @type {(() => void) | null} */ #cancel = null;

  /** @param {HTMLElement} holder @param {(context: CanvasRenderingContext2D) => void} draw */
  constructor(holder, draw) {
    this.holder = holder;
    this.draw = draw;
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("aria-hidden", "true");
    holder.prepend(this.canvas);
    this.context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    // Asking the holder would lay the page out in the middle of a frame.
    this.observer = new ResizeObserver(([{ contentRect }]) => {
      this.#size = { width: Math.round(contentRect.width), height: Math.round(contentRect.height) };
      this.invalidate();
    });
    this.observer.observe(holder);
  }

  invalidate() {
    this.#cancel ??= onAnimationFrame(() => {
      this.#cancel = null;
      this.paint();
    });
  }

  /** It has a size: it is on the page and not put away. */
  get visible() {
    return this.#size.width > 0 && this.#size.height > 0;
  }

  /** At once. */
  paint() {
    const { canvas, context } = this;
    const { width, height } = this.#size;
    if (!this.visible) return;
    const ratio = devicePixelRatio || 1;
    if (width !== this.width || height !== this.height || ratio !== this.#ratio) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      this.width = width;
      this.height = height;
      this.#ratio = ratio;
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    this.draw(context);
  }

  close() {
    this.#cancel?.();
    this.observer.disconnect();
  }
}
