/**
 * Second-order sections in transposed direct form II, as `fxlab.engine.sosfilt`.
 *
 * Arrays are contiguous, and rows are the channels: `x` and `y` are `(rows, time)`, the states `(rows, sections, 2)`.
 */

/**
 * @param {Float64Array} y the output
 * @param {Float64Array} after the state after the block; may be `before`
 * @param {Float64Array} x the input; may be `y`
 * @param {Float64Array} sos `(sections, 6)`, or `(rows, sections, 6)` if `stride` is the size of one cascade
 * @param {Float64Array} before the state before the block
 * @param {number} rows
 * @param {number} time
 * @param {number} sections
 * @param {number} stride 0 if all rows have the same sections
 */
export function filterSections(y, after, x, sos, before, rows, time, sections, stride) {
  if (y !== x) y.set(x);
  for (let row = 0; row < rows; row++) {
    for (let section = 0; section < sections; section++) {
      filterSection(
        y,
        row * time,
        time,
        sos,
        row * stride + 6 * section,
        after,
        before,
        2 * (row * sections + section),
      );
    }
  }
}

/**
 * Filter `time` samples from `start` on in place with the section at `at`; its state is at `place`.
 *
 * @param {Float64Array} y
 * @param {number} start
 * @param {number} time
 * @param {Float64Array} sos
 * @param {number} at
 * @param {Float64Array} after
 * @param {Float64Array} before
 * @param {number} place
 */
export function filterSection(y, start, time, sos, at, after, before, place) {
  const a0 = sos[at + 3];
  const b0 = sos[at] / a0;
  const b1 = sos[at + 1] / a0;
  const b2 = sos[at + 2] / a0;
  const a1 = sos[at + 4] / a0;
  const a2 = sos[at + 5] / a0;
  let s1 = before[place];
  let s2 = before[place + 1];
  for (let n = start; n < start + time; n++) {
    const sample = y[n];
    const output = b0 * sample + s1;
    s1 = b1 * sample - a1 * output + s2;
    s2 = b2 * sample - a2 * output;
    y[n] = output;
  }
  after[place] = s1;
  after[place + 1] = s2;
}
