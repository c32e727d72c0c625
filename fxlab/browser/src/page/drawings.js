import { decibels, multiply, responseOfStage } from "./analysis/complex_response.js";
import { frequencyGrid, gridForAxis } from "./analysis/frequency_grid.js";

/**
 * @import { Axes, Buffers, ViewOptions } from "../types"
 * @import { Description } from "./description"
 * @import { Design } from "./design.js"
 * @import { Sound } from "./sound.js"
 */

/** The points of the response in a picture. */
const PREVIEW_POINTS = 64;

/** Computes the curves and views of a panel, and sends them. */
export class Drawings {
  /** @type {string[]} */ views = [];
  /** @type {ViewOptions} */ options = {};
  /** @type {Axes} */ axes = {};

  /**
   * @param {Description} description @param {Design} design @param {Sound} sound
   * @param {(message: object, buffers: Buffers) => void} deliver
   */
  constructor(description, design, sound, deliver) {
    this.description = description;
    this.design = design;
    this.sound = sound;
    this.deliver = deliver;
  }

  /** @param {{ views: string[], options: ViewOptions, axes: Axes }} message */
  onReady({ views, options, axes }) {
    this.views = views;
    this.options = options;
    this.axes = axes;
  }

  get frequencies() {
    return gridForAxis(this.sound.rate, this.axes.Hz ?? {});
  }

  /** The response in dB on the grid of a picture; null: there is none. @returns {number[] | null} */
  get preview() {
    const { stages } = this.design;
    if (stages.length === 0) return null;
    const grid = frequencyGrid(this.sound.rate, PREVIEW_POINTS);
    return [
      ...decibels(stages.map((stage) => responseOfStage(stage, grid, this.sound.rate)).reduce(multiply)),
    ];
  }

  /** Send the curves that do not depend on the values. @param {number} seq */
  sendInput(seq) {
    const frequency = Float32Array.from(this.frequencies);
    this.#sendCurves(seq, { frequency }, null, {});
  }

  /** Send what depends on the values. @param {number} seq */
  send(seq) {
    const { stages } = this.design;
    const frequencies = this.frequencies;
    if (stages.length > 0) {
      const parts = stages.map((stage) => responseOfStage(stage, frequencies, this.sound.rate));
      const response = decibels(parts.reduce(multiply));
      const info = this.description.stage_info;
      const drawn = parts
        .map((part, i) => ({ path: stages[i].path, db: decibels(part) }))
        .filter(({ path }) => path in info);
      this.#sendCurves(seq, { response }, drawn, { lti: true });
    }
  }

  /** @param {number} _seq @param {string[]} _names */
  sendViews(_seq, _names) {}

  /** @returns {Promise<{ mime: string, buffer: ArrayBuffer }>} */
  async downloadWav() {
    throw new Error("not done");
  }

  /**
   * @param {number} seq @param {Record<string, Float32Array>} named @param {{ path: string, db: Float32Array }[] | null} stages
   * @param {object} notes
   */
  #sendCurves(seq, named, stages, notes) {
    const names = Object.keys(named);
    const info = this.description.stage_info;
    const stageInfo = stages ? { stage_info: stages.map(({ path }) => info[path]) } : {};
    const paths = stages ? stages.map(({ path }) => path) : null;
    const message = { type: "curves", seq, names, stage_paths: paths, ...stageInfo, ...notes };
    const buffers = [...Object.values(named), ...(stages ?? []).map(({ db }) => db)];
    this.deliver(message, /** @type {Buffers} */ (buffers));
  }
}
