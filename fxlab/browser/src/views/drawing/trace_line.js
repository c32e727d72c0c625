/** @import { TraceLine } from "../../types" */
/** @import { Scale } from "../axes/scale.js" */
/** @import { Palette } from "./theme.js" */

/** From this distance between samples on, in px, stems have dots. */
const DOT_SPACING = 6;

/**
 * Draw one line of a trace: as a line, dashed, or as stems. Values that are not finite are gaps.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Palette} palette
 * @param {TraceLine} line
 * @param {Record<string, Float32Array>} arrays the numbers by name
 * @param {Scale} xScale @param {Scale} yScale
 */
export function drawTraceLine(context, palette, { x, y, style, color = "accent" }, arrays, xScale, yScale) {
  const xs = arrays[x];
  const ys = arrays[y];
  const cssColor = palette[/** @type {keyof Palette} */ (color)];
  context.strokeStyle = cssColor;
  context.fillStyle = cssColor;
  context.lineWidth = style === "line" || !style ? 2 : 1.5;
  context.lineJoin = "round";
  context.setLineDash(style === "dashed" ? [5, 4] : []);
  context.beginPath();
  // A level in dB has no natural zero, so its stems stand on the lower edge.
  const base = yScale.unit === "dB" ? yScale.start : yScale.at(0);
  let penUp = true;
  for (let i = 0; i < ys.length; i++) {
    if (!Number.isFinite(ys[i])) {
      penUp = true;
      continue;
    }
    const px = xScale.at(Math.max(xs[i], xScale.log ? 1e-3 : xs[i]));
    const py = yScale.at(ys[i]);
    if (style === "stem") {
      context.moveTo(px, base);
      context.lineTo(px, py);
    } else if (penUp) context.moveTo(px, py);
    else context.lineTo(px, py);
    penUp = false;
  }
  context.stroke();
  context.setLineDash([]);
  const spacing = (xScale.at(xs[xs.length - 1]) - xScale.at(xs[0])) / Math.max(1, xs.length - 1);
  if (style !== "stem" || (xs.length > 1 && spacing < DOT_SPACING)) return;
  for (let i = 0; i < ys.length; i++) {
    context.beginPath();
    context.arc(xScale.at(xs[i]), yScale.at(ys[i]), 2.25, 0, 2 * Math.PI);
    context.fill();
  }
}
