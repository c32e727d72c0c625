import { radiusOf } from "../poles/roots.js";

/** @import { Canvas } from "../drawing/canvas.js" */
/** @import { ComplexPoint } from "../poles/roots.js" */

/** The largest radius that is shown, and the highest magnification. */
export const MAX_RADIUS = 2.2;
const MAX_ZOOM = 400;

/** The visible part of the complex plane, and its mapping to the pixels of a canvas. */
export class Viewport {
  /** The radius that is visible without zoom. */
  #radius = 1.25;
  #zoom = 1;
  /** The point in the middle of the canvas. */
  #re = 0;
  #im = 0;

  /** @param {Canvas} canvas */
  constructor(canvas) {
    this.canvas = canvas;
  }

  get isZoomed() {
    return this.#zoom !== 1;
  }

  /** Show the plane out to the outermost of these points, within limits. @param {ComplexPoint[]} points */
  fit(points) {
    const outermost = Math.max(0, ...points.map(radiusOf).filter(Number.isFinite));
    this.#radius = Math.min(MAX_RADIUS, Math.max(1.25, 1.12 * outermost));
  }

  /** The px of the unit circle's radius. Around the circle there is space for the labels. */
  get pixelsPerUnit() {
    const { width, height } = this.canvas;
    const fitting = Math.min((width - 96) / 2 / Math.max(1, this.#radius / 1.25), height / 2 / this.#radius);
    return Math.max(1, fitting * this.#zoom);
  }

  /** Return the px of a real part. @param {number} re */
  x(re) {
    return this.canvas.width / 2 + (re - this.#re) * this.pixelsPerUnit;
  }

  /** Return the px of an imaginary part. @param {number} im */
  y(im) {
    return this.canvas.height / 2 - (im - this.#im) * this.pixelsPerUnit;
  }

  /** Return the point of the plane at a pixel. @param {number} x px @param {number} y px @returns {ComplexPoint} */
  pointAt(x, y) {
    const { width, height } = this.canvas;
    const { pixelsPerUnit } = this;
    return {
      re: this.#re + (x - width / 2) / pixelsPerUnit,
      im: this.#im + (height / 2 - y) / pixelsPerUnit,
    };
  }

  /** Zoom in, or out if `factor` is below 1, around a point that stays where it is. @param {number} factor @param {ComplexPoint} point */
  zoom(factor, { re, im }) {
    const next = Math.min(MAX_ZOOM, Math.max(1, this.#zoom * factor));
    const ratio = this.#zoom / next;
    this.#zoom = next;
    this.#re = re + (this.#re - re) * ratio;
    this.#im = im + (this.#im - im) * ratio;
    this.pan(0, 0);
  }

  /** Move the visible part, up to the edge of the plane. @param {number} dx px @param {number} dy px */
  pan(dx, dy) {
    const limit = this.#radius * (1 - 1 / this.#zoom);
    const clamp = (/** @type {number} */ value) => Math.max(-limit, Math.min(limit, value)) || 0;
    const { pixelsPerUnit } = this;
    this.#re = clamp(this.#re + dx / pixelsPerUnit);
    this.#im = clamp(this.#im - dy / pixelsPerUnit);
  }

  /** Undo all zoom. */
  reset() {
    this.#zoom = 1;
    this.pan(0, 0);
  }
}
