import { formatQuantity } from "../../controls/format.js";
import { strokeLine } from "../axes/grid.js";
import { radiusOf } from "./roots.js";

/** @import { Root } from "../../types" */
/** @import { ComplexPoint } from "./roots.js" */
/** @import { Viewport } from "../axes/viewport.js" */
/** @import { Palette } from "../drawing/theme.js" */

/** Half the width of a marker, in px. */
const MARKER_SIZE = 5;

/**
 * Draw the unit circle, the axes of the plane, and frequencies along the upper half of the circle.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Viewport} viewport
 * @param {Palette} palette
 * @param {number} rate of the signal
 * @param {boolean} stable the area outside the circle is tinted, in the warning color if a pole lies there
 */
export function drawUnitCircle(context, viewport, palette, rate, stable) {
  const { pixelsPerUnit } = viewport;
  const { width, height } = viewport.canvas;
  const [x, y] = [viewport.x(0), viewport.y(0)];
  context.fillStyle = stable ? palette.text : palette.danger;
  context.globalAlpha = stable ? 0.045 : 0.1;
  context.beginPath();
  context.rect(0, 0, width, height);
  context.arc(x, y, pixelsPerUnit, 0, 2 * Math.PI, true);
  context.fill();
  context.globalAlpha = 1;
  context.lineWidth = 1;
  context.strokeStyle = palette.grid;
  for (const radius of [0.25, 0.5, 0.75]) strokeCircle(context, x, y, radius * pixelsPerUnit);
  context.strokeStyle = palette.axis;
  strokeLine(context, 0, Math.round(y) + 0.5, width, Math.round(y) + 0.5);
  strokeLine(context, Math.round(x) + 0.5, 0, Math.round(x) + 0.5, height);
  context.strokeStyle = palette.muted;
  context.lineWidth = 1.5;
  strokeCircle(context, x, y, pixelsPerUnit);
  context.fillStyle = palette.muted;
  context.textBaseline = "middle";
  context.textAlign = "left";
  const caption = stable ? "outside the circle: unstable poles" : "unstable: a pole outside the circle";
  context.fillText(caption, 14, height - 14);
  const maxLabels = Math.max(4, Math.min(16, Math.floor((Math.PI * pixelsPerUnit) / 70)));
  const step = roundUpTo125(rate / 2 / maxLabels);
  for (let k = 0; k * step <= rate / 2; k++) {
    const angle = (2 * Math.PI * k * step) / rate;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const tickStart = [viewport.x(0.985 * cos), viewport.y(0.985 * sin)];
    strokeLine(context, tickStart[0], tickStart[1], viewport.x(1.015 * cos), viewport.y(1.015 * sin));
    const label = formatQuantity(k * step, "Hz").replace(/\.0+ /, " ");
    const distance = pixelsPerUnit + 8;
    context.textAlign = cos > 0.2 ? "left" : cos < -0.2 ? "right" : "center";
    context.fillText(label, x + distance * cos, y - distance * sin - (k === 0 ? 9 : 4 * sin));
  }
}

/**
 * Draw a line from the origin through a point to the unit circle, where its frequency is read.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Viewport} viewport
 * @param {Palette} palette
 * @param {ComplexPoint} point
 */
export function drawFrequencyRay(context, viewport, palette, { re, im }) {
  const radius = radiusOf({ re, im });
  if (radius < 0.05) return;
  const [x, y] = [viewport.x(re / radius), viewport.y(im / radius)];
  context.strokeStyle = context.fillStyle = palette.muted;
  context.lineWidth = 1;
  context.setLineDash([2, 3]);
  strokeLine(context, viewport.x(0), viewport.y(0), x, y);
  context.setLineDash([]);
  context.beginPath();
  context.arc(x, y, 3, 0, 2 * Math.PI);
  context.fill();
}

/**
 * Draw the marker of a root: a cross for a pole, a ring for a zero.
 *
 * @param {CanvasRenderingContext2D} context @param {string} kind @param {number} x @param {number} y
 */
export function drawMarker(context, kind, x, y) {
  if (kind === "zero") {
    strokeCircle(context, x, y, MARKER_SIZE);
    return;
  }
  context.beginPath();
  context.moveTo(x - MARKER_SIZE, y - MARKER_SIZE);
  context.lineTo(x + MARKER_SIZE, y + MARKER_SIZE);
  context.moveTo(x - MARKER_SIZE, y + MARKER_SIZE);
  context.lineTo(x + MARKER_SIZE, y - MARKER_SIZE);
  context.stroke();
}

/**
 * Write the multiplicity beside roots that are drawn at the same pixel.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Viewport} viewport
 * @param {Palette} palette
 * @param {Root[]} roots
 */
export function drawMultiplicities(context, viewport, palette, roots) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const { kind, re, im, pair } of roots) {
    for (const sign of pair ? [1, -1] : [1]) {
      const key = `${kind} ${Math.round(viewport.x(re))} ${Math.round(viewport.y(sign * im))}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  context.fillStyle = palette.text;
  context.textAlign = "left";
  for (const [key, count] of counts) {
    const [kind, x, y] = key.split(" ");
    // The number is above for poles and below for zeros, so that both can be read.
    if (count > 1) context.fillText(String(count), Number(x) + 8, Number(y) + (kind === "pole" ? -9 : 10));
  }
}

/** @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} radius */
function strokeCircle(context, x, y, radius) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.stroke();
}

/** Round up to 1, 2 or 5 times a power of ten. @param {number} size */
function roundUpTo125(size) {
  const decade = 10 ** Math.floor(Math.log10(size));
  return ([1, 2, 5].find((lead) => lead * decade >= size) ?? 10) * decade;
}
