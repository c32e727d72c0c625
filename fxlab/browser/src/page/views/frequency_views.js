import { phaseAndDelay } from "../analysis/phase.js";

/** @import { PageView } from "./page_view" */

const AXIS = { unit: "Hz", scale: "log" };
const PHASE_STEPS = [15, 30, 45, 90, 180, 360, 720, 1440];
/** Degrees: the axis shows at least this much on either side of the middle. */
const MIN_HALF_RANGE = 20;
/** Times the axis range: the margin above and below. */
const MARGIN = 0.08;
/** Times the range of the group delay: the most by which the phase delay extends the axis. */
const PHASE_DELAY_SHARE = 0.5;

/** @param {Float64Array} values @returns {[number, number] | null} the lowest and the highest finite value */
function range(values) {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return null;
  return [finite.reduce((a, b) => Math.min(a, b)), finite.reduce((a, b) => Math.max(a, b))];
}

/** The phase in degrees, unwrapped and wrapped. @type {PageView} */
export function drawPhase({ stages, frequencies, rate }) {
  const { phase } = phaseAndDelay(stages, frequencies, rate);
  const degrees = phase.map((value) => (value * 180) / Math.PI);
  const wrapped = degrees.map((value) => value - 360 * Math.floor((value + 180) / 360));
  // The line is interrupted where the wrapped phase jumps between its limits.
  const gaps = wrapped.map((value, k) =>
    k > 0 && Math.abs(value - wrapped[k - 1]) > 180 ? Number.NaN : value,
  );
  const limits = range(degrees);
  /** @type {object} */
  let axis = {};
  if (limits && limits[1] - limits[0] <= MIN_HALF_RANGE) {
    // Rounding errors of an almost constant phase are not magnified.
    const middle = (limits[0] + limits[1]) / 2;
    axis = { low: middle - MIN_HALF_RANGE, high: middle + MIN_HALF_RANGE };
  }
  const line = (/** @type {string} */ name) => ({ x: "frequency", y: name, label: "Phase" });
  const y = { unit: "°", steps: PHASE_STEPS };
  const forms = [
    { label: "Unwrapped", y: { ...y, ...axis }, lines: [line("phase")] },
    { label: "Wrapped", y: { ...y, low: -180, high: 180 }, lines: [line("wrapped")] },
  ];
  const vectors = {
    frequency: Float32Array.from(frequencies),
    phase: Float32Array.from(degrees),
    wrapped: Float32Array.from(gaps),
  };
  return { fields: { x: AXIS, forms }, vectors };
}

/** The group delay and the phase delay, in ms and in samples. @type {PageView} */
export function drawDelay({ stages, frequencies, rate }) {
  const { phase, delay } = phaseAndDelay(stages, frequencies, rate);
  const phaseDelay = phase.map((value, k) => (-value * rate) / (2 * Math.PI * frequencies[k]));
  const [low, high] = delayRange(delay, phaseDelay);
  /** @type {Record<string, Float32Array>} */
  const vectors = { frequency: Float32Array.from(frequencies) };
  const forms = [
    ["ms", 1000 / rate],
    ["samples", 1],
  ].map(([unit, factor]) => {
    const scaled = (/** @type {Float64Array} */ values) =>
      Float32Array.from(values, (v) => v * Number(factor));
    vectors[`group_${unit}`] = scaled(delay);
    vectors[`phase_${unit}`] = scaled(phaseDelay);
    const lines = [
      { x: "frequency", y: `phase_${unit}`, label: "Phase delay", style: "dashed", color: "muted" },
      { x: "frequency", y: `group_${unit}`, label: "Group delay" },
    ];
    return { label: unit, y: { unit, low: low * Number(factor), high: high * Number(factor) }, lines };
  });
  return { fields: { x: AXIS, forms }, vectors };
}

/** @param {Float64Array} group @param {Float64Array} phase @returns {[number, number]} */
function delayRange(group, phase) {
  let [low, high] = range(group) ?? [0, 1];
  low = Math.min(low, 0);
  const extension = PHASE_DELAY_SHARE * Math.max(high - low, 1);
  const limits = range(phase);
  if (limits) {
    const [before, after] = [low, high];
    low = Math.min(low, Math.max(limits[0], before - extension));
    high = Math.max(high, Math.min(limits[1], after + extension));
  }
  const margin = MARGIN * Math.max(high - low, 1);
  return [low < 0 ? low - margin : -margin / 2, high + margin];
}
