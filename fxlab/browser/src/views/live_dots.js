import { element } from "../ui/dom.js";
import { indexAt, valueAt } from "./axes/interpolate.js";

/** @import { Session } from "../kernel/session.js" */
/** @import { TraceDot, TraceForm } from "../types" */
/** @import { Scale } from "./axes/scale.js" */

/** The peak of a tone relative to its RMS level, in dB. */
const CREST_DB = 10 * Math.log10(2);

/**
 * The vectors of a view, and the scales of its axes.
 *
 * @typedef {{ arrays: Record<string, Float32Array>, form: TraceForm, xScale: Scale, yScale: Scale }} Plot
 */

/**
 * Return the index of the value closest to `target`. Of a closed line, which passes it several times, the first one.
 *
 * @param {ArrayLike<number>} values @param {number} target
 */
export function nearestIndex(values, target) {
  let nearest = 0;
  for (let i = 1; i < values.length; i++)
    if (Math.abs(values[i] - target) < Math.abs(values[nearest] - target)) nearest = i;
  return nearest;
}

/**
 * Return the place of a dot in the units of the axes; null if there is none, as for the level of silence.
 *
 * @param {TraceDot} dot @param {Pick<Plot, "arrays" | "form">} plot
 * @param {{ position: number, levels: { input: { rms: number, peak: number }, output: { rms: number } } }} sound
 * @returns {{ x: number, y: number } | null}
 */
export function dotPlace(dot, { arrays, form }, { position, levels }) {
  const line = form.lines.find(({ y }) => y === dot.y);
  const ys = arrays[dot.y];
  const xs = line && arrays[line.x];
  if (!xs || !ys?.length) return null;
  if (dot.follows === "levels") {
    const [x, y] = [levels.input.rms + CREST_DB, levels.output.rms + CREST_DB];
    return Number.isFinite(x) && Number.isFinite(y) ? { x, y } : null;
  }
  if (dot.follows === "phase") {
    const times = arrays[dot.time ?? ""];
    const phases = arrays[dot.phase ?? ""];
    if (!times || !phases) return null;
    const period = xs[xs.length - 1] - xs[0];
    const phase = valueAt(phases, indexAt(times, position));
    const x = xs[0] + ((((phase - xs[0]) % period) + period) % period);
    return { x, y: valueAt(ys, indexAt(xs, x)) };
  }
  const peak = 10 ** (levels.input.peak / 20);
  if (!(peak > 0)) return null;
  const index = nearestIndex(xs, dot.follows === "peak" ? peak : -peak);
  return { x: xs[index], y: ys[index] };
}

/** Dots over a plot that move while the sound plays; elements, so that the plot need not be drawn anew. */
export class LiveDots {
  /** @type {HTMLElement[]} */ #dots = [];

  /** @param {HTMLElement} plot @param {Session} session */
  constructor(plot, session) {
    this.plot = plot;
    this.session = session;
  }

  /** Move the dots of a form to where they are now. @param {Plot} plot */
  update(plot) {
    const dots = plot.form.dots ?? [];
    while (this.#dots.length > dots.length) this.#dots.pop()?.remove();
    while (this.#dots.length < dots.length) {
      const dot = element("div", { class: "live-dot", hidden: true });
      this.#dots.push(dot);
      this.plot.append(dot);
    }
    dots.forEach((dot, i) => {
      const node = this.#dots[i];
      const place = dotPlace(dot, plot, this.session.sound);
      const [x, y] = place ? [plot.xScale.at(place.x), plot.yScale.at(place.y)] : [Number.NaN, 0];
      const isInside = x >= plot.xScale.start - 1 && x <= plot.xScale.end + 1;
      if (node.hidden === isInside) node.hidden = !isInside;
      if (!isInside) return;
      const [top, bottom] = [plot.yScale.end, plot.yScale.start];
      const inside = Math.max(top, Math.min(bottom, y));
      node.style.transform = `translate(${x.toFixed(1)}px, ${inside.toFixed(1)}px)`;
      node.style.setProperty("--dot", `var(--fx-${dot.color ?? "accent"})`);
    });
  }

  /** Remove all dots, since there is nothing to draw. */
  clear() {
    for (const dot of this.#dots.splice(0)) dot.remove();
  }
}
