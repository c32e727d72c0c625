/** @import { StageResponse } from "../../engine/program" */

/** @typedef {{ re: number, im: number }} Complex */

/** More taps than this have no zeros in a picture: they would fill the plane, and take long. */
export const MAX_TAPS = 256;

const MAX_ITERATIONS = 200;

/** @param {Complex} a @param {Complex} b @returns {Complex} */
const divide = (a, b) => {
  const power = b.re * b.re + b.im * b.im;
  return { re: (a.re * b.re + a.im * b.im) / power, im: (a.im * b.re - a.re * b.im) / power };
};

/** Return the roots of a z² + b z + c. @param {number} a @param {number} b @param {number} c @returns {Complex[]} */
function quadraticRoots(a, b, c) {
  if (a === 0) return b === 0 ? [] : [{ re: -c / b, im: 0 }];
  const discriminant = b * b - 4 * a * c;
  if (discriminant < 0) {
    const im = Math.sqrt(-discriminant) / (2 * Math.abs(a));
    return [
      { re: -b / (2 * a), im },
      { re: -b / (2 * a), im: -im },
    ];
  }
  // The root that needs no difference of nearly equal numbers comes first.
  const q = -0.5 * (b + (b < 0 ? -1 : 1) * Math.sqrt(discriminant));
  if (q === 0)
    return [
      { re: 0, im: 0 },
      { re: 0, im: 0 },
    ];
  return [
    { re: q / a, im: 0 },
    { re: c / q, im: 0 },
  ];
}

/** Return the zeros and poles of second-order sections; those at 0 that cancel are left out. @param {Float64Array} sections */
function rootsOfSections(sections) {
  /** @type {{ zeros: Complex[], poles: Complex[] }} */
  const found = { zeros: [], poles: [] };
  for (let i = 0; i < sections.length; i += 6) {
    let [b0, b1, b2, a0, a1, a2] = sections.subarray(i, i + 6);
    if (b2 === 0 && a2 === 0) {
      // z cancels once, or twice.
      const isConstant = b1 === 0 && a1 === 0;
      [b2, b1, b0] = isConstant ? [b0, 0, 0] : [b1, b0, 0];
      [a2, a1, a0] = isConstant ? [a0, 0, 0] : [a1, a0, 0];
    }
    found.zeros.push(...quadraticRoots(b0, b1, b2));
    found.poles.push(...quadraticRoots(a0, a1, a2));
  }
  return found;
}

/** Return the zeros of taps, by the method of Aberth. @param {Float64Array} taps @returns {Complex[]} */
function zerosOfTaps(taps) {
  let first = 0;
  let last = taps.length;
  while (first < last && taps[first] === 0) first += 1;
  while (last > first && taps[last - 1] === 0) last -= 1;
  const c = taps.subarray(first, last);
  const degree = c.length - 1;
  const atZero = Array.from({ length: taps.length - last }, () => ({ re: 0, im: 0 }));
  if (degree < 1) return atZero;
  const radius = Math.abs(c[degree] / c[0]) ** (1 / degree) || 1;
  const z = Array.from({ length: degree }, (_, k) => {
    const angle = (2 * Math.PI * (k + 0.25)) / degree;
    return { re: radius * Math.cos(angle), im: radius * Math.sin(angle) };
  });
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
    let largest = 0;
    for (let k = 0; k < degree; k++) {
      const ratio = newtonStep(c, z[k]);
      const sum = { re: 0, im: 0 };
      for (let j = 0; j < degree; j++) {
        if (j === k) continue;
        const inverse = divide({ re: 1, im: 0 }, { re: z[k].re - z[j].re, im: z[k].im - z[j].im });
        sum.re += inverse.re;
        sum.im += inverse.im;
      }
      const product = {
        re: 1 - (ratio.re * sum.re - ratio.im * sum.im),
        im: -(ratio.re * sum.im + ratio.im * sum.re),
      };
      const step = divide(ratio, product);
      if (!Number.isFinite(step.re + step.im)) continue;
      z[k] = { re: z[k].re - step.re, im: z[k].im - step.im };
      largest = Math.max(
        largest,
        Math.hypot(step.re, step.im) / Math.max(1e-3, Math.hypot(z[k].re, z[k].im)),
      );
    }
    if (largest < 1e-13) break;
  }
  return [...z.map(({ re, im }) => (Math.abs(im) < 1e-9 ? { re, im: 0 } : { re, im })), ...atZero];
}

/** Return the value of a polynomial divided by its derivative; coefficients from the highest power on. @param {Float64Array} c @param {Complex} z */
function newtonStep(c, z) {
  const isLarge = Math.hypot(z.re, z.im) > 1;
  // For a large number, the reversed polynomial is evaluated at its inverse, so that nothing overflows.
  const at = isLarge ? divide({ re: 1, im: 0 }, z) : z;
  const degree = c.length - 1;
  const value = { re: 0, im: 0 };
  const slope = { re: 0, im: 0 };
  for (let n = 0; n <= degree; n++) {
    const coefficient = isLarge ? c[degree - n] : c[n];
    const re = slope.re * at.re - slope.im * at.im + value.re;
    slope.im = slope.re * at.im + slope.im * at.re + value.im;
    slope.re = re;
    const next = value.re * at.re - value.im * at.im + coefficient;
    value.im = value.re * at.im + value.im * at.re;
    value.re = next;
  }
  if (!isLarge) return divide(value, slope);
  // p(z) = z^n q(1/z), so p/p' = z / (n - q'/(z q)).
  const quotient = divide(slope, value);
  const shifted = divide(quotient, z);
  return divide(z, { re: degree - shifted.re, im: -shifted.im });
}

/**
 * Return the zeros and poles of a stage, and how often the system has a zero at infinity more than poles.
 *
 * @param {StageResponse} stage
 */
export function rootsOfStage({ sections, taps }) {
  const found = rootsOfSections(sections ?? new Float64Array(0));
  if (!taps) return found;
  const poles = Array.from({ length: taps.length - 1 }, () => ({ re: 0, im: 0 }));
  return { zeros: [...found.zeros, ...zerosOfTaps(taps)], poles: [...found.poles, ...poles] };
}

/** Return each conjugate pair as its upper root, and each other root. @param {Complex[]} roots */
export function pairRoots(roots) {
  const rest = [...roots];
  /** @type {(Complex & { pair: boolean })[]} */
  const found = [];
  for (let root = rest.shift(); root; root = rest.shift()) {
    const { re, im } = root;
    const distance = (/** @type {Complex} */ other) => Math.hypot(other.re - re, other.im + im);
    let nearest = -1;
    if (im !== 0) {
      rest.forEach((other, i) => {
        if (other.im * im < 0 && (nearest < 0 || distance(other) < distance(rest[nearest]))) nearest = i;
      });
    }
    if (nearest >= 0) rest.splice(nearest, 1);
    found.push({ re, im: nearest >= 0 ? Math.abs(im) : im, pair: nearest >= 0 });
  }
  return found;
}
