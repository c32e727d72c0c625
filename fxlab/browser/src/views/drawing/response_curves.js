import { drawArea, drawLine } from "./curve.js";
import { stageColor } from "./theme.js";

/** @import { Curves } from "../../types" */
/** @import { CurveCoordinates } from "./curve.js" */
/** @import { Palette } from "./theme.js" */

/**
 * Draw the long-term spectra of input and output.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {CurveCoordinates} coordinates
 * @param {Curves} curves
 * @param {Palette} palette
 * @param {boolean} live the current spectra are drawn too, so that these are fainter
 */
export function drawSpectra(context, coordinates, { input, output, targetSpectrum }, palette, live) {
  if (input) {
    const style = { color: palette.input, fillAlpha: live ? 0 : 0.13, lineAlpha: 0.45 };
    drawArea(context, coordinates, input, style);
  }
  if (output) {
    const style = { color: palette.output, fillAlpha: live ? 0 : 0.16, lineAlpha: live ? 0.45 : 0.75 };
    drawArea(context, coordinates, output, style);
  }
  if (targetSpectrum) drawTarget(context, coordinates, targetSpectrum, palette);
}

/**
 * Draw the target of a fit as a dotted line.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {CurveCoordinates} coordinates
 * @param {ArrayLike<number>} target
 * @param {Palette} palette
 */
function drawTarget(context, coordinates, target, palette) {
  context.setLineDash([2, 3]);
  drawLine(context, coordinates, target, { color: palette.target, width: 2, alpha: 0.9, gap: 0 });
  context.setLineDash([]);
}

/**
 * Draw the responses of the stages, and the response of the module or what was measured in place of it.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {CurveCoordinates} coordinates
 * @param {Curves} curves
 * @param {Palette} palette
 * @param {number} highlighted the index of the stage that is drawn stronger, or -1
 */
export function drawResponses(context, coordinates, curves, palette, highlighted) {
  const { response, measured, measuredAt, target, seq, stages } = curves;
  for (const [i, { db, color, inactive }] of stages.entries()) {
    context.setLineDash(inactive ? [2, 4] : []);
    // The gap leaves out the parts near 0 dB, where the curve would only thicken the line of the grid.
    const style =
      i === highlighted ? { width: 2, alpha: 1, gap: 0.05 } : { width: 1.25, alpha: 0.8, gap: 0.05 };
    drawLine(context, coordinates, db, { color: palette[stageColor(color)], ...style });
  }
  context.setLineDash([]);
  const color = palette.accent;
  if (target) drawTarget(context, coordinates, target, palette);
  if (response) drawLine(context, coordinates, response, { color, width: 2.25, alpha: 1 });
  if (!measured) return;
  context.setLineDash([6, 4]);
  // A fainter curve was measured with earlier parameter values.
  const alpha = measuredAt === seq ? 1 : 0.5;
  drawLine(context, coordinates, measured, { color, width: 2, alpha, gap: 0 });
  context.setLineDash([]);
}
