/** The operators of `fxlab.engine` in JavaScript, which compiled programs call. One file per operator. */

export { combBank } from "./comb_bank.js";
export { convolve } from "./convolution.js";
export { delayNetwork } from "./delay_network.js";
export { picture, plot } from "./drawing.js";
export { followBranching, followPeaks } from "./envelope.js";
export { fixedPoint } from "./fixed_point.js";
export { fourierTransform } from "./fourier.js";
export {
  choleskyFactor,
  choleskySolve,
  cumulativeMaximum,
  cumulativeProduct,
  cumulativeSum,
  searchSorted,
  solveLinear,
} from "./linear_algebra.js";
export { normalNumbers, uniformNumbers } from "./mersenne_twister.js";
export { roundShaped } from "./noise_shaping.js";
export {
  accumulate,
  besselI0,
  copySign,
  erf,
  number,
  numbers,
  ramp,
  readInput,
  refuse,
  roundHalfToEven,
  sparse,
  square,
  unpack,
} from "./numbers.js";
export { extremePlaces, overlapAdd, scatter, scatterAdd, sortRows } from "./ordering.js";
export { createConvolver } from "./partitioned_convolution.js";
export { fasterLength, playFaster, shiftPitch, stretchedLength, stretchTime } from "./pitch.js";
export { filterPolynomials } from "./polynomials.js";
export { uniformAt } from "./random_sequence.js";
export { dampedEcho, dampedRecurrence, delayRecurrence, movingComb } from "./recurrences.js";
export { convertRate, convertRateAndBack } from "./resampling.js";
export { shoeboxResponse } from "./room.js";
export { filterSections } from "./sections.js";
export { spectrogramLab } from "./spectrogram_lab.js";
export { filterSaturatingSystem, filterSystem } from "./systems.js";
export { combineVariants } from "./variants.js";
export { filterVaryingSections } from "./varying_sections.js";
