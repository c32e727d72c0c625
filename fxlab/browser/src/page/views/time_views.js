/** @import { PageView } from "./page_view" */

const RINGING_SHARE = 0.005;
const NEGLIGIBLE = 1e-5;
const MIN_SAMPLES = 24;
const MAX_STEMS = 160;
const COLUMNS = 1024;
/** dB */
const DEPTH = 90;
const ROUND_NUMBERS = [1, 1.25, 1.6, 2, 2.5, 3.2, 4, 5, 6.4, 8, 10];

/** Return the number of samples of an impulse response to show, as a round number. @param {Float64Array} h */
function shownLength(h) {
  let [largest, ringing] = [0, 0];
  h.forEach((value, i) => {
    largest = Math.max(largest, Math.abs(value));
    if (i > 0) ringing = Math.max(ringing, Math.abs(value));
  });
  const limit = Math.max(RINGING_SHARE * ringing, NEGLIGIBLE * largest);
  let last = h.length;
  while (last > 1 && Math.abs(h[last - 1]) <= limit) last -= 1;
  const wanted = Math.max(MIN_SAMPLES, 1.05 * last);
  const decade = 10 ** Math.floor(Math.log10(wanted));
  return Math.trunc((ROUND_NUMBERS.find((number) => number * decade >= wanted) ?? 10) * decade);
}

/**
 * Return times in ms and values; of a long curve the lowest and the highest value of each column, or only the highest.
 *
 * @param {Float64Array} values @param {number} start @param {number} rate @param {boolean} [onlyHighest]
 */
function curve(values, start, rate, onlyHighest = false) {
  const block = Math.ceil(values.length / COLUMNS);
  const ms = (/** @type {number} */ i) => ((start + i) * 1000) / rate;
  if (block < 3) {
    const style = values.length <= MAX_STEMS ? "stem" : "line";
    return { time: Float32Array.from(values, (_, i) => ms(i)), value: Float32Array.from(values), style };
  }
  /** @type {number[]} */
  const time = [];
  /** @type {number[]} */
  const value = [];
  for (let i = 0; i < values.length; i += block) {
    const part = values.subarray(i, i + block);
    const highest = part.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    if (onlyHighest) {
      time.push(ms(i));
      value.push(highest);
    } else {
      time.push(ms(i), ms(i));
      value.push(
        part.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
        highest,
      );
    }
  }
  return { time: Float32Array.from(time), value: Float32Array.from(value), style: "line" };
}

/** @param {Float64Array} h @param {number} rate @param {{ low?: number, high?: number } | undefined} shown in ms */
function visiblePart(h, rate, shown) {
  const length = shownLength(h);
  const high = Math.min((length / rate) * 1000, shown?.high ?? Number.POSITIVE_INFINITY);
  const low = Math.max(0, shown?.low ?? 0);
  const start = Math.max(0, Math.min(Math.floor((low / 1000) * rate) - 1, length - 2));
  const end = Math.min(length, Math.max(start + 2, Math.ceil((high / 1000) * rate) + 2));
  return { length, start, end };
}

/** @param {Float64Array} values @param {number} start @param {number} end values beyond the last are 0 */
function padded(values, start, end) {
  const part = new Float64Array(end - start);
  part.set(values.subarray(start, Math.min(end, values.length)));
  return part;
}

/** The impulse response, and its level in dB. @type {PageView} */
export function drawImpulse({ impulse, rate, axes }) {
  const h = impulse();
  const { length, start, end } = visiblePart(h, rate, axes.ms);
  const visible = padded(h, start, end);
  const linear = curve(visible, start, rate);
  const level = visible.map((value) => 20 * Math.log10(Math.max(Math.abs(value), 1e-9)));
  const levels = curve(level, start, rate, true);
  const peak = h.reduce((a, b) => Math.max(a, Math.abs(b)), 1e-9);
  const top = Math.ceil((20 * Math.log10(peak)) / 6 + 0.25) * 6;
  const label = "Impulse response";
  const line = { x: "time", y: "value", label, style: linear.style };
  const forms = [
    { label: "Linear", y: { unit: "" }, lines: [line] },
    {
      label: "dB",
      y: { unit: "dB", low: top - DEPTH, high: top, steps: [6, 12, 24] },
      lines: [{ x: "level_time", y: "level", label, style: "line" }],
    },
  ];
  const vectors = {
    time: linear.time,
    value: linear.value,
    level_time: levels.time,
    level: levels.value,
  };
  return { fields: { x: { unit: "ms", low: 0, high: (length / rate) * 1000 }, forms }, vectors };
}

/** The step response, over the same time as the impulse response. @type {PageView} */
export function drawStep({ impulse, rate, axes }) {
  const h = impulse();
  const { length, start, end } = visiblePart(h, rate, axes.ms);
  const sum = new Float64Array(length);
  let total = 0;
  for (let i = 0; i < length; i++) {
    total += h[i] ?? 0;
    sum[i] = total;
  }
  const { time, value, style } = curve(sum.subarray(start, end), start, rate);
  const line = { x: "time", y: "value", label: "Step response", style };
  const forms = [{ label: "Step", y: { unit: "" }, lines: [line] }];
  return {
    fields: { x: { unit: "ms", low: 0, high: (length / rate) * 1000 }, forms },
    vectors: { time, value },
  };
}
