import { float32 } from "./buffers.js";

/** @import { Buffers, Curves, CurvesMessage } from "../types" */

/**
 * Return the curves after a message. What the message does not bring stays as it was, because spectra are sent later than
 * the response, or only once.
 *
 * @param {CurvesMessage} message
 * @param {Buffers} buffers one for each name, then one for each stage
 * @param {Curves | null} current
 * @param {Curves | null} previous the curves before the stages changed: those of the input are still valid
 * @returns {Curves}
 */
export function mergeCurves({ seq, names, stage_paths: paths, ...notes }, buffers, current, previous) {
  /** @type {Record<string, Float32Array>} */
  const named = {};
  names.forEach((name, i) => {
    named[name] = float32(buffers[i]);
  });
  const ofInput = current ?? previous;
  const info = notes.stage_info ?? [];
  return {
    seq,
    frequency: named.frequency ?? ofInput?.frequency ?? new Float32Array(0),
    response: named.response ?? (notes.lti === false ? null : (current?.response ?? null)),
    measured: named.measured ?? (notes.lti ? null : (current?.measured ?? null)),
    measuredAt: named.measured ? seq : (current?.measuredAt ?? 0),
    level: notes.measurement_level ?? current?.level ?? 0,
    input: named.input ?? ofInput?.input ?? null,
    output: named.output ?? current?.output ?? null,
    target: named.target ?? (named.target_spectrum ? null : (current?.target ?? null)),
    targetSpectrum: named.target_spectrum ?? (named.target ? null : (current?.targetSpectrum ?? null)),
    taps: named.taps ?? current?.taps ?? null,
    tapCount: named.taps ? (notes.tap_count ?? 0) : (current?.tapCount ?? 0),
    stages: paths
      ? paths.map((path, i) => ({ path, db: float32(buffers[names.length + i]), ...info[i] }))
      : (current?.stages ?? []),
    centerFrequencies: notes.center_frequencies ?? current?.centerFrequencies ?? {},
  };
}
