/** FFT length of the spectra. */
export const FFT_SIZE = 4096;
/** Width of a band in octaves; a band contains at least two bins on either side of its center. */
const OCTAVES = 1 / 6;
/** The mean of a Blackman window. */
const WINDOW_MEAN = 0.42;
/** The equivalent noise bandwidth of a Blackman window, in bins. */
const WINDOW_BANDWIDTH = 1.7268;
/** The correction in dB with which a full-scale sine reads 0 dB. */
const CALIBRATION = 10 * Math.log10(4 / WINDOW_MEAN ** 2 / WINDOW_BANDWIDTH);
/** The lowest level that is drawn, in dB. */
const FLOOR = -150;

/** Interpolate between the running sums at a fractional index. @param {Float64Array} sums @param {number} index */
function interpolate(sums, index) {
  const lower = Math.floor(index);
  return sums[lower] + (index - lower) * (sums[lower + 1] - sums[lower]);
}

/**
 * The levels of a spectrum in bands around given frequencies. The bands are those of the long-term spectra that the kernel
 * computes, so that the two can be compared. The levels rise at once, and fall at a limited rate that the eye can follow.
 */
export class SpectrumBands {
  /** @param {ArrayLike<number>} frequencies Hz @param {number} rate */
  constructor(frequencies, rate) {
    const halfBand = 2 ** (OCTAVES / 2);
    const edge = (/** @type {number} */ bin) => Math.max(0, Math.min(FFT_SIZE / 2 - 0.001, bin + 0.5));
    /** The edges of the bands, as fractional indices of the running sums. */
    this.low = Float64Array.from(frequencies, (hz) => {
      const bin = (hz * FFT_SIZE) / rate;
      return edge(Math.min(bin / halfBand, bin - 2));
    });
    this.high = Float64Array.from(frequencies, (hz) => {
      const bin = (hz * FFT_SIZE) / rate;
      return edge(Math.max(bin * halfBand, bin + 2));
    });
    /** Running sums of the power. */
    this.sums = new Float64Array(FFT_SIZE / 2 + 1);
    this.db = new Float32Array(frequencies.length).fill(FLOOR);
  }

  /**
   * Update the levels from the mean power of the channels.
   *
   * @param {Float32Array[]} spectra in dB, one per channel
   * @param {number} maxFall how far a level may fall since the last call, in dB
   */
  update(spectra, maxFall) {
    const { sums, low, high, db } = this;
    const share = 1 / spectra.length;
    const log = Math.LN10 / 10;
    for (let k = 0; k < FFT_SIZE / 2; k++) {
      let power = 0;
      // Bins below the floor are skipped to save the exponential.
      for (const spectrum of spectra) if (spectrum[k] > FLOOR) power += Math.exp(spectrum[k] * log);
      sums[k + 1] = sums[k] + power * share;
    }
    for (let i = 0; i < db.length; i++) {
      const power = interpolate(sums, high[i]) - interpolate(sums, low[i]);
      const level = 10 * Math.log10(power + 1e-18) + CALIBRATION;
      db[i] = Math.max(level, db[i] - maxFall, FLOOR);
    }
  }
}
