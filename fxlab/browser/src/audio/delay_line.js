/** Delays blocks of samples by a fixed number of frames. */
export class DelayLine {
  #place = 0;

  /** @param {number} frames @param {number} channels */
  constructor(frames, channels) {
    this.frames = frames;
    this.lines = Array.from({ length: channels }, () => new Float32Array(frames));
  }

  reset() {
    for (const line of this.lines) line.fill(0);
  }

  /** Delay the samples of a block in place. @param {Float32Array[]} block */
  process(block) {
    const { frames, lines } = this;
    if (frames === 0) return;
    const length = block[0].length;
    for (let c = 0; c < block.length; c++) {
      for (let i = 0, at = this.#place; i < length; i++, at = (at + 1) % frames) {
        const past = lines[c][at];
        lines[c][at] = block[c][i];
        block[c][i] = past;
      }
    }
    this.#place = (this.#place + length) % frames;
  }
}
