import { CrossfadePlayer } from "./crossfade_player.js";
import { emptyReport } from "./empty_report.js";
import { Limiter } from "./limiter.js";
import { Meter } from "./meter.js";

/** @import { Command, LivePlayback, Report } from "./messages" */

/** How long a change of the volume takes, in seconds. */
const VOLUME_RAMP = 0.03;

/**
 * The signal chain from the player to the loudspeaker: meters, volume, limiter. Values that are not finite are muted here.
 *
 * The worklet runs it, and so does the page if there is no worklet. `process` allocates nothing.
 */
export class Monitor {
  #volume = 1;
  #targetVolume = 1;
  #volumeStep = 0;
  #hasInvalidSamples = false;

  /** @param {{ rate: number, outputs: number, player?: LivePlayback | undefined }} options `player`: what plays instead of renders */
  constructor({ rate, outputs, player }) {
    this.rate = rate;
    this.outputs = outputs;
    /** @type {CrossfadePlayer | LivePlayback} */
    this.player = player ?? new CrossfadePlayer({ rate, outputs });
    this.limiter = new Limiter({ rate, outputs });
    this.outputMeter = new Meter({ rate, outputs });
    this.inputMeter = new Meter({ rate, outputs });
    /** @type {Float32Array[]} */ this.input = [];
    this.report = emptyReport();
  }

  /** Execute a command. @param {Command} command */
  handle(command) {
    if (command.type === "volume") this.#setVolume(command.gain);
    else if (command.type === "limiter") this.limiter.enabled = command.on;
    else if (command.type === "chunk") this.#addChunk(command);
    else this.player.handle(command);
  }

  /** Add a chunk; it is silent if its scale is not finite. @param {Extract<Command, { type: "chunk" }>} command */
  #addChunk({ type, chunk, samples }) {
    const isValid = Number.isFinite(chunk.scale);
    if (!isValid) this.#hasInvalidSamples = true;
    this.player.handle({ type, chunk: isValid ? chunk : { ...chunk, scale: 0 }, samples });
  }

  /** @param {number} gain */
  #setVolume(gain) {
    this.#targetVolume = gain;
    this.#volumeStep = (gain - this.#volume) / Math.max(1, Math.round(VOLUME_RAMP * this.rate));
    // In silence no ramp is needed.
    if (!this.player.isPlaying) this.#volume = gain;
  }

  /** Return the clips and the settings as commands for another monitor; this one is finished. @returns {Command[]} */
  exportCommands() {
    return [
      ...this.player.exportCommands(),
      { type: "volume", gain: this.#targetVolume },
      { type: "limiter", on: this.limiter.enabled },
    ];
  }

  /** Return the state and the levels since the last call, in an object that is reused. @returns {Report} */
  readReport() {
    const { report, player, limiter } = this;
    player.readReport(report);
    const hasFailed = "takeFailure" in player && player.takeFailure();
    report.hasInvalidSamples = this.#hasInvalidSamples || hasFailed;
    report.peak = limiter.peak;
    report.gain = limiter.lowestGain;
    report.time = Date.now();
    this.outputMeter.read(report.output);
    this.inputMeter.read(report.input);
    this.#hasInvalidSamples = false;
    limiter.peak = 0;
    limiter.lowestGain = 1;
    return report;
  }

  /**
   * Write the next frames.
   *
   * @param {Float32Array[]} out one array per channel
   * @param {number} count frames
   * @param {Float32Array[][]} [nodeOutputs] all outputs of the audio node. Outputs 1 to 4, of one channel each, are for
   *   spectrum analysers: two channels of what is played, before the volume, then two channels of the input
   */
  process(out, count, nodeOutputs) {
    const { player, input } = this;
    // This happens only once, because all blocks have the same length.
    if (input[0]?.length !== count) {
      this.input = Array.from({ length: this.outputs }, () => new Float32Array(count));
    }
    player.process(out, count, this.input);
    this.#muteInvalid(out, count);
    this.outputMeter.measure(out, count, player.channels);
    this.inputMeter.measure(this.input, count, player.inputChannels);
    if (nodeOutputs) {
      for (let c = 0; c < 2 && c < this.outputs; c++) {
        nodeOutputs[1 + c][0]?.set(out[c]);
        nodeOutputs[3 + c][0]?.set(this.input[c]);
      }
    }
    this.#applyVolume(out, count);
    this.limiter.process(out, count);
  }

  /** Mute a block that contains values that are not finite. @param {Float32Array[]} out @param {number} count */
  #muteInvalid(out, count) {
    let sum = 0;
    for (let c = 0; c < this.outputs; c++) for (let i = 0; i < count; i++) sum += out[c][i];
    if (Number.isFinite(sum)) return;
    this.#hasInvalidSamples = true;
    for (let c = 0; c < this.outputs; c++) out[c].fill(0, 0, count);
  }

  /** @param {Float32Array[]} out @param {number} count */
  #applyVolume(out, count) {
    if (this.#volume === 1 && this.#targetVolume === 1) return;
    let volume = this.#volume;
    for (let i = 0; i < count; i++) {
      if (volume !== this.#targetVolume) {
        volume += this.#volumeStep;
        if ((volume - this.#targetVolume) * this.#volumeStep >= 0) volume = this.#targetVolume;
      }
      for (let c = 0; c < this.outputs; c++) out[c][i] *= volume;
    }
    this.#volume = volume;
  }
}
