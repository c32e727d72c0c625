import { yOf } from "../axes/grid.js";

/** @import { Frame, LevelRange } from "../axes/grid.js" */

/**
 * The coordinates in which a curve is drawn: the px of its points, the plot, and the level axis.
 *
 * @typedef {{ xs: Float32Array, frame: Frame, levels: LevelRange }} CurveCoordinates
 */

/** In dB: deeper notches and NaN are drawn here, below the plot, so that the line leaves the plot at its lower edge. */
const MIN_LEVEL = -400;

/**
 * Begin a path along a curve.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {CurveCoordinates} coordinates
 * @param {ArrayLike<number>} db
 * @param {number} gap points with an absolute level below this, and NaN, are left out; if negative, none are
 */
function tracePath(context, { xs, frame, levels }, db, gap) {
  context.beginPath();
  let penUp = true;
  for (let i = 0; i < xs.length; i++) {
    const isMissing = Number.isNaN(db[i]);
    if (gap >= 0 && (isMissing || Math.abs(db[i]) < gap)) {
      penUp = true;
      continue;
    }
    const y = yOf(frame, levels, Math.max(isMissing ? MIN_LEVEL : db[i], MIN_LEVEL));
    if (penUp) context.moveTo(xs[i], y);
    else context.lineTo(xs[i], y);
    penUp = false;
  }
}

/**
 * Draw a curve as a line.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {CurveCoordinates} coordinates
 * @param {ArrayLike<number>} db
 * @param {{ color: string, width: number, alpha: number, gap?: number }} style
 */
export function drawLine(context, coordinates, db, { color, width, alpha, gap = -1 }) {
  tracePath(context, coordinates, db, gap);
  context.strokeStyle = color;
  context.lineWidth = width;
  context.lineJoin = "round";
  context.globalAlpha = alpha;
  context.stroke();
  context.globalAlpha = 1;
}

/**
 * Draw a curve as a line with a filled area below it.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {CurveCoordinates} coordinates
 * @param {ArrayLike<number>} db
 * @param {{ color: string, fillAlpha: number, lineAlpha: number }} style
 */
export function drawArea(context, coordinates, db, { color, fillAlpha, lineAlpha }) {
  const { xs, frame } = coordinates;
  tracePath(context, coordinates, db, -1);
  context.lineTo(xs[xs.length - 1], frame.bottom + 2);
  context.lineTo(xs[0], frame.bottom + 2);
  context.closePath();
  context.fillStyle = color;
  context.globalAlpha = fillAlpha;
  context.fill();
  drawLine(context, coordinates, db, { color, width: 1, alpha: lineAlpha });
}
