import { onAnimationFrame } from "../../ui/animation_frame.js";

/** A canvas that fills its container, is sharp at any pixel ratio, and is painted at most once per frame. */
export class Canvas {
  width = 0;
  height = 0;
  #ratio = 0;
  #containerSize = { width: 0, height: 0 };
  /** @type {(() => void) | null} */ #cancelFrame = null;

  /** @param {HTMLElement} container @param {(context: CanvasRenderingContext2D) => void} draw */
  constructor(container, draw) {
    this.container = container;
    this.draw = draw;
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("aria-hidden", "true");
    container.prepend(this.canvas);
    this.context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    // The observer gives the size without a synchronous layout of the page.
    this.observer = new ResizeObserver(([{ contentRect }]) => {
      this.#containerSize = { width: Math.round(contentRect.width), height: Math.round(contentRect.height) };
      this.invalidate();
    });
    this.observer.observe(container);
  }

  /** Paint with the next animation frame. */
  invalidate() {
    this.#cancelFrame ??= onAnimationFrame(() => {
      this.#cancelFrame = null;
      this.paint();
    });
  }

  /** Whether the canvas is in the page and not hidden. */
  get isVisible() {
    return this.#containerSize.width > 0 && this.#containerSize.height > 0;
  }

  /** Paint immediately. */
  paint() {
    const { canvas, context } = this;
    const { width, height } = this.#containerSize;
    if (!this.isVisible) return;
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
    this.#cancelFrame?.();
    this.observer.disconnect();
  }
}
