/** The largest size of a pool, in bytes. */
const MAX_BYTES = 8e6;

/**
 * Pages that are no longer in use, kept for the next renders, so that a drag does not allocate and release memory all the
 * time. All clips of a store share one pool.
 */
export class PagePool {
  /** @type {Int16Array[]} */ #pages = [];

  /** Return a page whose content is undefined. @param {number} size in samples @returns {Int16Array} */
  get(size) {
    const page = this.#pages.pop();
    if (page?.length === size) return page;
    this.#pages = []; // They are for another number of channels.
    return new Int16Array(size);
  }

  /** Keep pages for later use. @param {Iterable<Int16Array>} pages */
  put(pages) {
    for (const page of pages) {
      if (this.#pages[0]?.length !== page.length) this.#pages = [];
      if ((this.#pages.length + 1) * page.byteLength <= MAX_BYTES) this.#pages.push(page);
    }
  }
}
