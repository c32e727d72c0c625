/** The plots and pictures of a function that a program computes. */

/** @import { ProgramDrawing } from "./program" */

/** A computed number within text: its index and its count of decimal places. */
const NUMBER = /\ue000(\d+):(\d+)\ue001/g;

/**
 * Return a plot for the page.
 *
 * @param {string} view the name of the view
 * @param {string} text its fields as JSON, with marks in the place of computed numbers
 * @param {Float64Array[]} numbers
 * @param {Record<string, Float64Array>} vectors
 * @returns {ProgramDrawing}
 */
export function plot(view, text, numbers, vectors) {
  const fields = fieldsOf(text, numbers);
  const copies = Object.entries(vectors).map(([name, values]) => [name, Float32Array.from(values)]);
  const drawn = Object.fromEntries(copies);
  if (fields.x.low === undefined) Object.assign(fields.x, limits(drawn, fields.x.scale));
  fields.note ||= hasValues(drawn) ? "" : "No value is finite: there is nothing to draw.";
  return { view, fields, vectors: drawn };
}

/**
 * Return a picture for the page, as `Picture.drawing` in `fxlab/labs/plot.py`.
 *
 * @param {string} view
 * @param {string} text
 * @param {Float64Array[]} numbers
 * @param {{ levels: Float64Array }} vectors the bottom row first
 * @param {number} rows of the levels
 * @param {number} columns of the levels
 * @param {number} depth the range of the colors
 * @param {number} top their upper limit; NaN: the highest level
 * @returns {ProgramDrawing}
 */
export function picture(view, text, numbers, { levels }, rows, columns, depth, top) {
  const fields = fieldsOf(text, numbers);
  const averaged = averageCells(levels, [rows, columns], [fields.rows, fields.columns]);
  const finite = averaged.filter(Number.isFinite);
  const highest = finite.length > 0 ? finite.reduce((a, b) => Math.max(a, b)) : 0;
  const high = Number.isNaN(top) ? highest : top;
  Object.assign(fields.level, { low: high - depth, high });
  const cells = new Uint8ClampedArray(averaged.length);
  for (let row = 0; row < fields.rows; row++)
    for (let column = 0; column < fields.columns; column++) {
      const level = averaged[row * fields.columns + column];
      cells[(fields.rows - 1 - row) * fields.columns + column] = (level - high + depth) * (255 / depth);
    }
  return { view, fields, vectors: { levels: new Uint8Array(cells.buffer) } };
}

/**
 * Return the means of cells, as `adaptive_avg_pool2d` of PyTorch.
 *
 * @param {Float64Array} levels @param {number[]} have rows and columns @param {number[]} wanted
 */
function averageCells(levels, have, wanted) {
  if (have[0] === wanted[0] && have[1] === wanted[1]) return levels;
  const means = new Float64Array(wanted[0] * wanted[1]);
  const from = (/** @type {number} */ i, /** @type {number} */ d) => Math.floor((i * have[d]) / wanted[d]);
  const to = (/** @type {number} */ i, /** @type {number} */ d) => Math.ceil(((i + 1) * have[d]) / wanted[d]);
  for (let row = 0, cell = 0; row < wanted[0]; row++)
    for (let column = 0; column < wanted[1]; column++, cell++) {
      let sum = 0;
      for (let i = from(row, 0); i < to(row, 0); i++)
        for (let j = from(column, 1); j < to(column, 1); j++) sum += levels[i * have[1] + j];
      means[cell] = sum / ((to(row, 0) - from(row, 0)) * (to(column, 1) - from(column, 1)));
    }
  return means;
}

/** @param {string} text @param {Float64Array[]} numbers @returns {Record<string, any>} */
function fieldsOf(text, numbers) {
  return JSON.parse(text.replace(NUMBER, (_, index, digits) => fixed(numbers[index][0], Number(digits))));
}

/** Write a number as Python does. @param {number} value @param {number} digits */
function fixed(value, digits) {
  if (Number.isNaN(value)) return "nan";
  if (Number.isFinite(value)) return value.toFixed(digits);
  return value > 0 ? "inf" : "-inf";
}

/** Whether any value of a curve is finite. @param {Record<string, Float32Array>} vectors */
function hasValues(vectors) {
  return Object.entries(vectors).some(
    ([name, values]) => name.startsWith("y") && values.some(Number.isFinite),
  );
}

/**
 * Return the limits of the horizontal axis, as `x_limits` in `fxlab/labs/plot.py`.
 *
 * @param {Record<string, Float32Array>} vectors @param {string} scale
 */
function limits(vectors, scale) {
  let [low, high] = [Infinity, -Infinity];
  for (const [name, values] of Object.entries(vectors)) {
    if (!name.startsWith("x")) continue;
    for (const x of values) {
      if (!Number.isFinite(x) || (scale === "log" && x <= 0)) continue;
      low = Math.min(low, x);
      high = Math.max(high, x);
    }
  }
  if (low > high) return scale === "log" ? { low: 1, high: 10 } : { low: 0, high: 1 };
  if (high > low) return { low, high };
  return scale === "log" ? { low: low / 2, high: 2 * low } : { low: low - 0.5, high: low + 0.5 };
}
