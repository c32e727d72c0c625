/**
 * The mapping between a parameter's value, in its unit, and the coordinate of its slider, 0 to 1.
 *
 * @typedef {{ kind: string, low: number, high: number, scale: "log" | "linear", role?: string | null,
 *   unit?: string, step?: number | null }} Range
 */

/** @param {Range} range */
const isLog = ({ scale, low, high }) => scale === "log" && low > 0 && high > low;

/**
 * Return the slider coordinate of a value; values outside the range are at the slider's ends.
 *
 * @param {number} value
 * @param {Range} range
 */
export function toSlider(value, range) {
  const { low, high } = range;
  if (!(high > low)) return 0;
  const t = isLog(range) ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  return Math.min(1, Math.max(0, Number.isNaN(t) ? 0 : t));
}

/**
 * Return the value at a slider coordinate, rounded to a useful precision; the ends of the range are exact.
 *
 * @param {number} t slider coordinate, 0 to 1
 * @param {Range} range
 */
export function fromSlider(t, range) {
  const { low, high } = range;
  if (t <= 0) return low;
  if (t >= 1) return high;
  const value = isLog(range) ? low * (high / low) ** t : low + (high - low) * t;
  return Math.min(high, Math.max(low, roundValue(value, range)));
}

/**
 * Round a value to the parameter's own step; without one, to four significant digits on a log scale, and on a linear
 * scale to a power of ten near a two-hundredth of the range.
 *
 * @param {number} value
 * @param {Range} range
 */
export function roundValue(value, range) {
  const { kind, low, high, step } = range;
  if (kind === "count") return Math.round(value / countStep(value, range)) * countStep(value, range);
  if (step) return dropRoundoff(Math.round(value / step) * step);
  if (isLog(range)) return Number(value.toPrecision(4));
  const resolution = 10 ** Math.floor(Math.log10((high - low) / 200));
  return dropRoundoff(Math.round(value / resolution) * resolution);
}

/**
 * Return the step of an integer near a value. On a log scale it is about a twentieth of the value and a power of two, so
 * that lengths of Fourier transforms have small prime factors.
 *
 * @param {number} value
 * @param {Range} range
 */
function countStep(value, range) {
  const one = range.step ?? 1;
  return isLog(range) ? Math.max(one, 2 ** (Math.floor(Math.log2(Math.max(1, value))) - 4)) : one;
}

/** Remove binary rounding errors: 0.30000000000000004 becomes 0.3. @param {number} value */
const dropRoundoff = (value) => Number(value.toPrecision(12));

/** Round to 1, 2 or 5 times a power of ten. @param {number} size */
function roundTo125(size) {
  const decade = 10 ** Math.floor(Math.log10(size));
  const lead = size / decade;
  if (lead < 1.5) return decade;
  if (lead < 3.5) return 2 * decade;
  return lead < 7.5 ? 5 * decade : 10 * decade;
}

/**
 * Return the value after one key press. A step is a semitone of a frequency and half a decibel of a gain, a page is an
 * octave and three decibels.
 *
 * @param {number} value
 * @param {Range} range
 * @param {1 | -1} direction
 * @param {"fine" | "step" | "page"} size
 */
export function stepValue(value, range, direction, size) {
  const { kind, low, high, role, unit, step } = range;
  let next = value;
  if (kind === "count") {
    const one = size === "fine" ? (step ?? 1) : countStep(value, range);
    if (isLog(range) && size === "page") next = roundValue(value * 2 ** direction, range);
    else
      next =
        value + direction * one * (size === "page" ? Math.max(2, roundTo125((high - low) / one / 8)) : 1);
  } else if (isLog(range)) {
    const octaves =
      role === "frequency" || unit === "Hz"
        ? { fine: 1 / 120, step: 1 / 12, page: 1 }
        : { fine: 1 / 60, step: 1 / 6, page: 1 };
    next = roundValue(value * 2 ** (direction * octaves[size]), { ...range, step: null });
    // A fine step may be smaller than the rounding, and must still change the value.
    if (next === value) next = value * 2 ** (direction * octaves[size]);
  } else {
    const one = step ?? (role === "gain" || unit === "dB" ? 0.5 : roundTo125((high - low) / 100));
    const sizes = { fine: step ?? one / 5, step: one, page: one * (step === null ? 6 : 10) };
    next = dropRoundoff(value + direction * sizes[size]);
  }
  return Math.min(high, Math.max(low, next));
}
