import { frequencyTicks, levelTicks } from "./axes.js";

/** @import { Palette } from "./theme.js" */

/**
 * Where things lie in the plot, in px.
 *
 * @typedef {{ left: number, right: number, top: number, bottom: number, low: number, high: number,
 *   level: { high: number, low: number }, spectrum: { high: number, low: number } | null }} Frame
 */

/** Room for the labels round the plot, in px. */
export const MARGIN = { left: 40, right: 42, bare: 14, top: 7, bottom: 22 };

/** @param {Frame} frame @param {number} frequency */
export const xOf = ({ left, right, low, high }, frequency) =>
  left + ((right - left) * Math.log(frequency / low)) / Math.log(high / low);

/** @param {Frame} frame @param {number} x */
export const frequencyAt = ({ left, right, low, high }, x) =>
  low * (high / low) ** ((x - left) / (right - left));

/** @param {Frame} frame @param {{ high: number, low: number }} range @param {number} db */
export const yOf = ({ top, bottom }, { high, low }, db) =>
  top + ((bottom - top) * (high - db)) / (high - low);

/** @param {Frame} frame @param {number} y */
export const levelAt = ({ top, bottom, level }, y) =>
  level.high - ((y - top) / (bottom - top)) * (level.high - level.low);

/** @param {CanvasRenderingContext2D} context @param {number} x0 @param {number} y0 @param {number} x1 @param {number} y1 */
export function rule(context, x0, y0, x1, y1) {
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}

/** A real minus sign for what only the eye reads. @param {number} level */
const signed = (level) => (level > 0 ? `+${level}` : String(level).replace("-", "−"));

/**
 * Lines and labels: frequencies below, the response's decibels on the left, the spectra's on the right.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Frame} frame
 * @param {Palette} palette
 */
export function drawGrid(context, frame, palette) {
  const { left, right, top, bottom, low, high, level, spectrum } = frame;
  context.lineWidth = 1;
  context.textBaseline = "middle";
  context.textAlign = "center";
  let free = left - 14;
  for (const { frequency, label, major } of frequencyTicks(low, high)) {
    const at = Math.round(xOf(frame, frequency)) + 0.5;
    context.strokeStyle = major ? palette.axis : palette.grid;
    rule(context, at, top, at, bottom);
    if (!label) continue;
    const half = context.measureText(label).width / 2;
    if (at - half < free || at + half > right + 16) continue;
    context.fillStyle = palette.muted;
    context.fillText(label, at, bottom + 12);
    free = at + half + 8;
  }
  const lines = Math.max(3, Math.floor((bottom - top) / 26));
  context.textAlign = "right";
  for (const db of levelTicks(level.low, level.high, lines)) {
    const at = Math.round(yOf(frame, level, db)) + 0.5;
    context.strokeStyle = db === 0 ? palette.muted : palette.grid;
    context.globalAlpha = db === 0 ? 0.5 : 1;
    rule(context, left, at, right, at);
    context.globalAlpha = 1;
    context.fillStyle = palette.muted;
    context.fillText(signed(db), left - 8, at);
  }
  if (!spectrum) return;
  context.textAlign = "left";
  for (const db of levelTicks(spectrum.low, spectrum.high, Math.max(3, lines - 2))) {
    context.fillText(signed(db), right + 8, yOf(frame, spectrum, db));
  }
}
