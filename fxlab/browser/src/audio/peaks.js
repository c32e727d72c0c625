/** @import { Piece } from "../types" */

/** How many columns an overview holds, the kernel's too; more than a panel has pixels at most widths. */
const COLUMNS = 1200;

/** Lowest and highest sample of every stretch of a sound: what a waveform is drawn from. */
export class Peaks {
  low = new Float32Array(COLUMNS);
  high = new Float32Array(COLUMNS);
  frames = 0;
  /** Duration. */
  seconds = 0;

  /**
   * A new render overwrites the old one's columns as it comes, so that nothing flickers.
   *
   * @param {Piece} piece
   * @param {Int16Array} samples
   */
  write(piece, samples) {
    this.#fit(piece);
    const perColumn = piece.frames / COLUMNS;
    const first = Math.floor(piece.start / perColumn);
    const last = Math.min(COLUMNS - 1, Math.floor((piece.start + piece.count - 1) / perColumn));
    for (let column = first; column <= last; column++) {
      const from = Math.max(piece.start, Math.floor(column * perColumn));
      const to = Math.min(
        piece.start + piece.count,
        Math.max(from + 1, Math.floor((column + 1) * perColumn)),
      );
      // A long sound is sampled: a column of a minute needs no look at every one of its frames.
      const stride = Math.max(1, Math.floor((to - from) / 1024));
      let low = 32767;
      let high = -32768;
      for (let channel = 0; channel < piece.channels; channel++) {
        const base = channel * piece.count - piece.start;
        for (let frame = from; frame < to; frame += stride) {
          const sample = samples[base + frame];
          if (sample < low) low = sample;
          if (sample > high) high = sample;
        }
      }
      // A column that a piece only partly covers keeps the part it had.
      const partly = from > Math.ceil(column * perColumn);
      this.low[column] = partly ? Math.min(this.low[column], low * piece.scale) : low * piece.scale;
      this.high[column] = partly ? Math.max(this.high[column], high * piece.scale) : high * piece.scale;
    }
  }

  /**
   * Take over what the kernel saw of a whole sound of which only parts come here.
   *
   * @param {{ frames: number, rate: number }} sound
   * @param {Float32Array} low
   * @param {Float32Array} high of as many columns
   */
  adopt(sound, low, high) {
    this.#fit(sound);
    this.low.set(low);
    this.high.set(high);
  }

  /** @param {{ frames: number, rate: number }} sound */
  #fit({ frames, rate }) {
    if (frames === this.frames) return;
    this.frames = frames;
    this.seconds = frames / rate;
    this.low.fill(0);
    this.high.fill(0);
  }

  get columns() {
    return COLUMNS;
  }

  get top() {
    let top = 0;
    for (let i = 0; i < COLUMNS; i++) top = Math.max(top, this.high[i], -this.low[i]);
    return top;
  }
}
