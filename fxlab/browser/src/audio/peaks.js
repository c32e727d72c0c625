/** @import { Chunk } from "./messages" */

/** The number of columns of an overview, also in the kernel; more than a panel has pixels at most widths. */
const COLUMNS = 1200;

/** The largest number of frames per column that are looked at. */
const FRAMES_PER_COLUMN = 1024;

/** The lowest and the highest sample in each column of a sound, from which its waveform is drawn. */
export class Peaks {
  low = new Float32Array(COLUMNS);
  high = new Float32Array(COLUMNS);
  frames = 0;
  /** Duration. */
  seconds = 0;

  /**
   * Update the columns that a chunk covers. The columns of the render before remain until they are overwritten, so that
   * the waveform does not flicker.
   *
   * @param {Chunk} chunk
   * @param {Int16Array} samples
   */
  write(chunk, samples) {
    this.#setLength(chunk);
    const { start, count, channels, scale } = chunk;
    const framesPerColumn = chunk.frames / COLUMNS;
    const first = Math.floor(start / framesPerColumn);
    const last = Math.min(COLUMNS - 1, Math.floor((start + count - 1) / framesPerColumn));
    for (let column = first; column <= last; column++) {
      const from = Math.max(start, Math.floor(column * framesPerColumn));
      const to = Math.min(start + count, Math.max(from + 1, Math.floor((column + 1) * framesPerColumn)));
      // In a long sound not every frame is looked at, because that would take too long.
      const stride = Math.max(1, Math.floor((to - from) / FRAMES_PER_COLUMN));
      let low = 32767;
      let high = -32768;
      for (let channel = 0; channel < channels; channel++) {
        const base = channel * count - start;
        for (let frame = from; frame < to; frame += stride) {
          const sample = samples[base + frame];
          if (sample < low) low = sample;
          if (sample > high) high = sample;
        }
      }
      // A column of which the chunk covers only the end keeps what it had at its start.
      const isPartial = from > Math.ceil(column * framesPerColumn);
      this.low[column] = isPartial ? Math.min(this.low[column], low * scale) : low * scale;
      this.high[column] = isPartial ? Math.max(this.high[column], high * scale) : high * scale;
    }
  }

  /**
   * Take the columns from the kernel, for a sound of which the page gets only parts.
   *
   * @param {{ frames: number, rate: number }} sound
   * @param {Float32Array} low one value per column
   * @param {Float32Array} high one value per column
   */
  setOverview(sound, low, high) {
    this.#setLength(sound);
    this.low.set(low);
    this.high.set(high);
  }

  /** @param {{ frames: number, rate: number }} sound */
  #setLength({ frames, rate }) {
    if (frames === this.frames) return;
    this.frames = frames;
    this.seconds = frames / rate;
    this.low.fill(0);
    this.high.fill(0);
  }

  get columns() {
    return COLUMNS;
  }

  /** The highest absolute value. */
  get maximum() {
    let maximum = 0;
    for (let i = 0; i < COLUMNS; i++) maximum = Math.max(maximum, this.high[i], -this.low[i]);
    return maximum;
  }
}
