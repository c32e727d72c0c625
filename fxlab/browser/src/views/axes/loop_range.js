/** @import { Scale } from "./scale.js" */

/**
 * A stretch of sound as columns, or as samples where `low` is `high`, from `start`, each of `step` seconds.
 *
 * @typedef {{ low: Float32Array, high: Float32Array, start: number, step: number }} Stretch
 */

/** Px that a sample is wide from which on it has a dot. */
const DOTTED = 7;

/**
 * As a line through its samples where they lie apart, else as what each column of pixels reaches.
 *
 * @param {CanvasRenderingContext2D} context @param {Stretch} stretch @param {Scale} across @param {Scale} up
 * @param {string} color @param {number} alpha
 */
export function drawStretch(context, stretch, across, up, color, alpha) {
  const { low, high, step } = stretch;
  if (!(step > 0)) return;
  context.fillStyle = color;
  context.strokeStyle = color;
  context.globalAlpha = alpha;
  const wide = (step * (across.end - across.start)) / (across.high - across.low);
  context.beginPath();
  if (wide > 0.7 && low === high) drawSamples(context, stretch, across, up, wide);
  else drawColumns(context, stretch, across, up, wide);
  context.globalAlpha = 1;
}

/** @param {CanvasRenderingContext2D} context @param {Stretch} stretch @param {Scale} across @param {Scale} up @param {number} wide */
function drawSamples(context, { low, start, step }, across, up, wide) {
  const first = Math.max(0, Math.floor((across.low - start) / step) - 1);
  const last = Math.min(low.length, Math.ceil((across.high - start) / step) + 2);
  for (let i = first; i < last; i++) context.lineTo(across.at(start + i * step), up.at(low[i]));
  context.globalAlpha = 1;
  context.lineWidth = 1.5;
  context.stroke();
  for (let i = first; wide > DOTTED && i < last; i++) {
    context.beginPath();
    context.arc(across.at(start + i * step), up.at(low[i]), 2.25, 0, 2 * Math.PI);
    context.fill();
  }
}

/** @param {CanvasRenderingContext2D} context @param {Stretch} stretch @param {Scale} across @param {Scale} up @param {number} wide */
function drawColumns(context, { low, high, start, step }, across, up, wide) {
  for (let px = Math.ceil(across.start); px < across.end; px++) {
    const place = (across.value(px) - start) / step;
    const from = Math.max(0, Math.floor(place));
    const to = Math.min(low.length, Math.max(from + 1, Math.ceil(place + 1 / wide)));
    if (from >= low.length) break;
    let [least, most] = [low[from], high[from]];
    for (let i = from + 1; i < to; i++) {
      least = Math.min(least, low[i]);
      most = Math.max(most, high[i]);
    }
    context.rect(px, up.at(most), 1, Math.max(1, up.at(least) - up.at(most)));
  }
  context.fill();
}
