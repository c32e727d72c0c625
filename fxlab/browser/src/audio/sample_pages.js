/** Frames in a page: 0.37 s at 44.1 kHz, about what a first piece holds. */
export const PAGE = 16384;

/** Bytes of pages kept for the next renders, so that a drag does not fill and empty the memory. */
const SPARE = 8e6;

/** Pages that nothing needs any more. All sounds of a shelf share one. */
export class Spare {
  /** @type {Int16Array[]} */ #pages = [];

  /** @param {number} size @returns {Int16Array} whose old content is never read */
  get(size) {
    const page = this.#pages.pop();
    if (page?.length === size) return page;
    this.#pages = []; // of another number of channels
    return new Int16Array(size);
  }

  /** @param {Iterable<Int16Array>} pages */
  put(pages) {
    for (const page of pages) {
      if (this.#pages[0]?.length !== page.length) this.#pages = [];
      if ((this.#pages.length + 1) * page.byteLength <= SPARE) this.#pages.push(page);
    }
  }
}

/**
 * The storage of one sound, by pages, there where something was written: a long sound takes no more room
 * than its loaded parts. The page written last comes last.
 */
export class SamplePages {
  /**
   * @param {number} channels
   * @param {Spare} spare
   * @param {Map<number, Int16Array>} [held]
   */
  constructor(channels, spare, held = new Map()) {
    this.channels = channels;
    this.spare = spare;
    this.held = held;
  }

  get bytes() {
    return this.held.size * PAGE * this.channels * 2;
  }

  /**
   * @param {number} start
   * @param {number} end
   * @param {Int16Array} samples planar, channels × count
   * @param {number} count
   */
  write(start, end, samples, count) {
    for (let at = start; at < end; ) {
      const index = Math.floor(at / PAGE);
      const until = Math.min(end, (index + 1) * PAGE);
      const page = this.held.get(index) ?? this.spare.get(PAGE * this.channels);
      this.held.delete(index);
      this.held.set(index, page);
      for (let channel = 0; channel < this.channels; channel++) {
        const from = channel * count + at - start;
        page.set(samples.subarray(from, from + until - at), channel * PAGE + (at % PAGE));
      }
      at = until;
    }
  }

  /** Give up the page that was written first. @returns {number} its first frame */
  drop() {
    const [index, page] = /** @type {[number, Int16Array]} */ (this.held.entries().next().value);
    this.held.delete(index);
    this.spare.put([page]);
    return index * PAGE;
  }

  /** Give up all of them. */
  clear() {
    this.spare.put(this.held.values());
    this.held.clear();
  }

  /** @param {number} channel @param {number} frame @returns {number} 0 where nothing is */
  at(channel, frame) {
    const page = this.held.get(Math.floor(frame / PAGE));
    return page ? page[channel * PAGE + (frame % PAGE)] : 0;
  }

  /**
   * Add frames `from` to `to` of a channel to `out[offset…]`, with a gain that moves by `slope` a frame.
   *
   * @param {Float32Array} out
   * @param {number} offset
   * @param {number} channel
   * @param {number} from
   * @param {number} to
   * @param {number} gain
   * @param {number} slope
   */
  mix(out, offset, channel, from, to, gain, slope) {
    for (let at = from; at < to; ) {
      const index = Math.floor(at / PAGE);
      const until = Math.min(to, (index + 1) * PAGE);
      const page = this.held.get(index);
      if (page) {
        const base = channel * PAGE + (at % PAGE);
        const done = at - from;
        for (let k = 0; k < until - at; k++) {
          out[offset + done + k] += page[base + k] * (gain + slope * (done + k));
        }
      }
      at = until;
    }
  }
}
