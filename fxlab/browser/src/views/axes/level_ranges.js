/** The ranges of level axes: those that the user can choose, and those that fit given curves. */

/** The name of the choice that shows levels as linear amplitudes. */
export const LINEAR = "Linear";

/** The choices for the level axis; null: the range follows the curves. @type {Record<string, { high: number, low: number } | null>} */
export const LEVEL_RANGES = {
  Auto: null,
  "±6 dB": { high: 6, low: -6 },
  "±12 dB": { high: 12, low: -12 },
  "±24 dB": { high: 24, low: -24 },
  "−60 dB": { high: 6, low: -60 },
  "−120 dB": { high: 12, low: -120 },
  [LINEAR]: null,
};

/** The possible ends of the response axis in dB, the closest first. */
const UPPER_ENDS = [6, 12, 18, 24, 36, 48];
const LOWER_ENDS = [-12, -18, -24, -36, -48, -60];

/**
 * Return the level range that shows responses well; levels below −60 dB are cut off.
 *
 * @param {Iterable<ArrayLike<number>>} curves dB
 * @returns {{ high: number, low: number }}
 */
export function responseRange(curves) {
  let highest = 0;
  let lowest = 0;
  for (const curve of curves) {
    for (let i = 0; i < curve.length; i++) {
      if (curve[i] > highest) highest = curve[i];
      if (curve[i] < lowest) lowest = curve[i];
    }
  }
  const high = UPPER_ENDS.find((level) => highest <= level - 1.5) ?? 48;
  const low = LOWER_ENDS.find((level) => lowest >= level + 1.5) ?? -60;
  // With only a boost or only a cut, 0 dB is in the middle of the plot, as on a mixing console.
  if (lowest > -3) return { high, low: -high };
  return { high, low: Math.min(low, highest > 3 ? -high : low) };
}

/**
 * Return the range of linear amplitudes, from 0, that shows responses well.
 *
 * @param {Iterable<ArrayLike<number>>} curves dB
 * @returns {{ high: number, low: number }}
 */
export function amplitudeRange(curves) {
  let highest = 0;
  for (const curve of curves) {
    for (let i = 0; i < curve.length; i++) if (curve[i] > highest) highest = curve[i];
  }
  const needed = 1.04 * 10 ** (highest / 20);
  const decade = 10 ** Math.floor(Math.log10(needed));
  return {
    low: 0,
    high: [1.2, 1.6, 2, 3, 4, 5, 6, 8, 10].map((x) => x * decade).find((x) => x >= needed) ?? needed,
  };
}

/**
 * Return a range of 84 dB that begins just above the loudest part of the spectra.
 *
 * @param {ArrayLike<number>[]} spectra dBFS
 * @returns {{ high: number, low: number }}
 */
export function spectrumRange(spectra) {
  let highest = Number.NEGATIVE_INFINITY;
  for (const spectrum of spectra) {
    for (let i = 0; i < spectrum.length; i++) if (spectrum[i] > highest) highest = spectrum[i];
  }
  const high = Number.isFinite(highest) ? Math.ceil((highest + 3) / 12) * 12 : 0;
  return { high, low: high - 84 };
}
