/** @import { PagePool } from "./page_pool.js" */

/** Frames in a page: 0.37 s at 44.1 kHz, about the length of the first chunk of a render. */
export const PAGE_FRAMES = 16384;

/**
 * The samples of one clip in pages, which exist only where samples were written: a long clip occupies no more memory than
 * its loaded parts. The pages are ordered by the time of the last write.
 */
export class SamplePages {
  /**
   * @param {number} channels
   * @param {PagePool} pool
   * @param {Map<number, Int16Array>} [pages] by number
   */
  constructor(channels, pool, pages = new Map()) {
    this.channels = channels;
    this.pool = pool;
    this.pages = pages;
  }

  get bytes() {
    return this.pages.size * PAGE_FRAMES * this.channels * 2;
  }

  /**
   * Write the frames from `start` to `end`.
   *
   * @param {number} start
   * @param {number} end
   * @param {Int16Array} samples planar, channels × count
   * @param {number} count frames per channel in `samples`
   */
  write(start, end, samples, count) {
    for (let frame = start; frame < end; ) {
      const number = Math.floor(frame / PAGE_FRAMES);
      const pageEnd = Math.min(end, (number + 1) * PAGE_FRAMES);
      const page = this.pages.get(number) ?? this.pool.get(PAGE_FRAMES * this.channels);
      // Set anew, the page becomes the last in the order of the map.
      this.pages.delete(number);
      this.pages.set(number, page);
      for (let channel = 0; channel < this.channels; channel++) {
        const from = channel * count + frame - start;
        page.set(
          samples.subarray(from, from + pageEnd - frame),
          channel * PAGE_FRAMES + (frame % PAGE_FRAMES),
        );
      }
      frame = pageEnd;
    }
  }

  /** Remove the page whose last write is the oldest, and return its first frame. @returns {number} */
  removeOldest() {
    const [number, page] = /** @type {[number, Int16Array]} */ (this.pages.entries().next().value);
    this.pages.delete(number);
    this.pool.put([page]);
    return number * PAGE_FRAMES;
  }

  /** Remove all pages. */
  clear() {
    this.pool.put(this.pages.values());
    this.pages.clear();
  }

  /** Return a sample, or 0 where there is no page. @param {number} channel @param {number} frame @returns {number} */
  sample(channel, frame) {
    const page = this.pages.get(Math.floor(frame / PAGE_FRAMES));
    return page ? page[channel * PAGE_FRAMES + (frame % PAGE_FRAMES)] : 0;
  }

  /**
   * Add the frames `start` to `end` of a channel to `out[offset…]`, with a gain that changes by `slope` per frame.
   *
   * @param {Float32Array} out
   * @param {number} offset
   * @param {number} channel
   * @param {number} start
   * @param {number} end
   * @param {number} gain
   * @param {number} slope
   */
  mix(out, offset, channel, start, end, gain, slope) {
    for (let frame = start; frame < end; ) {
      const number = Math.floor(frame / PAGE_FRAMES);
      const pageEnd = Math.min(end, (number + 1) * PAGE_FRAMES);
      const page = this.pages.get(number);
      if (page) {
        const first = channel * PAGE_FRAMES + (frame % PAGE_FRAMES);
        const done = frame - start;
        for (let k = 0; k < pageEnd - frame; k++) {
          out[offset + done + k] += page[first + k] * (gain + slope * (done + k));
        }
      }
      frame = pageEnd;
    }
  }
}
