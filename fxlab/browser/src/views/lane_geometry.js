import { fromSlider, stepValue, toSlider } from "../controls/taper.js";

/**
 * The points of an automation, and the changes that a user makes to them. Values are in the unit of the parameter; along the
 * slider's scale the line between two points is straight.
 *
 * @import { Param, Points } from "../types"
 *
 * @typedef {{ points: Points, index: number }} Edit `index` is that of the point that has the focus afterwards
 */

/** The largest number of points that the kernel takes from a page. */
export const MAX_POINTS = 256;

/** Round a time to milliseconds. @param {number} seconds */
const roundTime = (seconds) => Math.round(1000 * seconds) / 1000;

/** @param {number} value @param {number} low @param {number} high */
const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

/**
 * Return the slider coordinate of the automation at a time.
 *
 * @param {Points} points @param {number} seconds @param {Param} param
 * @param {boolean} holds whether the value of a point holds until the next one
 */
export function coordinateAt(points, seconds, param, holds) {
  const after = points.findIndex(([time]) => time > seconds);
  if (after === 0) return toSlider(points[0][1], param);
  if (after < 0) return toSlider(points[points.length - 1][1], param);
  const [[start, first], [end, second]] = [points[after - 1], points[after]];
  const from = toSlider(first, param);
  return holds ? from : from + ((seconds - start) / (end - start)) * (toSlider(second, param) - from);
}

/**
 * Return the corners of the line that is drawn, in seconds and slider coordinates.
 *
 * @param {Points} points @param {number} duration of the sound, in seconds
 * @param {Param} param @param {boolean} holds
 * @returns {[number, number][]}
 */
export function corners(points, duration, param, holds) {
  /** @type {[number, number][]} */
  const found = [];
  for (const [time, value] of points) {
    const t = toSlider(value, param);
    const before = found.at(-1);
    if (!before) found.push([0, t]);
    else if (holds) found.push([time, before[1]]);
    found.push([time, t]);
  }
  found.push([Math.max(duration, points.at(-1)?.[0] ?? 0), found.at(-1)?.[1] ?? 0]);
  return found;
}

/**
 * Add a point; there are at most `MAX_POINTS`.
 *
 * @param {Points} points @param {number} seconds @param {number} t slider coordinate @param {Param} param
 * @returns {Edit | null}
 */
export function addPoint(points, seconds, t, param) {
  if (points.length >= MAX_POINTS) return null;
  const after = points.findIndex(([time]) => time > seconds);
  const index = after < 0 ? points.length : after;
  /** @type {Points[number]} */
  const point = [roundTime(seconds), fromSlider(t, param)];
  return { points: [...points.slice(0, index), point, ...points.slice(index)], index };
}

/**
 * Move a point; it stays between its neighbors and within the sound.
 *
 * @param {Points} points @param {number} index @param {number} seconds @param {number} value
 * @param {number} duration
 * @returns {Edit}
 */
export function movePoint(points, index, seconds, value, duration) {
  const [earliest, latest] = [points[index - 1]?.[0] ?? 0, points[index + 1]?.[0] ?? duration];
  const time = clamp(roundTime(seconds), earliest, Math.max(earliest, latest));
  return { points: points.map((point, i) => (i === index ? [time, value] : point)), index };
}

/** Remove a point, except the last one that is left. @param {Points} points @param {number} index @returns {Edit | null} */
export function removePoint(points, index) {
  if (points.length < 2) return null;
  return { points: points.filter((_, i) => i !== index), index: Math.max(0, index - 1) };
}

/** Add a point between a point and the next one, or the end of the sound. @param {Points} points @param {number} index
 * @param {number} duration @param {Param} param @param {boolean} holds */
function addAfter(points, index, duration, param, holds) {
  const [time] = points[index];
  const isLast = index === points.length - 1;
  const end = isLast ? duration : points[index + 1][0];
  // After a point at the end of the sound there is no space.
  const start = isLast && time >= duration ? (points[index - 1]?.[0] ?? 0) : time;
  const middle = (start + (end > start ? end : time)) / 2;
  return addPoint(points, middle, coordinateAt(points, middle, param, holds), param);
}

/**
 * Return the edit that a key makes on a point. The arrows move it, finer with Shift; PageUp and PageDown change the value by
 * more, Home and End set it to the ends of the slider; Enter adds a point after it, Delete removes it.
 *
 * @param {Points} points @param {number} index
 * @param {{ key: string, shiftKey: boolean }} event
 * @param {Param} param @param {number} duration @param {boolean} holds
 * @returns {Edit | null | undefined} null: nothing changes; undefined: a point does not use this key
 */
export function keyEdit(points, index, { key, shiftKey }, param, duration, holds) {
  const [time, value] = points[index];
  const move = (/** @type {number} */ seconds, /** @type {number} */ next) =>
    movePoint(points, index, seconds, next, duration);
  if (key === "Enter" && !shiftKey) return addAfter(points, index, duration, param, holds);
  if (key === "Delete" || key === "Backspace") return removePoint(points, index);
  if (key === "Home") return move(time, param.low);
  if (key === "End") return move(time, param.high);
  if (key === "ArrowLeft" || key === "ArrowRight") {
    const step = Math.max(0.05, duration / 200) * (shiftKey ? 0.1 : 1);
    return move(time + (key === "ArrowLeft" ? -step : step), value);
  }
  const direction = key === "ArrowUp" || key === "PageUp" ? 1 : -1;
  if (key !== "ArrowUp" && key !== "ArrowDown" && key !== "PageUp" && key !== "PageDown") return undefined;
  const size = key.startsWith("Page") ? "page" : shiftKey ? "fine" : "step";
  return move(time, stepValue(value, param, direction, size));
}
