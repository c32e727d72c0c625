import { CoefficientRamp, haveSameShape } from "./coefficient_ramp.js";

/** @import { Coefficients, Processor, Program } from "../engine/program" */

/** The frames that a processor is given at once. */
export const BLOCK = 128;

/** How long the coefficients move from one design to the next, in seconds. */
const RAMP = 0.01;

/** A louder output is muted: +120 dBFS. */
const MAX_PEAK = 1e6;

/** @param {number} channels */
const createBlock = (channels) => Array.from({ length: channels }, () => new Float64Array(BLOCK));

/** Set all values to 0. @param {Float64Array[]} block */
function clear(block) {
  for (const channel of block) channel.fill(0);
}

/**
 * A compiled module that runs block by block.
 *
 * A new design is reached in 10 ms. In each block of that time the module runs twice from the same state, with the
 * coefficients of the block before and with those of this block, and the output crossfades from one to the other, so that
 * it has no steps. A design of another shape, such as that of a filter of another order, starts a processor of its own, to
 * which the output crossfades in one block.
 */
export class LiveProgram {
  /** @type {Processor | null} */ #processor = null;
  /** The second processor, for the blocks in which the coefficients move. @type {Processor | null} */ #other =
    null;
  /** @type {CoefficientRamp | null} */ #ramp = null;
  /** The processor before the last design, if its shape differs: the next block crossfades from its output. @type {{ processor: Processor, coefficients: Coefficients } | null} */
  #previous = null;
  #isMuted = true;
  /** The position of the block. @type {number | undefined} */ #position;
  /** The gain of a block, which fades to 0 or 1 within one. */ #gain = 0;
  /** A processor has returned values that are not finite or far too large, since this was last set to false. */
  hasFailed = false;

  /** @param {Program} program */
  constructor(program) {
    this.program = program;
    this.input = createBlock(program.channels);
    this.output = createBlock(program.outputChannels);
    this.fadeIn = createBlock(program.outputChannels);
  }

  /** @param {Coefficients | null} design null: the module is muted */
  setDesign(design) {
    const { program } = this;
    this.#isMuted = design === null;
    if (design === null) return;
    if (this.#ramp && haveSameShape(this.#ramp.current, design)) {
      this.#ramp.moveTo(design);
      return;
    }
    if (this.#processor && this.#ramp) {
      this.#previous = { processor: this.#processor, coefficients: this.#ramp.current };
    }
    this.#processor = program.createProcessor();
    this.#other = program.createProcessor();
    this.#ramp = new CoefficientRamp(design, Math.round(RAMP * program.rate), program.steps);
  }

  /** Forget the sound so far. */
  reset() {
    this.#processor?.reset();
    this.#previous = null;
  }

  /** Process the 128 frames of `input` into `output`. @param {number} [position] of the block; see `Processor` */
  process(position) {
    this.#position = position;
    const { output } = this;
    const ramp = this.#ramp;
    const processor = this.#processor;
    if (!ramp || !processor || !this.#other || (this.#isMuted && this.#gain === 0)) {
      clear(output);
      return;
    }
    if (this.#previous) {
      const { processor: before, coefficients } = this.#previous;
      this.#previous = null;
      this.#run(before, output, coefficients);
      this.#run(processor, this.fadeIn, ramp.current);
      this.#crossfade();
    } else if (ramp.isMoving) {
      const next = this.#other;
      next.copyState(processor);
      this.#run(processor, output, ramp.current);
      ramp.advance(BLOCK);
      this.#run(next, this.fadeIn, ramp.current);
      this.#crossfade();
      this.#processor = next;
      this.#other = processor;
    } else this.#run(processor, output, ramp.current);
    this.#mute();
  }

  /** Fade out where the module is muted, and in after that. */
  #mute() {
    const target = this.#isMuted ? 0 : 1;
    if (this.#gain === 1 && target === 1) return;
    for (const channel of this.output) {
      for (let i = 0; i < BLOCK; i++) channel[i] *= this.#gain + ((target - this.#gain) * (i + 1)) / BLOCK;
    }
    this.#gain = target;
    if (this.#isMuted) this.#processor?.reset();
  }

  /** Crossfade from `output` to `fadeIn` within the block. */
  #crossfade() {
    const { output, fadeIn } = this;
    for (let c = 0; c < output.length; c++) {
      const from = output[c];
      const to = fadeIn[c];
      for (let i = 0; i < BLOCK; i++) from[i] += ((i + 1) / BLOCK) * (to[i] - from[i]);
    }
  }

  /** Run a processor; values that cannot be played are muted. @param {Processor} processor @param {Float64Array[]} output @param {Coefficients} coefficients */
  #run(processor, output, coefficients) {
    processor.process(this.input, output, coefficients, this.#position);
    let isValid = true;
    for (const channel of output) {
      for (let i = 0; i < BLOCK; i++) if (!(Math.abs(channel[i]) <= MAX_PEAK)) isValid = false;
    }
    if (isValid) return;
    this.hasFailed = true;
    processor.reset();
    clear(output);
  }
}
