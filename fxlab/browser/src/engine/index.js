/** The operators of `fxlab.engine` in JavaScript, which compiled programs call. One file per operator. */

export { cumulativeProduct, cumulativeSum, solveLinear } from "./linear_algebra.js";
export { besselI0, copySign, erf, number, numbers, readInput, roundHalfToEven, square } from "./numbers.js";
export { filterSections } from "./sections.js";
