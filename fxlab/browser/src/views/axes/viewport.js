import { radiusOf } from "../poles/roots.js";

/** @import { Canvas } from "../drawing/canvas.js" */
/** @import { Place } from "../poles/roots.js" */

/** How far out the picture may reach, and how far in it may go. */
export const WIDEST = 2.2;
const DEEPEST = 400;

/** What is seen of the complex plane, and where on its canvas. */
export class Viewport {
  #reach = 1.25;
  #factor = 1;
  #re = 0;
  #im = 0;

  /** @param {Canvas} canvas */
  constructor(canvas) {
    this.canvas = canvas;
  }

  /** All of it is seen. */
  get whole() {
    return this.#factor === 1;
  }

  /** As far out as these lie, up to a limit. @param {Place[]} places */
  fit(places) {
    const most = Math.max(0, ...places.map(radiusOf).filter(Number.isFinite));
    this.#reach = Math.min(WIDEST, Math.max(1.25, 1.12 * most));
  }

  /** How many px the circle's radius is; round it there is room for the labels. */
  get unit() {
    const { width, height } = this.canvas;
    const room = Math.min((width - 96) / 2 / Math.max(1, this.#reach / 1.25), height / 2 / this.#reach);
    return Math.max(1, room * this.#factor);
  }

  /** @param {number} re */
  x(re) {
    return this.canvas.width / 2 + (re - this.#re) * this.unit;
  }

  /** @param {number} im */
  y(im) {
    return this.canvas.height / 2 - (im - this.#im) * this.unit;
  }

  /** @param {number} x px @param {number} y px @returns {Place} */
  at(x, y) {
    const { width, height } = this.canvas;
    return { re: this.#re + (x - width / 2) / this.unit, im: this.#im + (height / 2 - y) / this.unit };
  }

  /** Come nearer, or go away, round a place that stays. @param {number} factor @param {Place} place */
  enlarge(factor, { re, im }) {
    const next = Math.min(DEEPEST, Math.max(1, this.#factor * factor));
    const share = this.#factor / next;
    this.#factor = next;
    this.#re = re + (this.#re - re) * share;
    this.#im = im + (this.#im - im) * share;
    this.pan(0, 0);
  }

  /** Go elsewhere, as far as there is something. @param {number} dx px @param {number} dy px */
  pan(dx, dy) {
    const far = this.#reach * (1 - 1 / this.#factor);
    const within = (/** @type {number} */ value) => Math.max(-far, Math.min(far, value)) || 0;
    const { unit } = this;
    this.#re = within(this.#re + dx / unit);
    this.#im = within(this.#im - dy / unit);
  }

  /** See all of it. */
  reset() {
    this.#factor = 1;
    this.pan(0, 0);
  }
}
