import { decibels, multiply, responseOfStage, responseOfTaps } from "./analysis/complex_response.js";
import { frequencyGrid, gridForAxis } from "./analysis/frequency_grid.js";
import { impulseOfProgram, impulseOfStages } from "./analysis/impulse.js";
import { interpolate } from "./analysis/spectrum.js";
import { drawDelay, drawPhase } from "./views/frequency_views.js";
import { drawPlane } from "./views/plane_view.js";
import { drawImpulse, drawStep } from "./views/time_views.js";

/**
 * @import { Axes, Buffers, ViewOptions } from "../types"
 * @import { Description } from "./description"
 * @import { Design } from "./design.js"
 * @import { Sound } from "./sound.js"
 * @import { PageDrawing, PageView, ViewScene } from "./views/page_view"
 */

/** The points of the response in a picture. */
const PREVIEW_POINTS = 64;

/** The views that follow from the coefficients. @type {Record<string, PageView>} */
const VIEWS = {
  phase: drawPhase,
  delay: drawDelay,
  plane: drawPlane,
  impulse: drawImpulse,
  step: drawStep,
};

/** Computes the curves and the views that follow from the coefficients, and sends them. */
export class Drawings {
  /** @type {string[]} */ views = [];
  /** @type {ViewOptions} */ options = {};
  /** @type {Axes} */ axes = {};
  /** The spectrum of the input over the full range. @type {Float32Array} */ #input;

  /**
   * @param {Description} description @param {Design} design @param {Sound} sound
   * @param {(message: object, buffers: Buffers) => void} deliver
   */
  constructor(description, design, sound, deliver) {
    this.description = description;
    this.design = design;
    this.sound = sound;
    this.deliver = deliver;
    this.#input = Float32Array.from(description.input_spectrum);
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

  /** Whether the module has a response. */
  get #hasResponse() {
    return this.description.spec.lti;
  }

  /** The response in dB on the grid of a picture; null: there is none. @returns {number[] | null} */
  get preview() {
    return this.#hasResponse && this.design.isComputed
      ? [...this.#response(frequencyGrid(this.sound.rate, PREVIEW_POINTS))]
      : null;
  }

  /** @param {Float64Array} frequencies */
  #response(frequencies) {
    const { stages } = this.design;
    const { rate } = this.sound;
    if (stages.length === 0) return decibels(responseOfTaps(this.#impulse(), frequencies, rate));
    return decibels(stages.map((stage) => responseOfStage(stage, frequencies, rate)).reduce(multiply));
  }

  /** The impulse response of the current design. */
  #impulse() {
    const { design } = this;
    if (design.hasStages) return impulseOfStages(design.stages, this.sound.rate);
    return impulseOfProgram(design.program.program, design.coefficients);
  }

  /** Send the curves that do not depend on the values. @param {number} seq */
  sendInput(seq) {
    const full = frequencyGrid(this.sound.rate);
    const { frequencies } = this;
    const input = interpolate(this.#input, full, frequencies);
    this.#sendCurves(seq, { frequency: Float32Array.from(frequencies), input }, null, {});
  }

  /** Send what depends on the values. @param {number} seq */
  send(seq) {
    if (!this.design.isComputed) return;
    const { stages, inactiveStages } = this.design;
    const { frequencies } = this;
    if (this.#hasResponse) {
      const response = this.#response(frequencies);
      const info = this.description.stage_info;
      const drawn = [...stages, ...inactiveStages]
        .filter(({ path }) => path in info)
        .map((stage) => ({
          path: stage.path,
          db: decibels(responseOfStage(stage, frequencies, this.sound.rate)),
          inactive: inactiveStages.includes(stage),
        }));
      const notes = { lti: true, center_frequencies: this.description.center_frequencies };
      this.#sendCurves(seq, { response, ...this.#outputOf(response, frequencies) }, drawn, notes);
    }
    this.sendViews(seq, this.views);
  }

  /** The spectrum of a filter's output follows from its response. @param {Float32Array} response @param {Float64Array} frequencies */
  #outputOf(response, frequencies) {
    const input = interpolate(this.#input, frequencyGrid(this.sound.rate), frequencies);
    return { output: input.map((level, k) => level + response[k]) };
  }

  /** Send the spectrum of the complete output, over the full range. @param {number} seq @param {Float32Array} spectrum */
  sendOutput(seq, spectrum) {
    if (this.#hasResponse) return;
    const output = interpolate(spectrum, frequencyGrid(this.sound.rate), this.frequencies);
    this.#sendCurves(seq, { output }, null, { lti: false });
  }

  /** Send the drawings of those of the views that follow from the coefficients. @param {number} seq @param {string[]} names */
  sendViews(seq, names) {
    if (!this.design.isComputed) return;
    const drawn = names.filter((name) => name in VIEWS);
    if (drawn.length === 0) return;
    /** @type {Float64Array | null} */
    let impulse = null;
    const { description, axes, frequencies } = this;
    const { rate } = this.sound;
    /** @type {ViewScene} */
    const scene = {
      ...{ rate, frequencies, axes, description },
      impulse: () => {
        impulse ??= this.#impulse();
        return impulse;
      },
      // The response of a module whose stages are not known, such as a sum, is that of its impulse response.
      stages: this.design.hasStages ? this.design.stages : [{ path: "", taps: this.#impulse() }],
    };
    for (const name of drawn) this.sendView(seq, name, VIEWS[name](scene));
  }

  /** @param {number} seq @param {string} view @param {PageDrawing} drawing */
  sendView(seq, view, { fields, vectors }) {
    const names = Object.keys(vectors);
    const bytes = names.filter((name) => vectors[name] instanceof Uint8Array);
    const message = { type: "view", seq, view, names, uint8_names: bytes, ...fields };
    this.deliver(message, /** @type {Buffers} */ (Object.values(vectors)));
  }

  /**
   * @param {number} seq @param {Record<string, Float32Array>} named @param {{ path: string, db: Float32Array, inactive: boolean }[] | null} stages
   * @param {object} notes
   */
  #sendCurves(seq, named, stages, notes) {
    const names = Object.keys(named);
    const info = this.description.stage_info;
    const infoOf = (/** @type {{ path: string, inactive: boolean }} */ { path, inactive }) =>
      inactive ? { ...info[path], inactive } : info[path];
    const stageInfo = stages ? { stage_info: stages.map(infoOf) } : {};
    const paths = stages ? stages.map(({ path }) => path) : null;
    const message = { type: "curves", seq, names, stage_paths: paths, ...stageInfo, ...notes };
    const buffers = [...Object.values(named), ...(stages ?? []).map(({ db }) => db)];
    this.deliver(message, /** @type {Buffers} */ (buffers));
  }
}
