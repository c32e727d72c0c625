import { formatValue } from "../controls/format.js";

/** @import { Spec } from "../types" */

const WIDTH = 640;
const HEIGHT = 150;

/** @param {unknown} text */
const safe = (text) => String(text).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

/** @param {NonNullable<Spec["preview"]>} curve */
function drawing({ frequency, db }) {
  const low = Math.log(frequency[0]);
  const high = Math.log(frequency[frequency.length - 1]);
  const top = Math.max(6, Math.ceil(Math.max(...db) / 6 + 0.25) * 6);
  const bottom = Math.max(-60, Math.min(-12, Math.floor(Math.min(...db) / 6 - 0.25) * 6));
  const x = (/** @type {number} */ f) => ((WIDTH * (Math.log(f) - low)) / (high - low)).toFixed(1);
  const y = (/** @type {number} */ v) =>
    ((HEIGHT * (top - Math.max(v, bottom - 6))) / (top - bottom)).toFixed(1);
  let lines = `<path d="M0 ${y(0)}H${WIDTH}" opacity=".5"/>`;
  let names = "";
  for (const f of [20, 100, 1000, 1e4]) {
    if (Math.log(f) < low || Math.log(f) > high) continue;
    lines += `<path d="M${x(f)} 0V${HEIGHT}" opacity=".2"/>`;
    if (f > 20) names += `<text x="${+x(f) + 4}" y="${HEIGHT - 5}">${f < 1000 ? f : `${f / 1000}k`}</text>`;
  }
  const points = frequency.map((f, i) => `${x(f)} ${y(db[i])}`).join("L");
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Magnitude response, ${bottom} to +${top} dB" style="display:block;width:100%;max-width:${WIDTH}px;margin:6px 0;overflow:hidden" font-size="11" fill="currentColor"><g stroke="currentColor">${lines}</g><g opacity=".7">${names}<text x="4" y="${+y(0) - 4}">0 dB</text></g><path d="M${points}" fill="none" stroke="var(--jp-brand-color1,#1976d2)" stroke-width="2.2"/></svg>`;
}

/**
 * What stands where the panel will be, or would be with a kernel: the curve and the values.
 *
 * @param {HTMLElement} el
 * @param {Spec | undefined} spec
 * @param {string} [trouble]
 * @returns {HTMLElement}
 */
export function panelPicture(el, spec, trouble) {
  const root = el.ownerDocument.createElement("div");
  root.className = "fxlab-picture";
  root.style.cssText =
    "font:13px/1.5 var(--jp-ui-font-family,system-ui,sans-serif);color:var(--jp-ui-font-color1,inherit);font-variant-numeric:tabular-nums";
  let html = "";
  if (spec) {
    html = `<b>${safe(spec.title)}</b>`;
    if (spec.preview?.frequency.length) html += drawing(spec.preview);
    for (const stage of spec.stages) {
      const shown = stage.params.filter(({ kind }) => kind !== "coordinate");
      const values = shown.map((p) => `${safe(p.label)} ${safe(formatValue(p.value, p))}`);
      if (spec.stages.length > 1) values.unshift(`<b>${safe(stage.name)}</b>`);
      html += `<div>${values.join(" · ")}</div>`;
    }
  }
  root.innerHTML = `${html}<div style="opacity:.7">${safe(trouble ?? "A running kernel makes this panel live.")}</div>`;
  el.append(root);
  return root;
}
