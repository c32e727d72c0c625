import { CrossfadePlayer } from "./crossfade_player.js";
import { DelayLine } from "./delay_line.js";
import { emptyPlayerReport } from "./empty_report.js";
import { BLOCK, LiveProgram } from "./live_program.js";
import { OutputStage } from "./output_stage.js";
import { RateConverter } from "./rate_converter.js";

/** @import { Program } from "../engine/program" */
/** @import { Command, Mode, PlayerReport } from "./messages" */

/** How long a change between output, input and difference takes, in seconds. */
const MODE_FADE = 0.015;

/** A value that moves to its target by the same amount each frame. */
class Gain {
  #target;
  #step = 0;

  /** @param {number} value @param {number} frames the length of a ramp */
  constructor(value, frames) {
    this.value = value;
    this.#target = value;
    this.frames = frames;
  }

  /** @param {number} target */
  moveTo(target) {
    if (target === this.#target) return;
    this.#target = target;
    this.#step = (target - this.value) / this.frames;
  }

  next() {
    if (this.value !== this.#target) {
      this.value += this.#step;
      if ((this.value - this.#target) * this.#step >= 0) this.value = this.#target;
    }
    return this.value;
  }
}

/**
 * Plays the input of a panel through a compiled module, block by block, as an effect unit does: nothing is rendered ahead,
 * and seeks and loops are crossfaded in the input, so that what has been heard rings on. It stands in the place of a
 * CrossfadePlayer, which plays renders.
 *
 * Everything runs at the sample rate of the sound. If the output has another one, the result is converted.
 */
export class LivePlayer {
  /** @type {Mode} */ #mode = "wet";
  #matchEnabled = false;
  /** @type {number | null} */ #matchGainDb = null;
  /** The design that plays, for another player. @type {Extract<Command, { type: "design" }> | null} */ #design =
    null;
  #hasFailed = false;
  #wasAudible = false;
  /** Frames of the current block that have not been written yet. */ #left = 0;
  /** The number of the design that plays. */ seq = 0;
  /** The number of the design that plays from the next block on. */ #nextSeq = 0;

  /** @param {{ rate: number, outputs: number, program: Program }} options `rate` and `outputs` are those of the output */
  constructor({ rate, outputs, program }) {
    this.rate = rate;
    this.outputs = outputs;
    this.program = program;
    this.source = new CrossfadePlayer({ rate: program.rate, outputs: program.channels });
    this.source.handle({ type: "mode", mode: "dry" });
    this.live = new LiveProgram(program);
    this.outputStage = new OutputStage({ rate: program.rate, outputs });
    const fade = Math.round(MODE_FADE * program.rate);
    this.wetGain = new Gain(1, fade);
    this.dryGain = new Gain(0, fade);
    const createBlock = (/** @type {number} */ channels) =>
      Array.from({ length: channels }, () => new Float32Array(BLOCK));
    /** The input of the module, at the rate of the sound. */
    this.dry = createBlock(program.channels);
    /** Delays the input as much as the output is late, for the difference. */
    this.dryLine = new DelayLine(program.lag ?? 0, program.channels);
    /** The next block of the output, and the input for it, mixed to the channels of the output. */
    this.block = createBlock(outputs);
    this.inputBlock = createBlock(outputs);
    this.converter =
      rate === program.rate
        ? null
        : new RateConverter({ from: program.rate, to: rate, channels: 2 * outputs });
  }

  /** Execute a command. @param {Command} command */
  handle(command) {
    if (command.type === "design") {
      this.#design = command;
      this.#nextSeq = command.seq;
      if (!this.#wasAudible) this.seq = command.seq;
      this.live.setDesign(command.coefficients);
    } else if (command.type === "mode") this.#mode = command.mode;
    else if (command.type === "match") this.#matchEnabled = command.on;
    else if (command.type === "match-gain") this.#matchGainDb = command.matchGainDb;
    else if (command.type !== "chunk" || command.chunk.dry) this.source.handle(command);
    const gain = this.#matchEnabled && this.#matchGainDb !== null ? 10 ** (this.#matchGainDb / 20) : 1;
    this.wetGain.moveTo(this.#mode === "dry" ? 0 : gain);
    this.dryGain.moveTo({ wet: 0, dry: 1, difference: -1 }[this.#mode]);
  }

  /** Return the clips and the settings as commands for another player; this one is finished. @returns {Command[]} */
  exportCommands() {
    return [
      ...this.source.exportCommands().filter(({ type }) => type !== "mode" && type !== "match"),
      ...(this.#design ? [this.#design] : []),
      { type: "mode", mode: this.#mode },
      { type: "match", on: this.#matchEnabled },
      { type: "match-gain", seq: this.#nextSeq, matchGainDb: this.#matchGainDb },
    ];
  }

  /** Write the state to `report`, and return it. @param {PlayerReport} report */
  readReport(report = emptyPlayerReport()) {
    this.source.readReport(report);
    report.seq = this.seq;
    report.matchGainDb = this.#matchGainDb;
    // A live module computes its output from the input, so both are available equally far ahead.
    report.wetAhead = report.dryAhead;
    return report;
  }

  /** Whether a processor has failed since the last call. */
  takeFailure() {
    const failed = this.#hasFailed || this.live.hasFailed;
    this.#hasFailed = this.live.hasFailed = false;
    return failed;
  }

  get isPlaying() {
    return this.source.isPlaying;
  }

  get channels() {
    return Math.max(this.program.outputChannels, this.#mode === "wet" ? 1 : this.program.channels);
  }

  get inputChannels() {
    return this.program.channels;
  }

  /**
   * Write the next frames.
   *
   * @param {Float32Array[]} out one array per channel
   * @param {number} count frames
   * @param {Float32Array[]} [input] is filled with the input at the playhead
   */
  process(out, count, input) {
    const { converter, outputs } = this;
    if (!this.isPlaying && this.outputStage.gain === 0) {
      // The tail is cut: the next play starts from silence.
      this.#wasAudible = false;
      for (let o = 0; o < outputs; o++) {
        out[o].fill(0, 0, count);
        input?.[o].fill(0, 0, count);
      }
      return;
    }
    if (!this.#wasAudible) this.#restart();
    for (let done = 0; done < count; ) {
      if (converter) {
        if (converter.available === 0) this.#fillConverter(converter);
        const run = Math.min(count - done, converter.available);
        converter.read(run, (c, frame, value) => {
          if (c < outputs) out[c][done + frame] = value;
          else if (input) input[c - outputs][done + frame] = value;
        });
        done += run;
        continue;
      }
      if (this.#left === 0) this.#nextBlock();
      const start = BLOCK - this.#left;
      const run = Math.min(count - done, this.#left);
      for (let o = 0; o < outputs; o++) {
        out[o].set(this.block[o].subarray(start, start + run), done);
        input?.[o].set(this.inputBlock[o].subarray(start, start + run), done);
      }
      this.#left -= run;
      done += run;
    }
  }

  #restart() {
    this.#wasAudible = true;
    this.#left = 0;
    this.live.reset();
    this.dryLine.reset();
    this.converter?.reset();
  }

  /** @param {RateConverter} converter */
  #fillConverter(converter) {
    while (converter.available === 0) {
      this.#nextBlock();
      this.#left = 0;
      converter.write([...this.block, ...this.inputBlock]);
    }
  }

  /** Compute the next 128 frames, at the rate of the sound. */
  #nextBlock() {
    const { source, live, dry, block, inputBlock, outputs } = this;
    source.process(dry, BLOCK);
    for (let c = 0; c < dry.length; c++) live.input[c].set(dry[c]);
    // Behind the end of the sound, time goes on for what rings on.
    const start = Math.max(0, source.frame - BLOCK);
    live.process(source.isPlaying ? start - (start % BLOCK) : undefined);
    this.dryLine.process(dry);
    this.seq = this.#nextSeq;
    for (let o = 0; o < outputs; o++) {
      block[o].fill(0);
      inputBlock[o].fill(0);
      addFolded(live.output, block[o], o, outputs);
      addFolded(dry, inputBlock[o], o, outputs);
    }
    for (let i = 0; i < BLOCK; i++) {
      const wet = this.wetGain.next();
      const direct = this.dryGain.next();
      for (let o = 0; o < outputs; o++) block[o][i] = wet * block[o][i] + direct * inputBlock[o][i];
    }
    this.outputStage.process(block, 0, BLOCK, source.isPlaying);
    this.#left = BLOCK;
  }
}

/**
 * Add the channels that an output plays: a mono sound is copied to the first two, and channels beyond the outputs are folded,
 * with two outputs the odd ones to the left and the even ones to the right.
 *
 * @param {(Float64Array | Float32Array)[]} channels @param {Float32Array} out @param {number} index @param {number} outputs
 */
function addFolded(channels, out, index, outputs) {
  const share = 1 / Math.ceil(channels.length / outputs);
  const first = channels.length === 1 && index === 1 ? 0 : index;
  for (let c = first; c < channels.length; c += outputs) {
    for (let i = 0; i < out.length; i++) out[i] += share * channels[c][i];
  }
}
