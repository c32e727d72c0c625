import { PagePool } from "./page_pool.js";
import { PAGE_FRAMES, SamplePages } from "./sample_pages.js";

/** @import { ClipData, Segment } from "./messages" */

/**
 * The largest size of a clip in the page, in bytes: not below the size up to which the kernel sends complete clips, some
 * 45 s of stereo. Of a longer clip the most recently written pages are kept, which are those around the playhead.
 */
export const MAX_BYTES = 8e6;

/**
 * One sound, the input or a render of it, which arrives in chunks.
 *
 * The samples stay 16-bit integers, as they were sent; the scale of a chunk is stored in its segment. The segments are
 * sorted and never overlap.
 */
export class Clip {
  /**
   * @param {{ seq: number, clipId: number, frames: number, channels: number, rate: number,
   *   matchGainDb?: number | null | undefined }} header
   * @param {PagePool} [pool]
   * @param {Map<number, Int16Array>} [pages]
   */
  constructor(
    { seq, clipId, frames, channels, rate, matchGainDb },
    pool = new PagePool(),
    pages = new Map(),
  ) {
    this.seq = seq;
    this.id = clipId;
    this.frames = frames;
    this.channels = channels;
    this.rate = rate;
    /** The gain in dB that makes it as loud as the input; null if there is none, undefined if it is not known yet. */
    this.matchGainDb = matchGainDb;
    this.pages = new SamplePages(channels, pool, pages);
    /** @type {Segment[]} */
    this.segments = [];
    /** Whether everything has arrived that the kernel was going to send at first. */
    this.isDelivered = false;
  }

  /** Create a clip from the data of another one. @param {ClipData} data @param {PagePool} pool */
  static fromData(data, pool) {
    const clip = new Clip(data, pool, data.pages);
    clip.segments = data.segments;
    clip.isDelivered = data.isDelivered;
    return clip;
  }

  /** The entire clip in a form that can be sent to another thread. @returns {ClipData} */
  get data() {
    const { seq, id, frames, channels, rate, matchGainDb, segments, isDelivered } = this;
    return {
      seq,
      clipId: id,
      frames,
      channels,
      rate,
      matchGainDb,
      pages: this.pages.pages,
      segments,
      isDelivered,
    };
  }

  /**
   * Return whether a chunk with this header belongs to the clip.
   *
   * @param {{ clipId: number, frames: number, channels: number, rate: number }} header
   */
  owns({ clipId, frames, channels, rate }) {
    return this.id === clipId && this.frames === frames && this.channels === channels && this.rate === rate;
  }

  /**
   * Write a chunk.
   *
   * @param {number} start
   * @param {number} count frames
   * @param {number} scale
   * @param {Int16Array} samples planar, channels × count
   */
  write(start, count, scale, samples) {
    const end = Math.min(start + count, this.frames);
    if (start < 0 || end <= start) return;
    this.pages.write(start, end, samples, count);
    this.#removeSegments(start, end);
    this.segments.push({ start, end, scale });
    while (this.pages.bytes > MAX_BYTES) {
      const first = this.pages.removeOldest();
      this.#removeSegments(first, first + PAGE_FRAMES);
    }
    this.segments.sort((a, b) => a.start - b.start);
  }

  /** Remove the parts of all segments that lie between two frames. @param {number} start @param {number} end */
  #removeSegments(start, end) {
    /** @type {Segment[]} */
    const kept = [];
    for (const segment of this.segments) {
      if (segment.end <= start || segment.start >= end) {
        kept.push(segment);
        continue;
      }
      if (segment.start < start) kept.push({ ...segment, end: start });
      if (segment.end > end) kept.push({ ...segment, start: end });
    }
    this.segments = kept;
  }

  /**
   * Return the end of the frames that are loaded without a gap from `frame` on; `frame` itself if it is not loaded.
   *
   * @param {number} frame
   */
  loadedUntil(frame) {
    let until = frame;
    for (let i = 0; i < this.segments.length; i++) {
      const segment = this.segments[i];
      if (segment.start <= until && segment.end > until) until = segment.end;
    }
    return until;
  }

  get isComplete() {
    return this.loadedUntil(0) >= this.frames;
  }

  /** Return a sample, or 0 where nothing is loaded. @param {number} channel @param {number} frame @returns {number} */
  sample(channel, frame) {
    for (let i = 0; i < this.segments.length; i++) {
      const { start, end, scale } = this.segments[i];
      if (frame >= start && frame < end) return this.pages.sample(channel, frame) * scale;
    }
    return 0;
  }

  /**
   * Add `count` frames of one channel, from `frame` on, to `out[offset…]`, with a gain that changes by `slope` per frame.
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
   * Do the same as `mix` for an output at another sample rate, with linear interpolation.
   *
   * @param {Float32Array} out
   * @param {number} offset
   * @param {number} count
   * @param {number} channel
   * @param {number} position the first frame, with a fraction
   * @param {number} ratio frames of the clip per frame of the output
   * @param {number} gain
   * @param {number} slope
   */
  mixResampled(out, offset, count, channel, position, ratio, gain, slope) {
    for (let k = 0; k < count; k++) {
      const exact = position + k * ratio;
      const frame = Math.floor(exact);
      const here = this.sample(channel, frame);
      const next = this.sample(channel, Math.min(frame + 1, this.frames - 1));
      out[offset + k] += (here + (exact - frame) * (next - here)) * (gain + slope * k);
    }
  }

  /**
   * Whether a jump from the last sample to the first would click, because that step is much larger than the steps around
   * it. A loop that was cut at complete periods does not click, whatever its frequency.
   */
  get clicksAtSeam() {
    const n = this.frames;
    const compared = Math.min(16, n - 1);
    for (let channel = 0; channel < this.channels; channel++) {
      let largestStep = 1e-4;
      for (let i = 0; i < compared; i++) {
        const head = Math.abs(this.sample(channel, i + 1) - this.sample(channel, i));
        const tail = Math.abs(this.sample(channel, n - 1 - i) - this.sample(channel, n - 2 - i));
        largestStep = Math.max(largestStep, head, tail);
      }
      if (Math.abs(this.sample(channel, 0) - this.sample(channel, n - 1)) > 2 * largestStep) return true;
    }
    return false;
  }
}
