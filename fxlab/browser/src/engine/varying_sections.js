/** Second-order sections that change every `hop` samples, as `fxlab.engine.sosfilt_varying`. */

import { filterSection } from "./sections.js";

/**
 * @param {Float64Array} y `(rows, time)`
 * @param {Float64Array} after the state after the block, `(rows, sections, 2)`; may be `before`
 * @param {Float64Array} x the input; may be `y`
 * @param {Float64Array} sos `(frames, sections, 6)`, or one such table for each row
 * @param {Float64Array} before
 * @param {number} rows
 * @param {number} time
 * @param {number} sections
 * @param {number} stride the size of the table of a row; 0 if all rows share one
 * @param {number} frames
 * @param {number} hop
 */
export function filterVaryingSections(y, after, x, sos, before, rows, time, sections, stride, frames, hop) {
  if (y !== x) y.set(x);
  if (after !== before) after.set(before);
  for (let row = 0; row < rows; row++) {
    for (let frame = 0; frame < frames; frame++) {
      const start = frame * hop;
      const length = Math.min(hop, time - start);
      for (let section = 0; section < sections; section++) {
        const at = row * stride + 6 * (frame * sections + section);
        filterSection(y, row * time + start, length, sos, at, after, after, 2 * (row * sections + section));
      }
    }
  }
}
