import { float32 } from "./value_sync.js";

/** @import { Curves, CurvesMessage } from "../types" */

/**
 * The curves that a message leaves: what it does not bring stands as it is, for spectra come later than the response, or
 * once.
 *
 * @param {CurvesMessage} message
 * @param {(ArrayBuffer | ArrayBufferView)[]} buffers those by name, then those of the stages
 * @param {Curves | null} before
 * @param {Curves | null} former those of the chain as it was: what they tell of the sound holds on
 * @returns {Curves}
 */
export function merged({ seq, names, stage_paths: paths, ...notes }, buffers, before, former) {
  /** @type {Record<string, Float32Array>} */
  const named = {};
  names.forEach((name, i) => {
    named[name] = float32(buffers[i]);
  });
  const sound = before ?? former;
  const info = notes.stage_info ?? [];
  return {
    seq,
    frequency: named.frequency ?? sound?.frequency ?? new Float32Array(0),
    response: named.response ?? (notes.lti === false ? null : (before?.response ?? null)),
    measured: named.measured ?? (notes.lti ? null : (before?.measured ?? null)),
    measuredAt: named.measured ? seq : (before?.measuredAt ?? 0),
    level: notes.measurement_level ?? before?.level ?? 0,
    input: named.input ?? sound?.input ?? null,
    output: named.output ?? before?.output ?? null,
    taps: named.taps ?? before?.taps ?? null,
    tapCount: named.taps ? (notes.tap_count ?? 0) : (before?.tapCount ?? 0),
    stages: paths
      ? paths.map((path, i) => ({ path, db: float32(buffers[names.length + i]), ...info[i] }))
      : (before?.stages ?? []),
    centerFrequencies: notes.center_frequencies ?? before?.centerFrequencies ?? {},
  };
}
