/** @import { Scale } from "../axes/scale.js" */

/**
 * A part of a waveform: lowest and highest values of successive columns, or samples, in which case `low` and `high` are
 * the same array. It begins at `start` and each entry covers `step`, both in seconds.
 *
 * @typedef {{ low: Float32Array, high: Float32Array, start: number, step: number }} WaveformSegment
 */

/** From this distance between samples on, in px, each sample has a dot. */
const DOT_SPACING = 7;

/**
 * Draw a waveform: a line through its samples if these lie apart, otherwise the range of values in each column of pixels.
 *
 * @param {CanvasRenderingContext2D} context @param {WaveformSegment} segment
 * @param {Scale} timeScale @param {Scale} levelScale
 * @param {string} color @param {number} alpha
 */
export function drawWaveform(context, segment, timeScale, levelScale, color, alpha) {
  const { low, high, step } = segment;
  if (!(step > 0)) return;
  context.fillStyle = color;
  context.strokeStyle = color;
  context.globalAlpha = alpha;
  const spacing = (step * (timeScale.end - timeScale.start)) / (timeScale.high - timeScale.low);
  context.beginPath();
  if (spacing > 0.7 && low === high) drawSamples(context, segment, timeScale, levelScale, spacing);
  else drawColumns(context, segment, timeScale, levelScale, spacing);
  context.globalAlpha = 1;
}

/**
 * @param {CanvasRenderingContext2D} context @param {WaveformSegment} segment
 * @param {Scale} timeScale @param {Scale} levelScale @param {number} spacing px between entries
 */
function drawSamples(context, { low, start, step }, timeScale, levelScale, spacing) {
  const first = Math.max(0, Math.floor((timeScale.low - start) / step) - 1);
  const last = Math.min(low.length, Math.ceil((timeScale.high - start) / step) + 2);
  for (let i = first; i < last; i++) context.lineTo(timeScale.at(start + i * step), levelScale.at(low[i]));
  context.globalAlpha = 1;
  context.lineWidth = 1.5;
  context.stroke();
  for (let i = first; spacing > DOT_SPACING && i < last; i++) {
    context.beginPath();
    context.arc(timeScale.at(start + i * step), levelScale.at(low[i]), 2.25, 0, 2 * Math.PI);
    context.fill();
  }
}

/**
 * @param {CanvasRenderingContext2D} context @param {WaveformSegment} segment
 * @param {Scale} timeScale @param {Scale} levelScale @param {number} spacing px between entries
 */
function drawColumns(context, { low, high, start, step }, timeScale, levelScale, spacing) {
  for (let px = Math.ceil(timeScale.start); px < timeScale.end; px++) {
    const index = (timeScale.value(px) - start) / step;
    const from = Math.max(0, Math.floor(index));
    const to = Math.min(low.length, Math.max(from + 1, Math.ceil(index + 1 / spacing)));
    if (from >= low.length) break;
    let [lowest, highest] = [low[from], high[from]];
    for (let i = from + 1; i < to; i++) {
      lowest = Math.min(lowest, low[i]);
      highest = Math.max(highest, high[i]);
    }
    context.rect(px, levelScale.at(highest), 1, Math.max(1, levelScale.at(lowest) - levelScale.at(highest)));
  }
  context.fill();
}
