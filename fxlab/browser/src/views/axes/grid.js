import { axisTicks, levelTicks, tickLabel } from "./ticks.js";

/** @import { Palette } from "../drawing/theme.js" */

/**
 * Where things lie in the plot, in px.
 *
 * @typedef {{ left: number, right: number, top: number, bottom: number, low: number, high: number,
 *   log: boolean, level: Levels, spectrum: Levels | null }} Frame
 * @typedef {{ high: number, low: number, linear?: boolean }} Levels in dB, or where linear in amplitude
 */

/** Room for the labels round the plot, in px. */
export const MARGIN = { left: 40, right: 42, bare: 30, top: 7, bottom: 22 };

/** @param {Frame} frame @param {number} frequency */
export const xOf = ({ left, right, low, high, log }, frequency) =>
  left +
  (right - left) *
    (log ? Math.log(frequency / low) / Math.log(high / low) : (frequency - low) / (high - low));

/** @param {Frame} frame @param {number} x */
export const frequencyAt = ({ left, right, low, high, log }, x) => {
  const t = (x - left) / (right - left);
  return log ? low * (high / low) ** t : low + (high - low) * t;
};

/** @param {Frame} frame @param {Levels} range @param {number} db */
export const yOf = ({ top, bottom }, { high, low, linear }, db) =>
  top + ((bottom - top) * (high - (linear ? 10 ** (db / 20) : db))) / (high - low);

/** @param {Frame} frame @param {number} y */
export const levelAt = ({ top, bottom, level }, y) => {
  const value = level.high - ((y - top) / (bottom - top)) * (level.high - level.low);
  return level.linear ? 20 * Math.log10(Math.max(value, 1e-6)) : value;
};

/** @param {CanvasRenderingContext2D} context @param {number} x0 @param {number} y0 @param {number} x1 @param {number} y1 */
export function rule(context, x0, y0, x1, y1) {
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}

/** @param {number} level */
const signed = (level) => (level > 0 ? "+" : "") + tickLabel(level);

/**
 * The lines across a plot and the labels below them, as many as there is room for.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {{ left: number, right: number, top: number, bottom: number }} frame
 * @param {Palette} palette
 * @param {{ value: number, label: string, major: boolean }[]} ticks
 * @param {(value: number) => number} place
 * @param {number} [spare] px at the right end, for the unit
 */
export function drawTicks(context, { left, right, top, bottom }, palette, ticks, place, spare = 0) {
  context.lineWidth = 1;
  context.textBaseline = "middle";
  context.textAlign = "center";
  let free = left - 14;
  for (const { value, label, major } of ticks) {
    const at = Math.round(place(value)) + 0.5;
    context.strokeStyle = major ? palette.axis : palette.grid;
    rule(context, at, top, at, bottom);
    if (!label) continue;
    const half = context.measureText(label).width / 2;
    if (at - half < free || at + half > right + 14 - spare) continue;
    context.fillStyle = palette.muted;
    context.fillText(label, at, bottom + 12);
    free = at + half + 8;
  }
}

/**
 * Lines and labels: frequencies below, the response's decibels on the left, the spectra's on the right.
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
  const lines = Math.max(3, Math.floor((bottom - top) / 26));
  context.fillStyle = palette.muted;
  context.textAlign = "left";
  context.fillText("Hz", right + 12, bottom + 12);
  context.textAlign = "right";
  const levels = level.linear
    ? axisTicks({ ...level, log: false, unit: "" }, lines).map(({ value }) => value)
    : levelTicks(level.low, level.high, lines);
  const rest = level.linear ? 1 : 0;
  for (const value of levels) {
    const at = Math.round(top + ((bottom - top) * (level.high - value)) / (level.high - level.low)) + 0.5;
    context.strokeStyle = value === rest ? palette.muted : palette.grid;
    context.globalAlpha = value === rest ? 0.5 : 1;
    rule(context, left, at, right, at);
    context.globalAlpha = 1;
    context.fillStyle = palette.muted;
    context.fillText(level.linear ? tickLabel(value) : signed(value), left - 8, at);
  }
  if (!spectrum) return;
  context.textAlign = "left";
  for (const db of levelTicks(spectrum.low, spectrum.high, Math.max(3, lines - 2))) {
    context.fillText(signed(db), right + 8, yOf(frame, spectrum, db));
  }
}
