import { Renderer } from "./renderer.js";
import { overview } from "./sound.js";
import { drawTransfer } from "./views/transfer_view.js";
import { drawWaveformPart } from "./views/waveform_part.js";

/**
 * @import { Buffers } from "../types"
 * @import { Design } from "./design.js"
 * @import { Drawings } from "./drawings.js"
 * @import { ProgramDrawing } from "../engine/program"
 * @import { RenderResult } from "./offline_render.js"
 * @import { PageModel } from "./page_model.js"
 * @import { PageProgram } from "./page_program.js"
 * @import { Sound } from "./sound.js"
 * @import { SoundSender } from "./sound_sender.js"
 */

/** The columns of a waveform, also in the panel. */
const COLUMNS = 1200;

/** How long no value must change until the complete output is rendered, in ms; a drag renders nothing. */
const SETTLE = 250;

/** The shortest pause for a module that is not causal, whose sound has to be rendered, in ms. */
const NOT_LIVE_SETTLE = 30;

/** A larger difference in loudness means that the output is almost silent, in dB. */
const MAX_MATCH = 40;

const NOT_FINITE = "These values give samples that are not finite numbers (NaN), so the output is muted.";

const SCALES = ["log", "linear", "mel"];
const SOURCES = ["output", "input"];

/** The complete output: what is drawn and measured of it, and for a module that is not causal what is played. */
export class Output {
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;
  /** The last complete output. @type {Float32Array[] | null} */ #output = null;
  /** The last plots of a function. @type {ProgramDrawing[]} */ #plots = [];
  /** Whether the renderer works for a function, and whether its values have changed since. */
  #isRunning = false;
  #hasChanged = false;
  #seq = 0;
  /** @type {((output: Float32Array[]) => void)[]} */ #waiting = [];

  /**
   * @param {{ model: PageModel, program: PageProgram, design: Design, drawings: Drawings, sound: Sound, sender: SoundSender }} parts
   * @param {() => void} onDone is called when the output of a module that is not causal was sent
   */
  constructor({ model, program, design, drawings, sound, sender }, onDone) {
    this.model = model;
    this.program = program;
    this.design = design;
    this.drawings = drawings;
    this.sound = sound;
    this.sender = sender;
    this.onDone = onDone;
    this.renderer = new Renderer(program, sound, import.meta.url);
  }

  get isLive() {
    return this.program.program.live;
  }

  /** Render once no value changes any more. @param {number} seq */
  request(seq) {
    this.#seq = seq;
    this.#output = null;
    if (this.program.program.isFunction) {
      this.#run();
      return;
    }
    this.renderer.cancel();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#render(), this.isLive ? SETTLE : NOT_LIVE_SETTLE);
  }

  /** Run a function; if it runs already, then again after that, so that its plots follow a drag. */
  #run() {
    this.#hasChanged = this.#isRunning;
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#render();
  }

  /** Draw the views that need the complete output. @param {string[]} names */
  draw(names) {
    this.#drawPlots(names);
    if (names.includes("waveform") && this.#output) this.#drawWaveform();
    if (names.some((name) => ["spectrogram", "levels", "transfer"].includes(name))) this.request(this.#seq);
  }

  /** Return the complete output. @returns {Promise<Float32Array[]>} */
  complete() {
    if (this.#output) return Promise.resolve(this.#output);
    return new Promise((done) => {
      this.#waiting.push(done);
    });
  }

  get #imageOptions() {
    const asked = this.drawings.options.spectrogram ?? {};
    const source = SOURCES.find((name) => name === asked.source) ?? SOURCES[0];
    const scale = SCALES.find((name) => name === asked.scale) ?? SCALES[0];
    return { source, scale: /** @type {"log" | "linear" | "mel"} */ (scale) };
  }

  #render() {
    const { views } = this.drawings;
    const request = {
      coefficients: this.design.isMuted ? null : this.design.coefficients,
      levels: views.includes("levels"),
      transfer: views.includes("transfer"),
      spectrogram: views.includes("spectrogram") ? this.#imageOptions : null,
    };
    const seq = this.#seq;
    this.renderer.render(request, (result) => this.#onResult(seq, result));
  }

  /** @param {number} seq @param {RenderResult} result */
  #onResult(seq, { output, spectrum, loudness, levels, spectrogram, transfer, drawings, isPlayable }) {
    this.#output = output;
    this.#plots = drawings;
    this.#drawPlots(this.drawings.views);
    this.#isRunning = false;
    if (this.#hasChanged) this.#run();
    const { rate } = this.sound;
    const frames = output[0].length;
    const { low, high } = overview(output, COLUMNS);
    const buffers = /** @type {Buffers} */ ([low, high]);
    const gain = matchGain(loudness.input, loudness.output);
    if (!this.isLive) {
      if (!isPlayable) this.design.problem ??= { message: NOT_FINITE, path: null };
      this.sender.send(seq, output, { match_gain_db: gain });
      this.onDone();
    }
    this.model.deliver({ type: "overview", seq, dry: false, rate, frames }, buffers);
    this.model.deliver({ type: "match", seq, match_gain_db: gain });
    this.drawings.sendOutput(seq, spectrum);
    if (levels) {
      const fields = { input: loudness.input, output: loudness.output, ...levels };
      this.drawings.sendView(seq, "levels", { fields, vectors: {} });
    }
    if (transfer !== undefined) {
      const drawing = drawTransfer(transfer, this.drawings.description.levels_first);
      this.drawings.sendView(seq, "transfer", drawing);
    }
    if (spectrogram) this.#sendSpectrogram(seq, spectrogram);
    if (this.drawings.views.includes("waveform")) this.#drawWaveform();
    for (const done of this.#waiting.splice(0)) done(output);
  }

  /** Send those of the plots of a function that are among these views. @param {string[]} names */
  #drawPlots(names) {
    for (const { view, fields, vectors } of this.#plots)
      if (names.includes(view)) this.drawings.sendView(this.#seq, view, { fields, vectors });
  }

  /** @param {number} seq @param {NonNullable<RenderResult["spectrogram"]>} picture */
  #sendSpectrogram(seq, picture) {
    if (picture.error !== undefined) {
      this.drawings.sendView(seq, "spectrogram", { fields: { error: picture.error }, vectors: {} });
      return;
    }
    const { source, scale } = this.#imageOptions;
    const choices = [
      { name: "source", label: "Sound", value: source, values: SOURCES },
      { name: "scale", label: "Frequency", value: scale, values: SCALES },
    ];
    const drawing = { fields: { ...picture.fields, choices }, vectors: { levels: picture.levels } };
    this.drawings.sendView(seq, "spectrogram", drawing);
  }

  #drawWaveform() {
    const { start, stop } = this.drawings.options.waveform ?? {};
    const { channels, rate } = this.sound;
    const drawing = drawWaveformPart(channels, this.#output, rate, start, stop);
    this.drawings.sendView(this.#seq, "waveform", drawing);
  }
}

/** Return the gain in dB that makes the output as loud as the input, or null. @param {number | null} input @param {number | null} output in LUFS */
function matchGain(input, output) {
  if (input === null || output === null || Math.abs(input - output) > MAX_MATCH) return null;
  return Math.round(100 * (input - output)) / 100;
}
