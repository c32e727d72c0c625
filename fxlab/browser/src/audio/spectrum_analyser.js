/** Samples of one spectrum. */
const SIZE = 4096;
/** Width of a band, in octaves; a band holds two bins on either side at least. */
const OCTAVES = 1 / 6;
/** A Blackman window's mean and the width of its main lobe in bins: a sine in full scale is to read 0 dB. */
const MEAN = 0.42;
const LOBE = 1.7268;
const CALIBRATED = 10 * Math.log10(4 / MEAN ** 2 / LOBE);
/** Below it there is nothing to draw, in dB. */
const FLOOR = -150;

/** @param {Float64Array} sums @param {number} place */
function between(sums, place) {
  const whole = Math.floor(place);
  return sums[whole] + (place - whole) * (sums[whole + 1] - sums[whole]);
}

/**
 * The bands of a spectrum over a grid of frequencies, as the kernel's long-term spectra have them, so that the two lie on
 * one another. `fall` lets them sink no faster than the eye follows.
 */
export class Bands {
  /** @param {ArrayLike<number>} grid Hz @param {number} rate */
  constructor(grid, rate) {
    const half = 2 ** (OCTAVES / 2);
    const place = (/** @type {number} */ bin) => Math.max(0, Math.min(SIZE / 2 - 0.001, bin + 0.5));
    /** Where the bands begin and end among the bins, with a fraction. */
    this.low = Float64Array.from(grid, (hz) =>
      place(Math.min((hz * SIZE) / rate / half, (hz * SIZE) / rate - 2)),
    );
    this.high = Float64Array.from(grid, (hz) =>
      place(Math.max(((hz * SIZE) / rate) * half, (hz * SIZE) / rate + 2)),
    );
    /** Running sums of the power. */
    this.sums = new Float64Array(SIZE / 2 + 1);
    this.db = new Float32Array(grid.length).fill(FLOOR);
  }

  /** @param {Float32Array[]} spectra in dB, one a channel @param {number} fall in dB since the last */
  take(spectra, fall) {
    const { sums, low, high, db } = this;
    const share = 1 / spectra.length;
    const log = Math.LN10 / 10;
    for (let k = 0; k < SIZE / 2; k++) {
      let power = 0;
      // What is that faint adds nothing, and an exponential costs.
      for (const spectrum of spectra) if (spectrum[k] > FLOOR) power += Math.exp(spectrum[k] * log);
      sums[k + 1] = sums[k] + power * share;
    }
    for (let i = 0; i < db.length; i++) {
      const level = 10 * Math.log10(between(sums, high[i]) - between(sums, low[i]) + 1e-18) + CALIBRATED;
      db[i] = Math.max(level, db[i] - fall, FLOOR);
    }
  }
}

/** Listens to four outputs of a node, from `first` on: two channels of what is heard, two of the input. */
export class SpectrumAnalyser {
  /** @param {AudioNode} node @param {number} first */
  constructor(node, first) {
    this.rate = node.context.sampleRate;
    this.analysers = [0, 1, 2, 3].map((output) => {
      const analyser = new AnalyserNode(node.context, { fftSize: SIZE, smoothingTimeConstant: 0 });
      node.connect(analyser, first + output);
      return analyser;
    });
    this.spectra = this.analysers.map(() => new Float32Array(SIZE / 2));
  }

  /** @param {"output" | "input"} which @param {number} channels @returns {Float32Array[]} in dB, filled anew */
  read(which, channels) {
    const first = which === "output" ? 0 : 2;
    const count = Math.min(2, Math.max(1, channels));
    for (let c = first; c < first + count; c++) this.analysers[c].getFloatFrequencyData(this.spectra[c]);
    return this.spectra.slice(first, first + count);
  }
}
