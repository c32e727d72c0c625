/** @import { Segment, TakeData } from "./types" */

/**
 * One sound, the input or one render of it, as it arrives piece by piece.
 *
 * Samples stay as the 16-bit integers that were sent, channel after channel; a piece's scale goes with
 * its segment. Segments are sorted and never overlap.
 */
export class Take {
  /**
   * @param {{ seq: number, frames: number, channels: number, rate: number, match?: number | null | undefined }} header
   * @param {Int16Array} [data] storage of frames × channels, whose old content is never read
   */
  constructor({ seq, frames, channels, rate, match }, data) {
    this.seq = seq;
    this.frames = frames;
    this.channels = channels;
    this.rate = rate;
    /** The gain in dB that makes it as loud as the input; null: there is none; undefined: it is not known yet. */
    this.match = match;
    this.data = data ?? new Int16Array(frames * channels);
    /** @type {Segment[]} */
    this.segments = [];
  }

  /** @param {TakeData} from */
  static of(from) {
    const take = new Take(from, from.data);
    take.segments = from.segments;
    return take;
  }

  /**
   * @param {{ frames: number, channels: number, rate: number }} header
   * @returns {boolean} whether a piece with that header has this take's geometry
   */
  fits({ frames, channels, rate }) {
    return this.frames === frames && this.channels === channels && this.rate === rate;
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
    for (let channel = 0; channel < this.channels; channel++) {
      const from = channel * count;
      this.data.set(samples.subarray(from, from + end - start), channel * this.frames + start);
    }
    this.#mark({ start, end, scale });
  }

  /** @param {Segment} piece */
  #mark(piece) {
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
    kept.push(piece);
    kept.sort((a, b) => a.start - b.start);
    this.segments = kept;
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
      if (frame >= start && frame < end) return this.data[channel * this.frames + frame] * scale;
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
    const base = channel * this.frames;
    const last = frame + count;
    for (let i = 0; i < this.segments.length; i++) {
      const segment = this.segments[i];
      const from = Math.max(frame, segment.start);
      const to = Math.min(last, segment.end);
      for (let f = from; f < to; f++) {
        const k = f - frame;
        out[offset + k] += this.data[base + f] * segment.scale * (gain + slope * k);
      }
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
