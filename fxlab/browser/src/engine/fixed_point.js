/** Filters on whole numbers with rounding and overflow, as `fxlab.engine.fixed_point`; all sums are below 2^53. */

/** @type {((value: number, unit: number) => number)[]} */
const ROUNDINGS = [
  (value, unit) => Math.floor((value + unit / 2 - (value < 0 ? 1 : 0)) / unit),
  (value, unit) => Math.floor(value / unit),
  (value, unit) => Math.trunc(value / unit),
];

/**
 * Run a flow graph on the samples of each row.
 *
 * @param {Float64Array} y whole numbers, `(rows, time)`
 * @param {Float64Array} after the states after the block, `(rows, states)`; may be `before`
 * @param {Float64Array} x
 * @param {Float64Array} before
 * @param {Float64Array} table the places of the next states and of the output, then the nodes; see
 *   `fxlab/page/compiler/fixed_point_operator.py`
 * @param {number} rows
 * @param {number} time
 * @param {number} states
 * @param {number} nodes
 * @param {number} lowest
 * @param {number} highest
 * @param {number} wraps 1: what exceeds the range wraps; 0: it saturates
 * @param {number} rounding 0: to the nearest, halves away from zero; 1: down; 2: towards zero
 * @param {number} roundsProducts 1: each product is rounded; 0: their sum is
 */
export function fixedPoint(
  y,
  after,
  x,
  before,
  table,
  rows,
  time,
  states,
  nodes,
  lowest,
  highest,
  wraps,
  rounding,
  roundsProducts,
) {
  const values = new Float64Array(states + nodes + 1);
  const next = new Float64Array(states);
  const range = highest - lowest + 1;
  const round = (/** @type {number} */ value, /** @type {number} */ bits) =>
    bits === 0 ? value : ROUNDINGS[rounding](value, 2 ** bits);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < states; i++) values[i] = before[row * states + i];
    for (let n = row * time; n < (row + 1) * time; n++) {
      values[states + nodes] = x[n];
      let at = states + 1;
      for (let node = 0; node < nodes; node++) {
        const [terms, bits] = [table[at], table[at + 1]];
        let sum = 0;
        at += 2;
        for (let term = 0; term < terms; term++, at += 3) {
          const product = values[table[at]] * table[at + 1];
          sum += roundsProducts ? round(product, table[at + 2]) : product;
        }
        sum = round(sum, bits);
        if (sum < lowest || sum > highest) {
          if (wraps) sum -= range * Math.floor((sum - lowest) / range);
          else sum = sum > 0 ? highest : lowest;
        }
        values[states + node] = sum;
      }
      y[n] = values[table[states]];
      for (let i = 0; i < states; i++) next[i] = values[table[i]];
      values.set(next);
    }
    for (let i = 0; i < states; i++) after[row * states + i] = values[i];
  }
}
