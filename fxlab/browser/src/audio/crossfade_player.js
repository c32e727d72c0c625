import { ClipStore } from "./clip_store.js";
import { DryWetMix } from "./dry_wet_mix.js";
import { LoopRegion } from "./loop_region.js";
import { OutputStage } from "./output_stage.js";

/** @import { Clip } from "./clip.js" */
/** @import { Command, Mode, PlayerReport } from "./messages" */

/** Frames handled at a time; an AudioWorklet's own block. */
const BLOCK = 128;

/**
 * The one read position over the input and its renders.
 *
 * Everything that changes what is heard (a new render, bypass, a seek) is a crossfade, one at a time, so
 * that no change can put a step into the sound; what comes meanwhile waits for its end, the newest first.
 * Free of Web Audio: the worklet runs it, and so does the page where there is no worklet.
 *
 * `process` allocates nothing.
 */
export class CrossfadePlayer {
  #shelf = new ClipStore();
  /** The render that sounds, or would if the mode were so. @type {Clip | null} */ #wet = null;

  /** In frames of the output, as all that follows. */ #position = 0;
  #fromPosition = 0;
  #fadeLength = 0;
  #fadeLeft = 0;
  #seek = -1;
  #playing = false;
  #ended = false;
  /** @type {Mode} */ #mode = "wet";
  #match = false;
  /** dB @type {number | null} */ #matched = null;

  /** @param {{ rate: number, outputs: number }} output the sample rate and the channels to write */
  constructor({ rate, outputs }) {
    this.rate = rate;
    this.outputs = outputs;
    this.outlet = new OutputStage({ rate, outputs });
    this.fade = Math.max(1, Math.round(0.015 * rate));
    this.loopRegion = new LoopRegion(this.fade);
    /** What sounds, what fades out under it, and what is about to sound. */
    this.voice = new DryWetMix(outputs, rate);
    this.from = new DryWetMix(outputs, rate);
    this.goal = new DryWetMix(outputs, rate);
    /** The input alone, for whoever compares. */
    this.aside = new DryWetMix(outputs, rate);
    /** What has to lie ahead before a render that does not sound yet may take over. */
    this.need = Math.round(0.06 * rate);
  }

  /** @param {Command} command */
  handle(command) {
    const { loopRegion } = this;
    if (command.type === "piece") this.#shelf.put(command.piece, command.samples);
    else if (command.type === "take") this.#shelf.adopt(command.role, command.take);
    else if (command.type === "play") this.#play(command.on);
    else if (command.type === "loop") loopRegion.enabled = command.on;
    else if (command.type === "mode") this.#mode = command.mode;
    else if (command.type === "match") this.#match = command.on;
    else if (command.type === "matched") this.#shelf.match(command.seq, command.match);
    else if (command.type === "select")
      loopRegion.select(this.#frame(command.start), this.#frame(command.end));
    else if (command.type === "seek") this.#seek = this.#frame(command.seconds);
    if (!this.#audible) this.#decide();
    this.#shelf.sweep((take) => take === this.#wet || this.voice.holds(take) || this.from.holds(take));
  }

  /**
   * All it has, as commands for another reader. The buffers are handed over: this reader is done.
   *
   * @returns {Command[]}
   */
  release() {
    const { loopRegion, rate } = this;
    return [
      ...this.#shelf.commands(),
      { type: "loop", on: loopRegion.enabled },
      { type: "select", start: loopRegion.start / rate, end: loopRegion.end / rate },
      { type: "mode", mode: this.#mode },
      { type: "match", on: this.#match },
      { type: "seek", seconds: this.#position / rate },
    ];
  }

  /** Frames of output from the start to the end or the loop's seam. */
  get length() {
    const { newest, complete, dry } = this.#shelf;
    const take = this.#wet ?? newest ?? complete ?? dry;
    return take ? Math.max(1, Math.ceil((take.frames * this.rate) / take.rate)) : 0;
  }

  /** @param {PlayerReport} report filled in, and returned */
  look(
    report = { position: 0, seq: 0, ended: false, waiting: false, match: null, wetAhead: 0, dryAhead: 0 },
  ) {
    // A seek waits for the fade under way, and of a pause nothing is reported after it.
    report.position = (this.#seek >= 0 ? Math.min(this.#seek, this.length) : this.#position) / this.rate;
    report.seq = this.seq;
    report.ended = this.#ended;
    report.waiting = this.#playing && this.voice.silent;
    report.match = this.#matched;
    const { newest, dry } = this.#shelf;
    report.wetAhead = this.#ahead(newest) / this.rate;
    report.dryAhead = this.#ahead(dry) / this.rate;
    this.#ended = false;
    return report;
  }

  get playing() {
    return this.#playing;
  }

  /** Channels of what sounds: one alone goes to all ears. */
  get width() {
    return Math.max(this.voice.wet?.channels ?? 1, this.voice.dry?.channels ?? 1);
  }

  get inputWidth() {
    return this.#shelf.dry?.channels ?? 1;
  }

  /** The number of the render that sounds, or would if the mode were so. */
  get seq() {
    return this.#wet?.seq ?? 0;
  }

  /** @param {number} seconds */
  #frame(seconds) {
    return Math.max(0, Math.round(seconds * this.rate));
  }

  get #audible() {
    return this.#playing || this.outlet.level > 0;
  }

  /** @param {boolean} on */
  #play(on) {
    if (on && !this.#playing && this.#position >= this.length)
      this.#position = this.loopRegion.resumeFrame(0);
    this.#playing = on;
  }

  /**
   * @param {Clip | null} take
   * @returns {number} frames of output that can be read from the playhead on, through the loop's seam
   */
  #ahead(take) {
    const { loopRegion, fade } = this;
    const ratio = (take?.rate ?? 0) / this.rate;
    const frame = Math.floor(this.#position * ratio);
    if (!take || frame >= take.frames) return Number.POSITIVE_INFINITY;
    const seam = Math.max(frame, Math.floor(loopRegion.seam(this.#position) * ratio));
    // What fades out at the seam of a part goes on beyond it.
    const end = Math.min(take.frames, seam + Math.ceil(fade * ratio));
    const until = take.loadedUntil(frame);
    if (until < end) return (until - frame) / ratio;
    if (!loopRegion.enabled) return Number.POSITIVE_INFINITY;
    const start = Math.floor(loopRegion.resumeFrame(this.#position) * ratio);
    const again = take.loadedUntil(start);
    if (again >= end) return Number.POSITIVE_INFINITY;
    return (seam - frame + again - start) / ratio;
  }

  /** The newest render that can be read here; the last complete one where newer ones have a gap. */
  #choose() {
    const { newest, complete } = this.#shelf;
    const wet = this.#wet;
    if (newest && newest !== wet && this.#ahead(newest) >= this.need) return newest;
    if (wet && this.#ahead(wet) > this.fade + BLOCK) return wet;
    if (complete && complete !== wet && this.#ahead(complete) > this.fade + BLOCK) return complete;
    // Nothing to fall back on: fade out while there is something left to fade.
    return null;
  }

  /** What the mode makes of the render and the input; what sounds goes on while the input is not there. */
  #aim() {
    const { goal, voice } = this;
    const wet = this.#wet;
    const { dry } = this.#shelf;
    // A render whose match is not known yet gets the one before's, so that the level does not jump twice.
    if (wet?.match !== undefined) this.#matched = wet.match;
    const gain = this.#match && this.#matched !== null ? 10 ** (this.#matched / 20) : 1;
    const there = dry && this.#ahead(dry) >= (voice.dry === dry ? this.fade + BLOCK : this.need);
    if (this.#mode === "wet" || (!dry && voice.silent)) goal.set(wet, gain, null, 0);
    else if (!there && dry && voice.dry === dry) goal.clear();
    else if (!there) goal.copy(voice);
    else if (this.#mode === "dry") goal.set(null, 0, dry, 1);
    else goal.set(wet, gain, wet && dry, -1);
  }

  /** Start the next crossfade, if what should sound is not what sounds. */
  #decide() {
    const { voice, from, loopRegion, outlet } = this;
    if (this.#fadeLeft > 0) {
      if (this.#audible) return;
      // A pause has ended it before its time.
      this.#fadeLeft = 0;
      from.clear();
    }
    const before = this.#position;
    const ahead = voice.silent ? this.fade : Math.min(this.#ahead(voice.wet), this.#ahead(voice.dry));
    loopRegion.length = this.length;
    if (this.#seek >= 0) {
      this.#position = Math.min(this.#seek, this.length);
      this.#seek = -1;
    } else if (this.#audible && loopRegion.contains(before) && before >= loopRegion.seam(before)) {
      this.#position = loopRegion.wrap(before);
    }
    this.#wet = this.#choose();
    loopRegion.length = this.length;
    if (this.#position >= this.length && this.#audible && this.length > 0) {
      if (loopRegion.enabled) this.#position = loopRegion.resumeFrame(0);
      else this.#end();
      this.#wet = this.#choose();
    }
    this.#aim();
    if (this.goal.same(voice) && this.#position === before) return;
    if (outlet.level > 0) {
      const length = Math.min(this.fade, Math.floor(ahead));
      // With next to nothing left to fade out, the outlet mends the break.
      const short = length < outlet.ramp;
      if (short) outlet.broken = true;
      if (short) from.clear();
      else from.copy(voice);
      this.#fromPosition = before;
      this.#fadeLeft = this.#fadeLength = short ? 0 : length;
    }
    voice.copy(this.goal);
  }

  #end() {
    this.#ended = true;
    this.#playing = false;
    this.outlet.level = 0;
    this.outlet.broken = true;
    this.#position = this.length;
  }

  /**
   * @param {Float32Array[]} out one array a channel
   * @param {number} count frames to write
   * @param {Float32Array[]} [input] written with the input where the playhead is, whatever is heard
   */
  process(out, count, input) {
    const { voice, from, aside } = this;
    let done = 0;
    while (done < count) {
      let run = Math.min(BLOCK, count - done);
      this.#decide();
      const fading = this.#fadeLeft > 0;
      const rolling = this.#audible && (!voice.silent || fading);
      if (rolling) {
        run = Math.max(1, Math.min(run, this.length - this.#position));
        const seam = this.loopRegion.seam(this.#position) - this.#position;
        if (fading) run = Math.min(run, this.#fadeLeft);
        else if (seam > 0) run = Math.min(run, seam);
        if (fading && this.#fromPosition < this.length) run = Math.min(run, this.length - this.#fromPosition);
      }
      for (let o = 0; o < this.outputs; o++) {
        out[o].fill(0, done, done + run);
        input?.[o].fill(0, done, done + run);
      }
      if (rolling) {
        if (fading) {
          const slope = 1 / (this.#fadeLength + 1);
          const gain = (this.#fadeLength - this.#fadeLeft + 1) * slope;
          voice.mix(this.#position, out, done, run, gain, slope);
          from.mix(this.#fromPosition, out, done, run, 1 - gain, -slope);
        } else voice.mix(this.#position, out, done, run, 1, 0);
        if (input) {
          aside.set(null, 0, this.#shelf.dry, 1);
          aside.mix(this.#position, input, done, run, 1, 0);
        }
      }
      this.outlet.pass(out, done, run, this.#playing);
      if (rolling) this.#advance(run, fading);
      done += run;
    }
  }

  /** @param {number} run @param {boolean} fading */
  #advance(run, fading) {
    const { from, loopRegion, outlet, length } = this;
    this.#position += run;
    if (fading) {
      this.#fromPosition += run;
      this.#fadeLeft -= run;
      if (this.#fromPosition === length) {
        this.#fromPosition = 0;
        // Only the whole goes on where it begins; anything else ends here.
        if (!loopRegion.enabled || loopRegion.contains(0)) {
          from.clear();
          outlet.broken = true;
        }
      }
      if (this.#fadeLeft === 0) from.clear();
    }
    if (this.#position < length) return;
    if (!loopRegion.enabled) {
      this.#end();
      return;
    }
    this.#position = loopRegion.resumeFrame(0);
    if (loopRegion.contains(0) || this.voice.roughSeam) outlet.broken = true;
  }
}
