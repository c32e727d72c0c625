/** Has the work for changed values done once per animation frame, or soon if the page is hidden and has none. */
export class Changes {
  #isRequested = false;

  /** @param {() => void} work */
  constructor(work) {
    this.work = work;
  }

  request() {
    if (this.#isRequested) return;
    this.#isRequested = true;
    const run = () => {
      if (!this.#isRequested) return;
      this.#isRequested = false;
      this.work();
    };
    requestAnimationFrame(run);
    setTimeout(run, 50);
  }
}
