import { PAGE, SamplePages, Spare } from "./sample_pages.js";

/** @import { Segment, ClipData } from "./messages" */

/**
 * What a sound may take here, in bytes: no less than the kernel sends whole, some 45 s of stereo. Of a longer one what
 * came last is kept, which is what lies before and behind the playhead.
 */
export const MOST = 8e6;

/**
 * One sound, the input or one render of it, as it arrives piece by piece.
 *
 * Samples stay as the 16-bit integers that were sent, channel after channel; a piece's scale goes with
 * its segment. Segments are sorted and never overlap.
 */
export class Clip {
  /**
   * @param {{ seq: number, take: number, frames: number, channels: number, rate: number,
   *   match?: number | null | undefined }} header
   * @param {Spare} [spare]
   * @param {Map<number, Int16Array>} [held]
   */
  constructor({ seq, take, frames, channels, rate, match }, spare = new Spare(), held = new Map()) {
    this.seq = seq;
    this.take = take;
    this.frames = frames;
    this.channels = channels;
    this.rate = rate;
    /** The gain in dB that makes it as loud as the input; null: there is none; undefined: it is not known yet. */
    this.match = match;
    this.pages = new SamplePages(channels, spare, held);
    /** @type {Segment[]} */
    this.segments = [];
    /** All that was to come of it at first is there. */
    this.settled = false;
  }

  /** @param {ClipData} from @param {Spare} spare */
  static of(from, spare) {
    const take = new Clip(from, spare, from.held);
    take.segments = from.segments;
    take.settled = from.settled;
    return take;
  }

  /** All of it, as it goes to another thread. @returns {ClipData} */
  get data() {
    const { seq, take, frames, channels, rate, match, segments, settled } = this;
    return { seq, take, frames, channels, rate, match, held: this.pages.held, segments, settled };
  }

  /**
   * @param {{ take: number, frames: number, channels: number, rate: number }} header
   * @returns {boolean} whether a piece with that header is a piece of this take
   */
  fits({ take, frames, channels, rate }) {
    return this.take === take && this.frames === frames && this.channels === channels && this.rate === rate;
  }

  /**
   * @param {number} start
   * @param {number} count
   * @param {number} scale
   * @param {Int16Array} samples planar, channels × count
   */
  write(start, count, scale, samples) {
    const end = Math.min(start + count, this.frames);
    if (start < 0 || end <= start) return;
    this.pages.write(start, end, samples, count);
    this.#clear({ start, end }).push({ start, end, scale });
    while (this.pages.bytes > MOST) {
      const first = this.pages.drop();
      this.#clear({ start: first, end: first + PAGE });
    }
    this.segments.sort((a, b) => a.start - b.start);
  }

  /** @param {{ start: number, end: number }} piece @returns {Segment[]} what is left beside it */
  #clear(piece) {
    /** @type {Segment[]} */
    const kept = [];
    for (const old of this.segments) {
      if (old.end <= piece.start || old.start >= piece.end) {
        kept.push(old);
        continue;
      }
      if (old.start < piece.start) kept.push({ ...old, end: piece.start });
      if (old.end > piece.end) kept.push({ ...old, start: piece.end });
    }
    this.segments = kept;
    return kept;
  }

  /**
   * @param {number} frame
   * @returns {number} the end of what is loaded without a gap from `frame` on; `frame` where nothing is
   */
  loadedUntil(frame) {
    let until = frame;
    for (let i = 0; i < this.segments.length; i++) {
      const segment = this.segments[i];
      if (segment.start <= until && segment.end > until) until = segment.end;
    }
    return until;
  }

  get complete() {
    return this.loadedUntil(0) >= this.frames;
  }

  /**
   * @param {number} channel
   * @param {number} frame
   * @returns {number} the sample; 0 where nothing is loaded
   */
  sample(channel, frame) {
    for (let i = 0; i < this.segments.length; i++) {
      const { start, end, scale } = this.segments[i];
      if (frame >= start && frame < end) return this.pages.at(channel, frame) * scale;
    }
    return 0;
  }

  /**
   * Add one channel, from `frame` on, to `out[offset…]`, with a gain that moves by `slope` a sample.
   *
   * @param {Float32Array} out
   * @param {number} offset
   * @param {number} count
   * @param {number} channel
   * @param {number} frame
   * @param {number} gain
   * @param {number} slope
   */
  mix(out, offset, count, channel, frame, gain, slope) {
    const last = frame + count;
    for (let i = 0; i < this.segments.length; i++) {
      const { start, end, scale } = this.segments[i];
      const from = Math.max(frame, start);
      const to = Math.min(last, end);
      if (from >= to) continue;
      const k = from - frame;
      this.pages.mix(out, offset + k, channel, from, to, scale * (gain + slope * k), scale * slope);
    }
  }

  /**
   * The same at another rate than the output's: read between samples, by straight lines.
   *
   * @param {Float32Array} out
   * @param {number} offset
   * @param {number} count
   * @param {number} channel
   * @param {number} at the frame, with a fraction
   * @param {number} ratio frames a sample of output
   * @param {number} gain
   * @param {number} slope
   */
  mixBetween(out, offset, count, channel, at, ratio, gain, slope) {
    for (let k = 0; k < count; k++) {
      const f = at + k * ratio;
      const whole = Math.floor(f);
      const here = this.sample(channel, whole);
      const value = here + (f - whole) * (this.sample(channel, Math.min(whole + 1, this.frames - 1)) - here);
      out[offset + k] += value * (gain + slope * k);
    }
  }

  /**
   * Whether going from the last sample to the first would click: a step well beyond those beside it.
   * A loop cut at whole periods passes as it is, whatever its frequency.
   */
  get roughSeam() {
    const n = this.frames;
    const near = Math.min(16, n - 1);
    for (let channel = 0; channel < this.channels; channel++) {
      let usual = 1e-4;
      for (let i = 0; i < near; i++) {
        const head = Math.abs(this.sample(channel, i + 1) - this.sample(channel, i));
        const tail = Math.abs(this.sample(channel, n - 1 - i) - this.sample(channel, n - 2 - i));
        usual = Math.max(usual, head, tail);
      }
      if (Math.abs(this.sample(channel, 0) - this.sample(channel, n - 1)) > 2 * usual) return true;
    }
    return false;
  }
}
