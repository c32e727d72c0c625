import { formatQuantity } from "../../controls/format.js";
import { rule } from "../axes/grid.js";
import { radiusOf } from "./roots.js";

/** @import { Place, Root } from "./roots.js" */
/** @import { Viewport } from "../axes/viewport.js" */
/** @import { Palette } from "../drawing/theme.js" */

/** The half width of a marker, in px. */
const MARK = 5;

/**
 * The unit circle with its axes, and frequencies round its upper half.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Viewport} sight
 * @param {Palette} palette
 * @param {number} rate of the signal
 * @param {boolean} stable what lies outside is marked, more so where a pole is there
 */
export function drawCircle(context, sight, palette, rate, stable) {
  const { unit } = sight;
  const { width, height } = sight.canvas;
  const [x, y] = [sight.x(0), sight.y(0)];
  context.fillStyle = stable ? palette.text : palette.danger;
  context.globalAlpha = stable ? 0.045 : 0.1;
  context.beginPath();
  context.rect(0, 0, width, height);
  context.arc(x, y, unit, 0, 2 * Math.PI, true);
  context.fill();
  context.globalAlpha = 1;
  context.lineWidth = 1;
  context.strokeStyle = palette.grid;
  for (const radius of [0.25, 0.5, 0.75]) ring(context, x, y, radius * unit);
  context.strokeStyle = palette.axis;
  rule(context, 0, Math.round(y) + 0.5, width, Math.round(y) + 0.5);
  rule(context, Math.round(x) + 0.5, 0, Math.round(x) + 0.5, height);
  context.strokeStyle = palette.muted;
  context.lineWidth = 1.5;
  ring(context, x, y, unit);
  context.fillStyle = palette.muted;
  context.textBaseline = "middle";
  context.textAlign = "left";
  context.fillText(stable ? "outside: poles are unstable" : "unstable: a pole is outside", 14, height - 14);
  // In steps that leave room between them.
  const most = Math.max(4, Math.min(16, Math.floor((Math.PI * unit) / 70)));
  const step = nice(rate / 2 / most);
  for (let k = 0; k * step <= rate / 2; k++) {
    const angle = (2 * Math.PI * k * step) / rate;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    rule(context, sight.x(0.985 * cos), sight.y(0.985 * sin), sight.x(1.015 * cos), sight.y(1.015 * sin));
    const label = formatQuantity(k * step, "Hz").replace(/\.0+ /, " ");
    const away = unit + 8;
    context.textAlign = cos > 0.2 ? "left" : cos < -0.2 ? "right" : "center";
    context.fillText(label, x + away * cos, y - away * sin - (k === 0 ? 9 : 4 * sin));
  }
}

/**
 * The frequency at which a place lies, on the circle.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Viewport} sight
 * @param {Palette} palette
 * @param {Place} place
 */
export function drawRay(context, sight, palette, { re, im }) {
  const r = radiusOf({ re, im });
  if (r < 0.05) return;
  const [x, y] = [sight.x(re / r), sight.y(im / r)];
  context.strokeStyle = context.fillStyle = palette.muted;
  context.lineWidth = 1;
  context.setLineDash([2, 3]);
  rule(context, sight.x(0), sight.y(0), x, y);
  context.setLineDash([]);
  context.beginPath();
  context.arc(x, y, 3, 0, 2 * Math.PI);
  context.fill();
}

/** A pole is a cross, a zero a ring. @param {CanvasRenderingContext2D} context @param {string} kind @param {number} x @param {number} y */
export function drawMark(context, kind, x, y) {
  if (kind === "zero") {
    ring(context, x, y, MARK);
    return;
  }
  context.beginPath();
  context.moveTo(x - MARK, y - MARK);
  context.lineTo(x + MARK, y + MARK);
  context.moveTo(x - MARK, y + MARK);
  context.lineTo(x + MARK, y - MARK);
  context.stroke();
}

/**
 * How many stand at one spot.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Viewport} sight
 * @param {Palette} palette
 * @param {Root[]} roots
 */
export function drawCounts(context, sight, palette, roots) {
  /** @type {Map<string, number>} */
  const spots = new Map();
  for (const { kind, re, im, pair } of roots) {
    for (const side of pair ? [1, -1] : [1]) {
      const spot = `${kind} ${Math.round(sight.x(re))} ${Math.round(sight.y(side * im))}`;
      spots.set(spot, (spots.get(spot) ?? 0) + 1);
    }
  }
  context.fillStyle = palette.text;
  context.textAlign = "left";
  for (const [spot, count] of spots) {
    const [kind, x, y] = spot.split(" ");
    // Of poles above, of zeros below, so that both can be read.
    if (count > 1) context.fillText(String(count), Number(x) + 8, Number(y) + (kind === "pole" ? -9 : 10));
  }
}

/** @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} radius */
function ring(context, x, y, radius) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.stroke();
}

/** @param {number} size @returns {number} the next of 1, 2, 5 times a power of ten */
function nice(size) {
  const decade = 10 ** Math.floor(Math.log10(size));
  return ([1, 2, 5].find((lead) => lead * decade >= size) ?? 10) * decade;
}
