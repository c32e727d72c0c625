/**
 * Between a parameter's value, in its unit, and its slider's coordinate, 0 to 1.
 *
 * @typedef {{ kind: string, low: number, high: number, scale: "log" | "linear", role?: string | null,
 *   unit?: string, step?: number | null }} Range
 */

/** @param {Range} range */
const isLog = ({ scale, low, high }) => scale === "log" && low > 0 && high > low;

/**
 * @param {number} value in units; beyond the range it stays at the slider's end
 * @param {Range} range
 */
export function toSlider(value, range) {
  const { low, high } = range;
  if (!(high > low)) return 0;
  const t = isLog(range) ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  return Math.min(1, Math.max(0, Number.isNaN(t) ? 0 : t));
}

/**
 * @param {number} t slider coordinate, 0 to 1
 * @param {Range} range
 * @returns {number} the value in units, rounded to what the ear and the eye can use, its ends exact
 */
export function fromSlider(t, range) {
  const { low, high } = range;
  if (t <= 0) return low;
  if (t >= 1) return high;
  const value = isLog(range) ? low * (high / low) ** t : low + (high - low) * t;
  return Math.min(high, Math.max(low, tidy(value, range)));
}

/**
 * Four significant digits on a log scale; on a linear one a decimal step of about a two-hundredth of the
 * range. A parameter's own step goes before both.
 *
 * @param {number} value
 * @param {Range} range
 */
export function tidy(value, range) {
  const { kind, low, high, step } = range;
  if (kind === "count") return Math.round(value / (step ?? 1)) * (step ?? 1);
  if (step) return trim(Math.round(value / step) * step);
  if (isLog(range)) return Number(value.toPrecision(4));
  const grain = 10 ** Math.floor(Math.log10((high - low) / 200));
  return trim(Math.round(value / grain) * grain);
}

/** Drop the dust of binary fractions: 0.30000000000000004 is 0.3. @param {number} value */
const trim = (value) => Number(value.toPrecision(12));

/** @param {number} size */
function nice(size) {
  const decade = 10 ** Math.floor(Math.log10(size));
  const lead = size / decade;
  if (lead < 1.5) return decade;
  if (lead < 3.5) return 2 * decade;
  return lead < 7.5 ? 5 * decade : 10 * decade;
}

/**
 * The value one key press away: a semitone or an octave of a frequency, half a decibel or three of a gain.
 *
 * @param {number} value
 * @param {Range} range
 * @param {1 | -1} direction
 * @param {"fine" | "step" | "page"} size
 */
export function stepped(value, range, direction, size) {
  const { kind, low, high, role, unit, step } = range;
  let next = value;
  if (kind === "count") {
    const one = step ?? 1;
    next = value + direction * one * (size === "page" ? Math.max(2, nice((high - low) / one / 8)) : 1);
  } else if (isLog(range)) {
    const octaves =
      role === "frequency" || unit === "Hz"
        ? { fine: 1 / 120, step: 1 / 12, page: 1 }
        : { fine: 1 / 60, step: 1 / 6, page: 1 };
    next = tidy(value * 2 ** (direction * octaves[size]), { ...range, step: null });
    // Rounding must not swallow a fine step.
    if (next === value) next = value * 2 ** (direction * octaves[size]);
  } else {
    const one = step ?? (role === "gain" || unit === "dB" ? 0.5 : nice((high - low) / 100));
    const sizes = { fine: step ?? one / 5, step: one, page: one * (step === null ? 6 : 10) };
    next = trim(value + direction * sizes[size]);
  }
  return Math.min(high, Math.max(low, next));
}
