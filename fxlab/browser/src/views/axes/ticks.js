/** The lines of the plots' axes and their labels. */

/**
 * Return lines at 1 to 9 times each power of ten, with labels at 1, 2 and 5.
 *
 * @param {number} low Hz
 * @param {number} high Hz
 * @returns {{ frequency: number, label: string, major: boolean }[]}
 */
export function frequencyTicks(low, high) {
  const ticks = [];
  for (let decade = 10 ** Math.floor(Math.log10(low)); decade <= high; decade *= 10) {
    for (let lead = 1; lead < 10; lead++) {
      const frequency = lead * decade;
      if (frequency < low * 0.999 || frequency > high * 1.001) continue;
      const labeled = lead === 1 || lead === 2 || lead === 5;
      const label = frequency >= 1000 ? `${frequency / 1000}k` : String(frequency);
      ticks.push({ frequency, label: labeled ? label : "", major: lead === 1 });
    }
  }
  return ticks;
}

/** Return a value as a short text with a typographic minus sign. @param {number} value @param {string} [unit] */
export function tickLabel(value, unit) {
  const rounded = Number(value.toPrecision(6));
  const size = Math.abs(rounded);
  let text = String(rounded);
  if (size >= 1e6 || (rounded !== 0 && size < 1e-3)) text = rounded.toExponential().replace("+", "");
  else if (size >= (unit === "Hz" ? 1e3 : 1e4)) text = `${rounded / 1000}k`;
  return text.replaceAll("-", "−");
}

/**
 * Return the lines of an axis. A log axis of more than a factor of 8 has those of `frequencyTicks`; others have equal
 * distances of 1, 2 or 5 times a power of ten, or of one of `steps`.
 *
 * @param {{ low: number, high: number, log: boolean, unit: string, steps?: number[] | null }} axis
 * @param {number} maxTicks
 * @returns {{ value: number, label: string, major: boolean }[]}
 */
export function axisTicks({ low, high, log, unit, steps }, maxTicks) {
  if (log && high > 8 * low) {
    return frequencyTicks(low, high).map(({ frequency, ...rest }) => ({ value: frequency, ...rest }));
  }
  const minStep = (high - low) / Math.max(2, maxTicks);
  const decade = 10 ** Math.floor(Math.log10(minStep));
  const step = (steps ?? [])
    .concat([1, 2, 5, 10].map((lead) => lead * decade))
    .find((size) => size >= minStep);
  if (!step) return [];
  const ticks = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) {
    ticks.push({ value: k * step, label: tickLabel(k * step, unit), major: k === 0 });
  }
  return ticks;
}

/** Return the lines of a level axis. @param {number} low dB @param {number} high dB @param {number} maxTicks */
export function levelTicks(low, high, maxTicks) {
  const step = [1, 2, 3, 6, 12, 24, 48].find((size) => (high - low) / size <= maxTicks) ?? 96;
  const ticks = [];
  for (let level = Math.ceil(low / step) * step; level <= high + 1e-9; level += step) ticks.push(level);
  return ticks;
}
