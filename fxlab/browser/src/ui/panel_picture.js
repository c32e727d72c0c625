import { formatValue } from "../controls/format.js";

/** @import { Spec } from "../types" */

const WIDTH = 640;
const HEIGHT = 150;

/** @param {unknown} text */
const escapeHtml = (text) => String(text).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

/**
 * Return a magnitude response as SVG.
 *
 * @param {number[]} db the levels, evenly spaced on a log axis
 * @param {number[]} range the lowest and the highest frequency in Hz
 */
function curveSvg(db, range) {
  const [low, high] = range.map(Math.log);
  const top = Math.max(6, Math.ceil(Math.max(...db) / 6 + 0.25) * 6);
  const bottom = Math.max(-60, Math.min(-12, Math.floor(Math.min(...db) / 6 - 0.25) * 6));
  const x = (/** @type {number} */ f) => ((WIDTH * (Math.log(f) - low)) / (high - low)).toFixed(1);
  const y = (/** @type {number} */ v) =>
    ((HEIGHT * (top - Math.max(v, bottom - 6))) / (top - bottom)).toFixed(1);
  let lines = `<path d="M0 ${y(0)}H${WIDTH}" opacity=".5"/>`;
  let labels = "";
  for (const f of [20, 100, 1000, 1e4]) {
    if (Math.log(f) < low || Math.log(f) > high) continue;
    lines += `<path d="M${x(f)} 0V${HEIGHT}" opacity=".2"/>`;
    if (f > 20) labels += `<text x="${+x(f) + 4}" y="${HEIGHT - 5}">${f < 1000 ? f : `${f / 1000}k`}</text>`;
  }
  const points = db.map((level, i) => `${((WIDTH * i) / (db.length - 1)).toFixed(1)} ${y(level)}`).join("L");
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Magnitude response, ${bottom} to +${top} dB" style="display:block;width:100%;max-width:${WIDTH}px;margin:6px 0;overflow:hidden" font-size="11" fill="currentColor"><g stroke="currentColor">${lines}</g><g opacity=".7">${labels}<text x="4" y="${+y(0) - 4}">0 dB</text></g><path d="M${points}" fill="none" stroke="var(--jp-brand-color1,#1976d2)" stroke-width="2.2"/></svg>`;
}

/**
 * Append a static picture to `el`, with the curve and the values, until the panel is loaded or if there is no kernel.
 *
 * @param {HTMLElement} el
 * @param {Spec | undefined} spec
 * @param {string} [error] why there is no panel
 * @returns {HTMLElement}
 */
export function panelPicture(el, spec, error) {
  const root = el.ownerDocument.createElement("div");
  root.className = "fxlab-picture";
  root.style.cssText =
    "font:13px/1.5 var(--jp-ui-font-family,system-ui,sans-serif);color:var(--jp-ui-font-color1,inherit);font-variant-numeric:tabular-nums";
  let html = "";
  if (spec) {
    html = `<b>${escapeHtml(spec.title)}</b>`;
    if (spec.preview) html += curveSvg(spec.preview, spec.frequency_range);
    for (const stage of spec.stages) {
      const shown = stage.params.filter(({ kind }) => kind !== "coordinate");
      const values = shown.map(
        (p) => `${escapeHtml(p.label)} ${escapeHtml(p.movement?.kind ?? formatValue(p.value, p))}`,
      );
      if (spec.stages.length > 1) values.unshift(`<b>${escapeHtml(stage.name)}</b>`);
      html += `<div>${values.join(" · ")}</div>`;
    }
  }
  root.innerHTML = `${html}<div style="opacity:.7">${escapeHtml(error ?? "This panel becomes interactive when its kernel is running.")}</div>`;
  el.append(root);
  return root;
}
