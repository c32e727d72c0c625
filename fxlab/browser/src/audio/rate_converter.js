/** The zero crossings of the interpolating function on either side. */
const WIDTH = 16;

/** Positions between two frames for which the function is tabulated. */
const PHASES = 512;

/** Frames that are kept; more than a block and the length of the function at any ratio. */
const CAPACITY = 4096;

/** Convert blocks of several channels from one sample rate to another, by a windowed sinc. */
export class RateConverter {
  /** The frame to read next, counted in the input. */ #position = 0;
  /** The frames that were written. */ #written = 0;

  /** @param {{ from: number, to: number, channels: number }} rates in Hz */
  constructor({ from, to, channels }) {
    this.ratio = from / to;
    // Below half the lower of the two rates; the transition band ends there.
    const bandwidth = Math.min(1, to / from) * 0.95;
    this.half = Math.ceil(WIDTH / bandwidth);
    this.table = sincTable(this.half, bandwidth);
    this.buffers = Array.from({ length: channels }, () => new Float32Array(CAPACITY));
    this.reset();
  }

  /** Forget everything; the output begins with the next frame written. */
  reset() {
    this.#position = 0;
    this.#written = 0;
    for (const buffer of this.buffers) buffer.fill(0);
  }

  /** How many frames can be read. */
  get available() {
    return Math.max(0, Math.floor((this.#written - this.half - this.#position) / this.ratio));
  }

  /** Append the frames of all channels. @param {Float32Array[]} block */
  write(block) {
    const count = block[0].length;
    block.forEach((channel, c) => {
      const buffer = this.buffers[c];
      for (let i = 0; i < count; i++) buffer[(this.#written + i) % CAPACITY] = channel[i];
    });
    this.#written += count;
  }

  /** Read frames; `set` gets the channel, the frame and the value. @param {number} count @param {(channel: number, frame: number, value: number) => void} set */
  read(count, set) {
    const { half, table, buffers, ratio } = this;
    const taps = 2 * half;
    for (let i = 0; i < count; i++) {
      const base = Math.floor(this.#position);
      const row = Math.round((this.#position - base) * PHASES) * taps;
      const first = base - half + 1 + CAPACITY;
      for (let c = 0; c < buffers.length; c++) {
        const buffer = buffers[c];
        let sum = 0;
        for (let k = 0; k < taps; k++) sum += table[row + k] * buffer[(first + k) % CAPACITY];
        set(c, i, sum);
      }
      this.#position += ratio;
    }
  }
}

/** @param {number} half @param {number} bandwidth as a share of half the input's rate */
function sincTable(half, bandwidth) {
  const taps = 2 * half;
  const table = new Float32Array((PHASES + 1) * taps);
  for (let phase = 0; phase <= PHASES; phase++) {
    let sum = 0;
    for (let k = 0; k < taps; k++) {
      const x = k - half + 1 - phase / PHASES;
      const window = Math.abs(x) < half ? 0.5 + 0.5 * Math.cos((Math.PI * x) / half) : 0;
      const sinc = x === 0 ? bandwidth : Math.sin(Math.PI * bandwidth * x) / (Math.PI * x);
      table[phase * taps + k] = window * sinc;
      sum += window * sinc;
    }
    for (let k = 0; k < taps; k++) table[phase * taps + k] /= sum;
  }
  return table;
}
