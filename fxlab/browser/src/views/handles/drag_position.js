import { frequencyAt, levelAt, xOf, yOf } from "../axes/grid.js";

/** @import { Frame } from "../axes/grid.js" */

/**
 * The point on a plot that a drag moves, as a frequency and a level. It is kept in the units of the axes, not in px, so
 * that a change of an axis during the drag does not change it.
 */
export class DragPosition {
  /** @param {number} frequency in Hz @param {number} level in dB */
  constructor(frequency, level) {
    this.frequency = frequency;
    this.level = level;
  }

  /** Move the point by a distance in px on the plot as it is now. @param {Frame} frame @param {number} dx @param {number} dy */
  move(frame, dx, dy) {
    if (dx !== 0) {
      const frequency = Math.max(this.frequency, frame.log ? 1e-3 : 0);
      this.frequency = frequencyAt(frame, xOf(frame, frequency) + dx);
    }
    if (dy !== 0) this.level = levelAt(frame, yOf(frame, frame.level, this.level) + dy);
  }
}
