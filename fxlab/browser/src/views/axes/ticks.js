/** The scales of the plots: frequencies on a log axis, decibels on a linear one. */

/** The axis of levels as amplitudes. */
export const LINEAR = "Linear";

/** Ranges of the axis of levels to choose from; null: as the curves need it. @type {Record<string, { high: number, low: number } | null>} */
export const LEVELS = {
  Auto: null,
  "±6 dB": { high: 6, low: -6 },
  "±12 dB": { high: 12, low: -12 },
  "±24 dB": { high: 24, low: -24 },
  "−60 dB": { high: 6, low: -60 },
  "−120 dB": { high: 12, low: -120 },
  [LINEAR]: null,
};

/**
 * @param {number} low Hz
 * @param {number} high Hz
 * @returns {{ frequency: number, label: string, major: boolean }[]} lines at 1…9 times each decade,
 *   labelled at 1, 2 and 5
 */
export function frequencyTicks(low, high) {
  const ticks = [];
  for (let decade = 10 ** Math.floor(Math.log10(low)); decade <= high; decade *= 10) {
    for (let lead = 1; lead < 10; lead++) {
      const frequency = lead * decade;
      if (frequency < low * 0.999 || frequency > high * 1.001) continue;
      const named = lead === 1 || lead === 2 || lead === 5;
      const label = frequency >= 1000 ? `${frequency / 1000}k` : String(frequency);
      ticks.push({ frequency, label: named ? label : "", major: lead === 1 });
    }
  }
  return ticks;
}

/** A real minus sign for what only the eye reads. @param {number} value @param {string} [unit] */
export function tickLabel(value, unit) {
  const tidy = Number(value.toPrecision(6));
  const size = Math.abs(tidy);
  let text = String(tidy);
  if (size >= 1e6 || (tidy !== 0 && size < 1e-3)) text = tidy.toExponential().replace("+", "");
  else if (size >= (unit === "Hz" ? 1e3 : 1e4)) text = `${tidy / 1000}k`;
  return text.replaceAll("-", "−");
}

/**
 * Lines of an axis: of several decades on a log one as `frequencyTicks` has them, else evenly spaced by 1, 2
 * or 5, or by one of `steps`.
 *
 * @param {{ low: number, high: number, log: boolean, unit: string, steps?: number[] | null }} axis
 * @param {number} most
 * @returns {{ value: number, label: string, major: boolean }[]}
 */
export function axisTicks({ low, high, log, unit, steps }, most) {
  if (log && high > 8 * low) {
    return frequencyTicks(low, high).map(({ frequency, ...rest }) => ({ value: frequency, ...rest }));
  }
  const rough = (high - low) / Math.max(2, most);
  const decade = 10 ** Math.floor(Math.log10(rough));
  const step = (steps ?? []).concat([1, 2, 5, 10].map((lead) => lead * decade)).find((size) => size >= rough);
  if (!step) return [];
  const ticks = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) {
    ticks.push({ value: k * step, label: tickLabel(k * step, unit), major: k === 0 });
  }
  return ticks;
}

/** @param {number} low dB @param {number} high dB @param {number} most lines to draw at most */
export function levelTicks(low, high, most) {
  const step = [1, 2, 3, 6, 12, 24, 48].find((size) => (high - low) / size <= most) ?? 96;
  const ticks = [];
  for (let level = Math.ceil(low / step) * step; level <= high + 1e-9; level += step) ticks.push(level);
  return ticks;
}

/** Ranges of the response axis, the closest first: above and below 0 dB. */
const ABOVE = [6, 12, 18, 24, 36, 48];
const BELOW = [-12, -18, -24, -36, -48, -60];

/**
 * @param {Iterable<ArrayLike<number>>} curves dB
 * @returns {{ high: number, low: number }} what shows them well; the deep parts are cut at −60 dB
 */
export function responseRange(curves) {
  let most = 0;
  let least = 0;
  for (const curve of curves) {
    for (let i = 0; i < curve.length; i++) {
      if (curve[i] > most) most = curve[i];
      if (curve[i] < least) least = curve[i];
    }
  }
  const high = ABOVE.find((level) => most <= level - 1.5) ?? 48;
  const low = BELOW.find((level) => least >= level + 1.5) ?? -60;
  // A boost alone or a cut alone sits in the middle of the plot, as on a mixing desk.
  if (least > -3) return { high, low: -high };
  return { high, low: Math.min(low, most > 3 ? -high : low) };
}

/** @param {Iterable<ArrayLike<number>>} curves dB @returns {{ high: number, low: number }} in amplitude, from 0 up */
export function amplitudeRange(curves) {
  let most = 0;
  for (const curve of curves) for (let i = 0; i < curve.length; i++) if (curve[i] > most) most = curve[i];
  const needed = 1.04 * 10 ** (most / 20);
  const decade = 10 ** Math.floor(Math.log10(needed));
  return {
    low: 0,
    high: [1.2, 1.6, 2, 3, 4, 5, 6, 8, 10].map((x) => x * decade).find((x) => x >= needed) ?? needed,
  };
}

/**
 * @param {ArrayLike<number>[]} spectra dBFS
 * @returns {{ high: number, low: number }} 90 dB from the loudest part down
 */
export function spectrumRange(spectra) {
  let most = Number.NEGATIVE_INFINITY;
  for (const spectrum of spectra) {
    for (let i = 0; i < spectrum.length; i++) if (spectrum[i] > most) most = spectrum[i];
  }
  const high = Number.isFinite(most) ? Math.ceil((most + 3) / 12) * 12 : 0;
  return { high, low: high - 84 };
}

/**
 * Where `frequency` lies in a sorted grid, with a fraction.
 *
 * @param {ArrayLike<number>} grid
 * @param {number} frequency
 */
export function indexAt(grid, frequency) {
  let low = 0;
  let high = grid.length - 1;
  if (high < 0 || !(frequency > grid[0])) return 0;
  if (frequency >= grid[high]) return high;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (grid[middle] <= frequency) low = middle;
    else high = middle;
  }
  return low + (frequency - grid[low]) / (grid[high] - grid[low]);
}

/** @param {ArrayLike<number>} curve @param {number} index with a fraction */
export function valueAt(curve, index) {
  const whole = Math.min(Math.floor(index), curve.length - 1);
  const next = Math.min(whole + 1, curve.length - 1);
  return curve[whole] + (index - whole) * (curve[next] - curve[whole]);
}
