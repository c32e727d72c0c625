import { ClipStore } from "./clip_store.js";
import { Crossfade } from "./crossfade.js";
import { DryWetMix } from "./dry_wet_mix.js";
import { emptyPlayerReport } from "./empty_report.js";
import { framesAhead } from "./frames_ahead.js";
import { LoopRegion } from "./loop_region.js";
import { OutputStage } from "./output_stage.js";

/** @import { Clip } from "./clip.js" */
/** @import { Command, Mode, PlayerReport } from "./messages" */

/** The largest number of frames that are processed at a time: the block size of an AudioWorklet. */
const BLOCK = 128;

/**
 * Plays the input and its renders from one common playhead.
 *
 * Every change of what is played (a new render, bypass, a seek) is a crossfade, so that no change adds a step to the
 * sound. There is one crossfade at a time; changes during it wait for its end, and of several the newest wins. The class
 * does not use Web Audio: the worklet runs it, and so does the page if there is no worklet.
 *
 * `process` allocates nothing.
 */
export class CrossfadePlayer {
  #clips = new ClipStore();
  /** The render that plays, or would play in the mode "wet". @type {Clip | null} */ #render = null;

  /** The playhead, in output frames. */
  #position = 0;
  /** Where to seek at the next opportunity, in output frames; negative if nowhere. */
  #seekTarget = -1;
  #isPlaying = false;
  #hasEnded = false;
  /** @type {Mode} */ #mode = "wet";
  #matchEnabled = false;
  /** The gain in dB that makes the render as loud as the input. @type {number | null} */ #matchGainDb = null;

  /** @param {{ rate: number, outputs: number }} output the sample rate and the number of channels to write */
  constructor({ rate, outputs }) {
    this.rate = rate;
    this.outputs = outputs;
    this.outputStage = new OutputStage({ rate, outputs });
    this.fadeFrames = Math.max(1, Math.round(0.015 * rate));
    this.loopRegion = new LoopRegion(this.fadeFrames);
    /** What plays. */
    this.current = new DryWetMix(outputs, rate);
    this.crossfade = new Crossfade(outputs, rate);
    /** What is to play next. */
    this.target = new DryWetMix(outputs, rate);
    /** The input alone, which is measured and drawn for comparison. */
    this.inputMix = new DryWetMix(outputs, rate);
    /** How much has to be loaded ahead of the playhead before a clip that does not play yet can start. */
    this.leadFrames = Math.round(0.06 * rate);
  }

  /** Execute a command. @param {Command} command */
  handle(command) {
    const { loopRegion } = this;
    if (command.type === "chunk") this.#clips.addChunk(command.chunk, command.samples);
    else if (command.type === "clip") this.#clips.addClip(command.role, command.clip);
    else if (command.type === "play") this.#play(command.on);
    else if (command.type === "loop") loopRegion.enabled = command.on;
    else if (command.type === "mode") this.#mode = command.mode;
    else if (command.type === "match") this.#matchEnabled = command.on;
    else if (command.type === "match-gain") this.#clips.setMatchGain(command.seq, command.matchGainDb);
    else if (command.type === "select")
      loopRegion.select(this.#toFrame(command.start), this.#toFrame(command.end));
    else if (command.type === "seek") this.#seekTarget = this.#toFrame(command.seconds);
    if (!this.#isAudible) this.#update();
    this.#clips.removeUnused((clip) => {
      return clip === this.#render || this.current.contains(clip) || this.crossfade.previous.contains(clip);
    });
  }

  /**
   * Return the clips and the settings as commands for another player. The buffers are transferred to it, so this player
   * cannot be used any longer.
   *
   * @returns {Command[]}
   */
  exportCommands() {
    const { loopRegion, rate } = this;
    return [
      ...this.#clips.exportCommands(),
      { type: "loop", on: loopRegion.enabled },
      { type: "select", start: loopRegion.start / rate, end: loopRegion.end / rate },
      { type: "mode", mode: this.#mode },
      { type: "match", on: this.#matchEnabled },
      { type: "seek", seconds: this.#position / rate },
    ];
  }

  /** Length of the sound in output frames. */
  get length() {
    const { newest, complete, dry } = this.#clips;
    const clip = this.#render ?? newest ?? complete ?? dry;
    return clip ? Math.max(1, Math.ceil((clip.frames * this.rate) / clip.rate)) : 0;
  }

  /** The playhead, in frames at the rate of the player. */
  get frame() {
    return this.#position;
  }

  /** Write the state to `report`, and return it. @param {PlayerReport} report */
  readReport(report = emptyPlayerReport()) {
    // A seek is not carried out before the current fade ends, and after the fade of a pause nothing is reported any more.
    const position = this.#seekTarget >= 0 ? Math.min(this.#seekTarget, this.length) : this.#position;
    report.position = position / this.rate;
    report.seq = this.seq;
    report.ended = this.#hasEnded;
    report.waiting = this.#isPlaying && this.current.isSilent;
    report.matchGainDb = this.#matchGainDb;
    const { newest, dry } = this.#clips;
    report.wetAhead = this.#framesAhead(newest) / this.rate;
    report.dryAhead = this.#framesAhead(dry) / this.rate;
    this.#hasEnded = false;
    return report;
  }

  get isPlaying() {
    return this.#isPlaying;
  }

  /** The number of channels that differ in what plays; a mono clip is copied to all outputs. */
  get channels() {
    return Math.max(this.current.wet?.channels ?? 1, this.current.dry?.channels ?? 1);
  }

  get inputChannels() {
    return this.#clips.dry?.channels ?? 1;
  }

  /** The number of the render that plays, or would play in the mode "wet". */
  get seq() {
    return this.#render?.seq ?? 0;
  }

  /** @param {number} seconds */
  #toFrame(seconds) {
    return Math.max(0, Math.round(seconds * this.rate));
  }

  get #isAudible() {
    return this.#isPlaying || this.outputStage.gain > 0;
  }

  /** @param {boolean} on */
  #play(on) {
    if (on && !this.#isPlaying && this.#position >= this.length)
      this.#position = this.loopRegion.resumeFrame(0);
    this.#isPlaying = on;
  }

  /** @param {Clip | null} clip */
  #framesAhead(clip) {
    return framesAhead(clip, this.#position, this.rate, this.loopRegion);
  }

  /** Return the newest render that is loaded at the playhead, or the last complete one if newer ones have a gap there. */
  #chooseRender() {
    const { newest, complete } = this.#clips;
    const current = this.#render;
    const enough = this.fadeFrames + BLOCK;
    if (newest && newest !== current && this.#framesAhead(newest) >= this.leadFrames) return newest;
    if (current && this.#framesAhead(current) > enough) return current;
    if (complete && complete !== current && this.#framesAhead(complete) > enough) return complete;
    // There is nothing to fall back on: fade out while there are frames left for a fade.
    return null;
  }

  /**
   * Set the target by the mode. If the mode needs the input and that is not loaded at the playhead, what plays goes on; if
   * that is the input itself, it is faded out.
   */
  #setTarget() {
    const { target, current } = this;
    const render = this.#render;
    const { dry } = this.#clips;
    // If the gain of a new render is not known yet, the gain of the last one is used, so that the level changes only once.
    if (render?.matchGainDb !== undefined) this.#matchGainDb = render.matchGainDb;
    const gain = this.#matchEnabled && this.#matchGainDb !== null ? 10 ** (this.#matchGainDb / 20) : 1;
    const needed = current.dry === dry ? this.fadeFrames + BLOCK : this.leadFrames;
    const inputIsLoaded = dry && this.#framesAhead(dry) >= needed;
    if (this.#mode === "wet" || (!dry && current.isSilent)) target.set(render, gain, null, 0);
    else if (!inputIsLoaded && dry && current.dry === dry) target.clear();
    else if (!inputIsLoaded) target.copyFrom(current);
    else if (this.#mode === "dry") target.set(null, 0, dry, 1);
    else target.set(render, gain, render && dry, -1);
  }

  /** Carry out a seek, a loop or a change of the render or the mode, by a crossfade, unless one is running. */
  #update() {
    const { current, crossfade, loopRegion, outputStage } = this;
    if (crossfade.isActive) {
      if (this.#isAudible) return;
      // A pause has ended the crossfade early.
      crossfade.cancel();
    }
    const oldPosition = this.#position;
    const ahead = current.isSilent
      ? this.fadeFrames
      : Math.min(this.#framesAhead(current.wet), this.#framesAhead(current.dry));
    loopRegion.length = this.length;
    if (this.#seekTarget >= 0) {
      this.#position = Math.min(this.#seekTarget, this.length);
      this.#seekTarget = -1;
    } else if (
      this.#isAudible &&
      loopRegion.contains(oldPosition) &&
      oldPosition >= loopRegion.seam(oldPosition)
    ) {
      this.#position = loopRegion.wrap(oldPosition);
    }
    this.#render = this.#chooseRender();
    loopRegion.length = this.length;
    if (this.#position >= this.length && this.#isAudible && this.length > 0) {
      if (loopRegion.enabled) this.#position = loopRegion.resumeFrame(0);
      else this.#stopAtEnd();
      this.#render = this.#chooseRender();
    }
    this.#setTarget();
    if (this.target.equals(current) && this.#position === oldPosition) return;
    if (outputStage.gain > 0) {
      const length = Math.min(this.fadeFrames, Math.floor(ahead));
      // If hardly any frames are left for a fade, the output stage smooths the discontinuity.
      const isTooShort = length < outputStage.rampFrames;
      if (isTooShort) outputStage.isDiscontinuous = true;
      crossfade.start(current, oldPosition, isTooShort ? 0 : length);
    }
    current.copyFrom(this.target);
  }

  #stopAtEnd() {
    this.#hasEnded = true;
    this.#isPlaying = false;
    this.outputStage.gain = 0;
    this.outputStage.isDiscontinuous = true;
    this.#position = this.length;
  }

  /**
   * Write the next frames.
   *
   * @param {Float32Array[]} out one array per channel
   * @param {number} count frames
   * @param {Float32Array[]} [input] is filled with the input at the playhead, whatever plays
   */
  process(out, count, input) {
    const { current, crossfade, inputMix } = this;
    let done = 0;
    while (done < count) {
      let run = Math.min(BLOCK, count - done);
      this.#update();
      const isFading = crossfade.isActive;
      const advances = this.#isAudible && (!current.isSilent || isFading);
      if (advances) {
        run = Math.max(1, Math.min(run, this.length - this.#position));
        const untilSeam = this.loopRegion.seam(this.#position) - this.#position;
        if (isFading) run = crossfade.limit(run, this.length);
        else if (untilSeam > 0) run = Math.min(run, untilSeam);
      }
      for (let o = 0; o < this.outputs; o++) {
        out[o].fill(0, done, done + run);
        input?.[o].fill(0, done, done + run);
      }
      if (advances) {
        if (isFading) crossfade.mix(current, this.#position, out, done, run);
        else current.mix(this.#position, out, done, run, 1, 0);
        if (input) {
          inputMix.set(null, 0, this.#clips.dry, 1);
          inputMix.mix(this.#position, input, done, run, 1, 0);
        }
      }
      this.outputStage.process(out, done, run, this.#isPlaying);
      if (advances) this.#advance(run);
      done += run;
    }
  }

  /** Move the playheads on. @param {number} frames */
  #advance(frames) {
    const { crossfade, loopRegion, outputStage, length } = this;
    this.#position += frames;
    if (crossfade.isActive && crossfade.advance(frames, length)) {
      // Only a loop of the entire sound continues at its start; otherwise what is being faded out ends here.
      if (!loopRegion.enabled || loopRegion.contains(0)) {
        crossfade.previous.clear();
        outputStage.isDiscontinuous = true;
      }
    }
    if (this.#position < length) return;
    if (!loopRegion.enabled) {
      this.#stopAtEnd();
      return;
    }
    this.#position = loopRegion.resumeFrame(0);
    if (loopRegion.contains(0) || this.current.clicksAtSeam) outputStage.isDiscontinuous = true;
  }
}
