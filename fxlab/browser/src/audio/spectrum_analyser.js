import { FFT_SIZE } from "./spectrum_bands.js";

/**
 * Measures the current spectra of four outputs of a node: two channels of what is played, then two channels of the input.
 */
export class SpectrumAnalyser {
  /** @param {AudioNode} node @param {number} firstOutput the number of the first of the four outputs */
  constructor(node, firstOutput) {
    this.rate = node.context.sampleRate;
    this.analysers = [0, 1, 2, 3].map((output) => {
      const analyser = new AnalyserNode(node.context, { fftSize: FFT_SIZE, smoothingTimeConstant: 0 });
      node.connect(analyser, firstOutput + output);
      return analyser;
    });
    this.spectra = this.analysers.map(() => new Float32Array(FFT_SIZE / 2));
  }

  /**
   * Return the spectra in dB, one per channel, in arrays that are reused.
   *
   * @param {"output" | "input"} signal
   * @param {number} channels
   * @returns {Float32Array[]}
   */
  read(signal, channels) {
    const first = signal === "output" ? 0 : 2;
    const count = Math.min(2, Math.max(1, channels));
    for (let c = first; c < first + count; c++) this.analysers[c].getFloatFrequencyData(this.spectra[c]);
    return this.spectra.slice(first, first + count);
  }
}
