import { frequencyGrid } from "./analysis/frequency_grid.js";
import { integratedLoudness, peakDb } from "./analysis/loudness.js";
import { spectrogram } from "./analysis/spectrogram.js";
import { longTermSpectrum } from "./analysis/spectrum.js";
import { measureTransfer } from "./analysis/transfer.js";

/**
 * @import { Coefficients, Program, ProgramDrawing } from "../engine/program"
 * @import { Sound } from "./sound.js"
 * @import { Transfer } from "./analysis/transfer.js"
 *
 * A request for the complete output.
 * @typedef {{ coefficients: Coefficients | null, levels: boolean, transfer: boolean,
 *   spectrogram: { source: string, scale: "log" | "linear" | "mel" } | null }} RenderRequest
 *
 * @typedef {{ output: Float32Array[], spectrum: Float32Array,
 *   loudness: { input: number | null, output: number | null },
 *   levels: { input_peak: number | null, output_peak: number | null } | null,
 *   spectrogram: ReturnType<typeof spectrogram> | null,
 *   transfer: Transfer | null | undefined, drawings: ProgramDrawing[], isPlayable: boolean }} RenderResult
 */

/** How long the work may take until the next request is looked for, in ms. */
const SLICE = 30;

/** A step of the work that is done without a pause, in blocks. */
const BLOCKS = 16;

/** Renders the complete output of a module, and measures what is drawn of it. */
export class OfflineRender {
  /** The loudness of the input. @type {number | null | undefined} */ #inputLoudness;

  /** The plots that belong to the last output. @type {ProgramDrawing[]} */ #drawings = [];

  /** Whether all samples of the last output are finite numbers; if not, it is silence in their place. */ #isPlayable = true;

  /** @param {Program} program @param {Sound} sound */
  constructor(program, sound) {
    this.program = program;
    this.sound = sound;
  }

  /**
   * Do the work in steps; the last one returns the result.
   *
   * @param {RenderRequest} request
   * @returns {Generator<undefined, RenderResult>}
   */
  *run({ coefficients, levels, spectrogram: image, transfer: isMeasured }) {
    const { rate, channels } = this.sound;
    const output = yield* this.#render(coefficients);
    const spectrum = longTermSpectrum(output, rate, frequencyGrid(rate));
    yield;
    this.#inputLoudness ??= integratedLoudness(channels, rate);
    const loudness = { input: this.#inputLoudness, output: integratedLoudness(output, rate) };
    yield;
    const peaks = levels ? { input_peak: peakDb(channels), output_peak: peakDb(output) } : null;
    const picture = image && spectrogram(image.source === "input" ? channels : output, rate, image.scale);
    const transfer =
      isMeasured && coefficients ? yield* measureTransfer(this.program, coefficients) : undefined;
    const measured = { spectrum, loudness, levels: peaks, spectrogram: picture, transfer };
    return { output, isPlayable: this.#isPlayable, drawings: this.#drawings, ...measured };
  }

  /** @param {Coefficients | null} coefficients @returns {Generator<undefined, Float32Array[]>} */
  *#render(coefficients) {
    const { program, sound } = this;
    // A module that is not live may give more or fewer frames than it gets.
    const length = coefficients && program.outputLength?.(coefficients);
    const frames = program.live ? sound.frames : (length ?? program.outputSize ?? sound.frames);
    const output = Array.from({ length: program.outputChannels }, () => new Float32Array(frames));
    this.#drawings = [];
    this.#isPlayable = true;
    if (!coefficients) return output;
    const size = program.live ? program.blockSize : sound.frames;
    const processor = program.createProcessor();
    const input = sound.channels.map(() => new Float64Array(size));
    const block = output.map(() => new Float64Array(program.live ? size : frames));
    const lag = (program.live && program.lag) || 0;
    let started = performance.now();
    for (let start = 0, n = 1; start < sound.frames + lag; start += size, n++) {
      const end = Math.min(sound.frames, start + size);
      input.forEach((channel, c) => {
        channel.fill(0);
        if (start < end) channel.set(sound.channels[c].subarray(start, end));
      });
      processor.process(input, block, coefficients);
      block.forEach((channel, c) => {
        const stop = Math.min(frames, start - lag + channel.length);
        for (let i = Math.max(0, start - lag); i < stop; i++) output[c][i] = channel[i - start + lag];
      });
      if (n % BLOCKS === 0 && performance.now() - started > SLICE) {
        yield;
        started = performance.now();
      }
    }
    this.#drawings = processor.drawings ?? [];
    this.#isPlayable = output.every((channel) => channel.every(Number.isFinite));
    if (!this.#isPlayable) for (const channel of output) channel.fill(0);
    return output;
  }
}
