/** @import { StageResponse } from "../../engine/program" */

/** A complex response at some frequencies. @typedef {{ re: Float64Array, im: Float64Array }} ComplexResponse */

/** The lowest level that is drawn, as a magnitude: -150 dB. */
const FLOOR = 10 ** -7.5;

/**
 * Return the response of taps, as a polynomial in z to the power of -1.
 *
 * @param {Float64Array} taps @param {Float64Array} frequencies in Hz @param {number} rate @returns {ComplexResponse}
 */
export function responseOfTaps(taps, frequencies, rate) {
  const count = frequencies.length;
  const re = new Float64Array(count);
  const im = new Float64Array(count);
  for (let k = 0; k < count; k++) {
    const angle = (-2 * Math.PI * frequencies[k]) / rate;
    const c = Math.cos(angle);
    const s = Math.sin(angle);
    let x = 0;
    let y = 0;
    // Horner's scheme, from the last tap.
    for (let n = taps.length - 1; n >= 0; n--) {
      const t = x * c - y * s + taps[n];
      y = x * s + y * c;
      x = t;
    }
    re[k] = x;
    im[k] = y;
  }
  return { re, im };
}

/** Return the response of second-order sections. @param {Float64Array} sections @param {Float64Array} frequencies @param {number} rate @returns {ComplexResponse} */
function responseOfSections(sections, frequencies, rate) {
  const count = frequencies.length;
  const re = new Float64Array(count).fill(1);
  const im = new Float64Array(count);
  for (let k = 0; k < count; k++) {
    const angle = (-2 * Math.PI * frequencies[k]) / rate;
    const [c1, s1, c2, s2] = [Math.cos(angle), Math.sin(angle), Math.cos(2 * angle), Math.sin(2 * angle)];
    for (let i = 0; i < sections.length; i += 6) {
      const br = sections[i] + sections[i + 1] * c1 + sections[i + 2] * c2;
      const bi = sections[i + 1] * s1 + sections[i + 2] * s2;
      const ar = sections[i + 3] + sections[i + 4] * c1 + sections[i + 5] * c2;
      const ai = sections[i + 4] * s1 + sections[i + 5] * s2;
      const power = ar * ar + ai * ai;
      const hr = (br * ar + bi * ai) / power;
      const hi = (bi * ar - br * ai) / power;
      const x = re[k];
      re[k] = x * hr - im[k] * hi;
      im[k] = x * hi + im[k] * hr;
    }
  }
  return { re, im };
}

/** Return the response of one stage. @param {StageResponse} stage @param {Float64Array} frequencies @param {number} rate */
export function responseOfStage({ sections, taps }, frequencies, rate) {
  const response = responseOfSections(sections ?? new Float64Array(0), frequencies, rate);
  return taps ? multiply(response, responseOfTaps(taps, frequencies, rate)) : response;
}

/** @param {ComplexResponse} a @param {ComplexResponse} b @returns {ComplexResponse} */
export function multiply(a, b) {
  const re = a.re.map((x, k) => x * b.re[k] - a.im[k] * b.im[k]);
  const im = a.re.map((x, k) => x * b.im[k] + a.im[k] * b.re[k]);
  return { re, im };
}

/** Return the magnitude in dB, at least -150 dB. @param {ComplexResponse} response */
export function decibels({ re, im }) {
  return Float32Array.from(re, (x, k) => 20 * Math.log10(Math.max(Math.hypot(x, im[k]), FLOOR)));
}
