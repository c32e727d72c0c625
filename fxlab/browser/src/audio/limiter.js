/** What no sample exceeds: −0.1 dBFS. */
export const CEILING = 10 ** (-0.1 / 20);
/** What a peak is brought to: rounding to 32 bits may lift it by its last digit. */
const AIM = CEILING * (1 - 1e-6);

const LOOK_AHEAD = 0.0015; // seconds
const RELEASE = 0.12; // seconds to 1/e
/** A reduction that is as good as none. */
const NOTHING = 1e-7;

/**
 * Keeps peaks below the ceiling. The sound is delayed by the look-ahead, so that the gain is down, by a ramp, when the
 * peak comes; below the ceiling what goes in comes out, to the bit. All channels get the same gain.
 *
 * The gain is the lowest that the peaks of the look-ahead ask for, let go slowly, and averaged over the look-ahead:
 * every average that a peak falls under is of gains that are low enough for it. Turned off it lets go as after a peak,
 * so that the switch is not heard. Allocates nothing.
 */
export class Limiter {
  on = true;
  /** The lowest gain since it was last set to 1. */
  lowest = 1;
  /** The highest sample that came in since it was last set to 0. */
  peak = 0;

  /** @param {{ rate: number, outputs: number }} output */
  constructor({ rate, outputs }) {
    this.delay = Math.max(1, Math.round(LOOK_AHEAD * rate));
    this.keep = Math.exp(-1 / (RELEASE * rate));
    const size = this.delay + 1;
    this.size = size;
    this.lines = Array.from({ length: outputs }, () => new Float32Array(size));
    /** Lower gains that were asked for, the lowest first, each with its time. */
    this.asked = new Float64Array(size);
    this.times = new Float64Array(size);
    this.first = 0;
    this.count = 0;
    /** What the last `delay` samples were reduced by, and the sum of it. */
    this.reductions = new Float64Array(this.delay);
    this.sum = 0;
    this.reduction = 0;
    this.now = 0;
    this.quiet = this.delay;
  }

  /** The gain that a new sample asks for, kept in order. @param {number} gain */
  #ask(gain) {
    const { asked, times, size, now } = this;
    if (this.count > 0 && times[this.first] <= now - size) {
      this.first = (this.first + 1) % size;
      this.count -= 1;
    }
    if (gain >= 1) return;
    while (this.count > 0 && asked[(this.first + this.count - 1) % size] >= gain) this.count -= 1;
    const at = (this.first + this.count) % size;
    asked[at] = gain;
    times[at] = now;
    this.count += 1;
  }

  /** @returns {number} the gain of the sample that leaves */
  #gain() {
    const { reductions, delay, now } = this;
    const wanted = this.count > 0 ? 1 - this.asked[this.first] : 0;
    const left = this.reduction * this.keep;
    this.reduction = Math.max(wanted, left > NOTHING ? left : 0);
    const at = now % delay;
    this.sum += this.reduction - reductions[at];
    reductions[at] = this.reduction;
    this.quiet = this.reduction > 0 ? 0 : this.quiet + 1;
    // The dust of the sum must not stay when there is nothing to sum.
    if (this.quiet >= delay) this.sum = 0;
    return 1 - this.sum / delay;
  }

  /** @param {Float32Array[]} out one array a channel @param {number} count */
  pass(out, count) {
    const { lines, size, on } = this;
    for (let i = 0; i < count; i++) {
      let peak = 0;
      for (let c = 0; c < lines.length; c++) peak = Math.max(peak, Math.abs(out[c][i]));
      if (peak > this.peak) this.peak = peak;
      const over = on && peak > CEILING;
      let gain = 1;
      if (over || this.count > 0 || this.quiet < this.delay) {
        this.#ask(over ? AIM / peak : 1);
        gain = this.#gain();
        if (gain < this.lowest) this.lowest = gain;
      }
      const at = this.now % size;
      for (let c = 0; c < lines.length; c++) {
        const line = lines[c];
        line[at] = out[c][i];
        out[c][i] = line[(at + 1) % size] * gain;
      }
      this.now += 1;
    }
  }
}
