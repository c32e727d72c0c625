import { axisTicks, levelTicks, tickLabel } from "./ticks.js";

/** @import { ValueRange } from "../../types" */
/** @import { Palette } from "../drawing/theme.js" */

/**
 * The edges of a plot in px and the ranges of its axes: frequency along, the levels of curves and of spectra up.
 *
 * @typedef {{ left: number, right: number, top: number, bottom: number }} Edges
 * @typedef {Edges & ValueRange & { log: boolean, level: LevelRange, spectrum: LevelRange | null }} Frame
 * @typedef {ValueRange & { linear?: boolean }} LevelRange in dB, or in amplitude if `linear`
 */

/** Space for the labels around the plot, in px; `narrow` replaces `right` where there is no axis on the right. */
export const MARGIN = { left: 40, right: 42, narrow: 30, top: 7, bottom: 22 };

/** Return the px of a frequency. @param {Frame} frame @param {number} frequency */
export const xOf = ({ left, right, low, high, log }, frequency) =>
  left +
  (right - left) *
    (log ? Math.log(frequency / low) / Math.log(high / low) : (frequency - low) / (high - low));

/** Return the frequency at a px, the inverse of `xOf`. @param {Frame} frame @param {number} x */
export const frequencyAt = ({ left, right, low, high, log }, x) => {
  const t = (x - left) / (right - left);
  return log ? low * (high / low) ** t : low + (high - low) * t;
};

/** Return the px of a level in dB. @param {Frame} frame @param {LevelRange} range @param {number} db */
export const yOf = ({ top, bottom }, { high, low, linear }, db) =>
  top + ((bottom - top) * (high - (linear ? 10 ** (db / 20) : db))) / (high - low);

/** Return the level in dB at a px, the inverse of `yOf`. @param {Frame} frame @param {number} y */
export const levelAt = ({ top, bottom, level }, y) => {
  const value = level.high - ((y - top) / (bottom - top)) * (level.high - level.low);
  return level.linear ? 20 * Math.log10(Math.max(value, 1e-6)) : value;
};

/**
 * Draw a straight line in the current stroke style.
 *
 * @param {CanvasRenderingContext2D} context @param {number} x0 @param {number} y0 @param {number} x1 @param {number} y1
 */
export function strokeLine(context, x0, y0, x1, y1) {
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}

/** @param {number} level */
const signed = (level) => (level > 0 ? "+" : "") + tickLabel(level);

/**
 * Draw the vertical lines of a plot and as many of the labels below them as fit.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Edges} frame
 * @param {Palette} palette
 * @param {{ value: number, label: string, major: boolean }[]} ticks
 * @param {(value: number) => number} toPixels
 * @param {number} [reserved] px at the right end that are kept free for the unit
 */
export function drawTicks(context, { left, right, top, bottom }, palette, ticks, toPixels, reserved = 0) {
  context.lineWidth = 1;
  context.textBaseline = "middle";
  context.textAlign = "center";
  let free = left - 14;
  for (const { value, label, major } of ticks) {
    const x = Math.round(toPixels(value)) + 0.5;
    context.strokeStyle = major ? palette.axis : palette.grid;
    strokeLine(context, x, top, x, bottom);
    if (!label) continue;
    const half = context.measureText(label).width / 2;
    if (x - half < free || x + half > right + 14 - reserved) continue;
    context.fillStyle = palette.muted;
    context.fillText(label, x, bottom + 12);
    free = x + half + 8;
  }
}

/**
 * Draw lines and labels: frequencies below, levels of the response on the left, levels of the spectra on the right.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Frame} frame
 * @param {Palette} palette
 */
export function drawGrid(context, frame, palette) {
  const { left, right, top, bottom, level, spectrum } = frame;
  drawTicks(context, frame, palette, axisTicks({ ...frame, unit: "Hz" }, (right - left) / 64), (f) =>
    xOf(frame, f),
  );
  const maxLines = Math.max(3, Math.floor((bottom - top) / 26));
  context.fillStyle = palette.muted;
  context.textAlign = "left";
  context.fillText("Hz", right + 12, bottom + 12);
  context.textAlign = "right";
  const levels = level.linear
    ? axisTicks({ ...level, log: false, unit: "" }, maxLines).map(({ value }) => value)
    : levelTicks(level.low, level.high, maxLines);
  // The line of unity gain is emphasized.
  const unity = level.linear ? 1 : 0;
  for (const value of levels) {
    const y = Math.round(top + ((bottom - top) * (level.high - value)) / (level.high - level.low)) + 0.5;
    context.strokeStyle = value === unity ? palette.muted : palette.grid;
    context.globalAlpha = value === unity ? 0.5 : 1;
    strokeLine(context, left, y, right, y);
    context.globalAlpha = 1;
    context.fillStyle = palette.muted;
    context.fillText(level.linear ? tickLabel(value) : signed(value), left - 8, y);
  }
  if (!spectrum) return;
  context.textAlign = "left";
  for (const db of levelTicks(spectrum.low, spectrum.high, Math.max(3, maxLines - 2))) {
    context.fillText(signed(db), right + 8, yOf(frame, spectrum, db));
  }
}
