import { responseOfTaps } from "./complex_response.js";
import { rootsOfStage } from "./roots.js";

/** @import { StageResponse } from "../../engine/program" */
/** @import { Complex } from "./roots.js" */

/** Roots so near the circle count as inside it. */
const ON_CIRCLE = 1e-9;

/**
 * Return the phase in radians of the product of all 1 - root/z, unwrapped, and its group delay in samples, as functions of the
 * frequency in radians per sample. The half turn of a real root outside of the circle is left out.
 *
 * @param {Complex[]} roots @param {number} omega @returns {[number, number]}
 */
function factors(roots, omega) {
  let phase = 0;
  let delay = 0;
  const [c, s] = [Math.cos(omega), Math.sin(omega)];
  for (const { re, im } of roots) {
    const size = Math.hypot(re, im);
    // root / z
    const x = re * c + im * s;
    const y = im * c - re * s;
    if (size <= 1 + ON_CIRCLE) phase += Math.atan2(-y, 1 - x);
    else {
      const power = x * x + y * y;
      phase += (im === 0 ? 0 : Math.atan2(-im, -re)) - omega + Math.atan2(y / power, 1 - x / power);
    }
    const denominator = 1 + size * size - 2 * x;
    delay += denominator < 1e-18 || Math.abs(size - 1) < ON_CIRCLE ? 0.5 : (size * size - x) / denominator;
  }
  return [phase, delay];
}

/**
 * Return the phase in radians, continuous from 0 Hz, and the group delay in samples of stages in series.
 *
 * @param {StageResponse[]} stages @param {Float64Array} frequencies in Hz, ascending @param {number} rate
 */
export function phaseAndDelay(stages, frequencies, rate) {
  const phase = new Float64Array(frequencies.length);
  const delay = new Float64Array(frequencies.length);
  for (const stage of stages) {
    const { sections, taps } = stage;
    if (sections) addSections(sections, frequencies, rate, phase, delay);
    if (taps) addTaps(taps, frequencies, rate, phase, delay);
  }
  return { phase, delay };
}

/** @param {Float64Array} sections @param {Float64Array} frequencies @param {number} rate @param {Float64Array} phase @param {Float64Array} delay */
function addSections(sections, frequencies, rate, phase, delay) {
  for (let i = 0; i < sections.length; i += 6) {
    const section = sections.subarray(i, i + 6);
    const { zeros, poles } = rootsOfStage({ path: "", sections: section });
    const atInfinity = poles.length - zeros.length;
    // The roots do not tell the sign of the gain: it is that of the response just above 0 Hz.
    const probe = 1e-9;
    const exact = angleOfSection(section, probe);
    const fromRoots = factors(zeros, probe)[0] - factors(poles, probe)[0];
    const turns = Math.round((exact - fromRoots) / Math.PI);
    const sign = turns % 2 === 0 ? 0 : Math.PI;
    frequencies.forEach((frequency, k) => {
      const omega = (2 * Math.PI * frequency) / rate;
      const [zeroPhase, zeroDelay] = factors(zeros, omega);
      const [polePhase, poleDelay] = factors(poles, omega);
      phase[k] += zeroPhase - polePhase - atInfinity * omega + sign;
      delay[k] += zeroDelay - poleDelay + atInfinity;
    });
  }
}

/** @param {Float64Array} section @param {number} omega */
function angleOfSection(section, omega) {
  const angle = (/** @type {number} */ i) =>
    Math.atan2(
      -section[i + 1] * Math.sin(omega) - section[i + 2] * Math.sin(2 * omega),
      section[i] + section[i + 1] * Math.cos(omega) + section[i + 2] * Math.cos(2 * omega),
    );
  return angle(0) - angle(3);
}

/** @param {Float64Array} taps @param {Float64Array} frequencies @param {number} rate @param {Float64Array} phase @param {Float64Array} delay */
function addTaps(taps, frequencies, rate, phase, delay) {
  const weighted = taps.map((value, n) => n * value);
  const at = Float64Array.from([0, ...frequencies]);
  const h = responseOfTaps(taps, at, rate);
  const d = responseOfTaps(weighted, at, rate);
  const group = h.re.map((re, k) => {
    const power = re * re + h.im[k] * h.im[k];
    return power < 1e-24 ? (taps.length - 1) / 2 : (d.re[k] * re + d.im[k] * h.im[k]) / power;
  });
  let unwrapped = Math.atan2(h.im[0], h.re[0]);
  for (let k = 1; k < at.length; k++) {
    // The group delay tells by about how much the phase has changed, whatever the distance of the frequencies.
    const step = (2 * Math.PI * (at[k] - at[k - 1])) / rate;
    const expected = unwrapped - ((group[k] + group[k - 1]) / 2) * step;
    const angle = Math.atan2(h.im[k], h.re[k]);
    unwrapped = angle + 2 * Math.PI * Math.round((expected - angle) / (2 * Math.PI));
    phase[k - 1] += unwrapped;
    delay[k - 1] += group[k];
  }
}
