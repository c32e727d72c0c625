import { formatQuantity } from "../controls/format.js";
import { element } from "../ui/dom.js";
import { AutoRange } from "./axes/auto_range.js";
import { drawGrid, frequencyAt, MARGIN, rule, xOf, yOf } from "./axes/grid.js";
import {
  amplitudeRange,
  indexAt,
  LEVELS,
  LINEAR,
  responseRange,
  spectrumRange,
  valueAt,
} from "./axes/ticks.js";
import { zoom } from "./axes/zoom.js";
import { Canvas } from "./drawing/canvas.js";
import { drawArea, drawLine } from "./drawing/curve.js";
import { stageColor } from "./drawing/theme.js";
import { Readout, switcher } from "./readout.js";

/** @import { Session } from "../kernel/session.js" */
/** @import { Curves } from "../types" */
/** @import { Frame, Levels } from "./axes/grid.js" */
/** @import { Palette } from "./drawing/theme.js" */

/** So near, in px, a stage's curve counts as pointed at. */
const NEAR = 9;

/** @type {Record<string, import("./readout.js").Entry>} */
const ENTRIES = {
  response: { key: "response", label: "Response" },
  measured: { key: "measured", label: "", swatch: "dashed" },
  input: { key: "input", label: "Input", swatch: "area", color: "input" },
  output: { key: "output", label: "Output", swatch: "area", color: "output" },
};

/** @param {number} db */
const level = (db) => (db < -140 || Number.isNaN(db) ? "−∞ dB" : `${db.toFixed(1).replace("-", "−")} dB`);

/** The response curve over the long-term spectra of input and output. */
export class ResponseView {
  /** @type {Curves | null} */ #curves = null;
  /** @type {Frame | null} */ #frame = null;
  /** The pointer, in px. @type {{ x: number, y: number } | null} */ #pointer = null;
  /** The stage that is pointed at, by its place in the curves. */ #near = -1;
  #live = false;
  #font = "11px sans-serif";
  /** Where the frequencies lie, in px; kept from drawing to drawing. */ #xs = new Float32Array(0);
  #mode = "Auto";

  /**
   * @param {HTMLElement} holder
   * @param {Palette} palette kept up to date by the theme
   * @param {Session} session
   * @param {(seq: number) => void} onDrawn
   */
  constructor(holder, palette, session, onDrawn) {
    this.palette = palette;
    this.session = session;
    this.onDrawn = onDrawn;
    this.holder = holder;
    this.levels = element(
      "select",
      { "data-action": "level-axis", "aria-label": "Level axis", title: "Level axis" },
      ...Object.keys(LEVELS).map((name) => element("option", { value: name }, name)),
    );
    this.levels.addEventListener("change", () => {
      this.#mode = this.levels.value;
      this.#fit(true);
      this.canvas.invalidate();
    });
    this.scale = switcher("frequency-axis", "Frequency axis", (next) =>
      session.setAxis("Hz", null, next ? "linear" : "log"),
    );
    this.readout = new Readout(this.scale.root, this.levels);
    holder.setAttribute("role", "group");
    holder.setAttribute("aria-label", "Magnitude");
    this.range = new AutoRange(() => this.canvas.invalidate());
    this.canvas = new Canvas(holder, (context) => this.#draw(context));
    holder.addEventListener("pointermove", this.#onPointer);
    holder.addEventListener("pointerleave", this.#onPointer);
    zoom(holder, {
      frame: () => this.#frame,
      axis: () => this.axis,
      change: (range) => session.setAxis("Hz", range),
    });
  }

  #onPointer = (/** @type {PointerEvent} */ event) => {
    const inside = event.type === "pointermove";
    const { left, top } = this.holder.getBoundingClientRect();
    this.#pointer = inside ? { x: event.clientX - left, y: event.clientY - top } : null;
    this.canvas.invalidate();
  };

  /** Whether the spectra of now lie under this: then those of the whole step back. @param {boolean} live */
  setLive(live) {
    if (live === this.#live) return;
    this.#live = live;
    this.canvas.invalidate();
  }

  /** The axis of frequencies: all of it, and what is shown. */
  get axis() {
    const { frequency_range: band } = this.session.spec;
    const { low, high, scale } = this.session.axes.Hz ?? {};
    const log = scale !== "linear";
    const whole = { low: log ? band[0] : 0, high: band[1] };
    return { whole, shown: { low: low ?? whole.low, high: high ?? whole.high }, log };
  }

  /** Where things lie, once it was drawn. */
  get frame() {
    return this.#frame;
  }

  get curves() {
    return this.#curves;
  }

  /** A hand is on a handle. @param {boolean} on */
  set held(on) {
    this.range.held = on;
  }

  /** @param {Curves} curves */
  show(curves) {
    const first = this.#curves === null;
    this.#curves = curves;
    const names = /** @type {const} */ (["response", "measured", "input", "output"]);
    const there = names.filter(
      (name) => curves[name] !== null && (name !== "input" || this.session.spec.takes_input),
    );
    // What is measured holds at its level alone.
    const measured = `Measured at ${curves.level} dBFS`.replace("-", "−");
    this.readout.name(
      there.map((name) => (name === "measured" ? { ...ENTRIES[name], label: measured } : ENTRIES[name])),
    );
    this.#fit(first);
    this.canvas.invalidate();
  }

  /** The axis of levels, for the curves that there are. @param {boolean} anew */
  #fit(anew) {
    const curves = this.#curves;
    if (!curves) return;
    const { response, measured, input, output, stages } = curves;
    const levels = response !== null || measured !== null || stages.length > 0;
    const linear = this.#mode === LINEAR;
    const shown = [response ?? [], measured ?? [], ...stages.map(({ db }) => db)];
    this.range.want(LEVELS[this.#mode] ?? (linear ? amplitudeRange(shown) : responseRange(shown)), anew);
    const spectra = input || output ? "dBFS" : "";
    this.readout.axes(levels ? (linear ? "" : "dB") : spectra, levels ? spectra : "");
    this.levels.hidden = !levels;
  }

  /** The colours or the font changed. */
  restyle() {
    this.#font = `11px ${getComputedStyle(this.holder).fontFamily}`;
    this.canvas.invalidate();
  }

  close() {
    this.range.close();
    this.holder.removeEventListener("pointermove", this.#onPointer);
    this.holder.removeEventListener("pointerleave", this.#onPointer);
    this.readout.root.remove();
    this.canvas.close();
  }

  /** @param {CanvasRenderingContext2D} context */
  #draw(context) {
    const curves = this.#curves;
    if (!curves || curves.frequency.length < 2) return;
    const { width, height } = this.canvas;
    const { frequency, response, measured, input, output, stages } = curves;
    const spectrum = input || output ? spectrumRange([input ?? [], output ?? []]) : null;
    // Without a response there is one scale, that of the spectra.
    const alone = !response && !measured && stages.length === 0 ? spectrum : null;
    const { shown, log } = this.axis;
    this.scale.show(["Log", "Lin"], log ? 0 : 1);
    /** @type {Frame} */
    const frame = {
      left: MARGIN.left,
      right: width - (spectrum && !alone ? MARGIN.right : MARGIN.bare),
      top: MARGIN.top,
      bottom: height - MARGIN.bottom,
      low: Math.max(shown.low, log ? 0.1 : 0),
      high: shown.high,
      log,
      level: alone ?? { ...(this.range.range ?? { high: 6, low: -18 }), linear: this.#mode === LINEAR },
      spectrum: alone ? null : spectrum,
    };
    this.#frame = frame;
    const { palette } = this;
    context.font = this.#font;
    drawGrid(context, frame, palette);
    context.save();
    context.beginPath();
    context.rect(frame.left, frame.top, frame.right - frame.left, frame.bottom - frame.top);
    context.clip();
    if (this.#xs.length !== frequency.length) this.#xs = new Float32Array(frequency.length);
    const xs = this.#xs;
    for (let i = 0; i < xs.length; i++) xs[i] = xOf(frame, log ? Math.max(frequency[i], 1e-3) : frequency[i]);
    if (alone ?? spectrum) {
      const ground = { xs, frame, levels: /** @type {Levels} */ (alone ?? spectrum) };
      const { input: before, output: after } = palette;
      const live = this.#live;
      if (input) drawArea(context, ground, input, { color: before, fill: live ? 0 : 0.13, edge: 0.45 });
      if (output)
        drawArea(context, ground, output, { color: after, fill: live ? 0 : 0.16, edge: live ? 0.45 : 0.75 });
    }
    this.#near = this.#pointed(frame, curves);
    const ground = { xs, frame, levels: frame.level };
    for (const [i, { db, color, inactive }] of stages.entries()) {
      const near = i === this.#near;
      context.setLineDash(inactive ? [2, 4] : []);
      // Where a stage does nothing its curve would only thicken the line at 0 dB.
      const look = { width: near ? 2 : 1.25, alpha: near ? 1 : 0.8, gap: 0.05 };
      drawLine(context, ground, db, { color: palette[stageColor(color)], ...look });
    }
    context.setLineDash([]);
    const color = palette.accent;
    if (response) drawLine(context, ground, response, { color, width: 2.25, alpha: 1 });
    if (measured) {
      context.setLineDash([6, 4]);
      // Until it has been measured again it is that of other values.
      const alpha = curves.measuredAt === curves.seq ? 1 : 0.5;
      drawLine(context, ground, measured, { color, width: 2, alpha, gap: 0 });
      context.setLineDash([]);
    }
    context.restore();
    this.#point(context, frame, curves);
    this.onDrawn(curves.seq);
  }

  /** Which stage's curve lies under the pointer. @param {Frame} frame @param {Curves} curves */
  #pointed(frame, { frequency, stages }) {
    const at = this.#pointer;
    let found = -1;
    if (!at || at.x < frame.left || at.x > frame.right) return found;
    const index = indexAt(frequency, frequencyAt(frame, at.x));
    let best = NEAR;
    for (let i = 0; i < stages.length; i++) {
      const away = Math.abs(yOf(frame, frame.level, valueAt(stages[i].db, index)) - at.y);
      if (away < best) {
        best = away;
        found = i;
      }
    }
    return found;
  }

  /** As its controls are headed. @param {Curves["stages"][number]} stage */
  #named({ path, label, inactive }) {
    const number = this.session.spec.stages.find((stage) => stage.path === path)?.number ?? null;
    return `${number === null ? "" : `${number} `}${label}${inactive ? ", bypassed" : ""}`;
  }

  /** What lies under the pointer. @param {CanvasRenderingContext2D} context @param {Frame} frame @param {Curves} curves */
  #point(context, frame, curves) {
    const at = this.#pointer?.x;
    if (at === undefined || at < frame.left || at > frame.right) {
      this.readout.show("");
      return;
    }
    const { palette } = this;
    const f = frequencyAt(frame, at);
    const index = indexAt(curves.frequency, f);
    /** @type {Record<string, string>} */
    const texts = {};
    for (const name of /** @type {const} */ (["response", "measured", "input", "output"])) {
      const curve = curves[name];
      if (curve) texts[name] = level(valueAt(curve, index));
    }
    const stage = curves.stages[this.#near];
    if (stage) {
      const value = level(valueAt(stage.db, index));
      this.readout.show(formatQuantity(f, "Hz"), texts, {
        label: this.#named(stage),
        color: stageColor(stage.color),
        value,
      });
    } else this.readout.show(formatQuantity(f, "Hz"), texts);
    context.strokeStyle = palette.muted;
    context.lineWidth = 1;
    const px = Math.round(at) + 0.5;
    rule(context, px, frame.top, px, frame.bottom);
    const main = curves.response ?? curves.measured;
    const y = main ? yOf(frame, frame.level, valueAt(main, index)) : Number.NaN;
    if (!(y >= frame.top && y <= frame.bottom)) return;
    context.beginPath();
    context.arc(at, y, 4, 0, 2 * Math.PI);
    context.fillStyle = palette.plot;
    context.fill();
    context.strokeStyle = palette.accent;
    context.lineWidth = 2;
    context.stroke();
  }
}
