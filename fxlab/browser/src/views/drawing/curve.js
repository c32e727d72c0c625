import { yOf } from "../axes/grid.js";

/** @import { Frame, Levels } from "../axes/grid.js" */

/**
 * Where a curve is drawn: its points in px, and the scale of its levels.
 *
 * @typedef {{ xs: Float32Array, frame: Frame, levels: Levels }} Ground
 */

/** In dB: deep notches, and what is not a number, go below the plot, not through it. */
const DEEP = -400;

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Ground} ground
 * @param {ArrayLike<number>} db
 * @param {number} gap levels nearer to 0 dB than this, and what is not a number, are gaps; below 0: none are
 */
function trace(context, { xs, frame, levels }, db, gap) {
  context.beginPath();
  let apart = true;
  for (let i = 0; i < xs.length; i++) {
    const none = Number.isNaN(db[i]);
    if (gap >= 0 && (none || Math.abs(db[i]) < gap)) {
      apart = true;
      continue;
    }
    const y = yOf(frame, levels, Math.max(none ? DEEP : db[i], DEEP));
    if (apart) context.moveTo(xs[i], y);
    else context.lineTo(xs[i], y);
    apart = false;
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Ground} ground
 * @param {ArrayLike<number>} db
 * @param {{ color: string, width: number, alpha: number, gap?: number }} look
 */
export function drawLine(context, ground, db, { color, width, alpha, gap = -1 }) {
  trace(context, ground, db, gap);
  context.strokeStyle = color;
  context.lineWidth = width;
  context.lineJoin = "round";
  context.globalAlpha = alpha;
  context.stroke();
  context.globalAlpha = 1;
}

/**
 * A line with what is under it.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Ground} ground
 * @param {ArrayLike<number>} db
 * @param {{ color: string, fill: number, edge: number }} look
 */
export function drawArea(context, ground, db, { color, fill, edge }) {
  const { xs, frame } = ground;
  trace(context, ground, db, -1);
  context.lineTo(xs[xs.length - 1], frame.bottom + 2);
  context.lineTo(xs[0], frame.bottom + 2);
  context.closePath();
  context.fillStyle = color;
  context.globalAlpha = fill;
  context.fill();
  drawLine(context, ground, db, { color, width: 1, alpha: edge });
}
