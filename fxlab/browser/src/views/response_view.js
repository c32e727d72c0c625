import { formatQuantity } from "../controls/format.js";
import { element } from "../ui/dom.js";
import { AutoRange } from "./axes/auto_range.js";
import { addAxisZoom } from "./axes/axis_zoom.js";
import { drawGrid, frequencyAt, MARGIN, strokeLine, xOf, yOf } from "./axes/grid.js";
import { indexAt, valueAt } from "./axes/interpolate.js";
import { amplitudeRange, LEVEL_RANGES, LINEAR, responseRange, spectrumRange } from "./axes/level_ranges.js";
import { Canvas } from "./drawing/canvas.js";
import { plotFont } from "./drawing/plot_font.js";
import { drawResponses, drawSpectra } from "./drawing/response_curves.js";
import { stageColor } from "./drawing/theme.js";
import { createCycleButton, Readout } from "./readout.js";
import { formatLevel, legendEntries, legendValues } from "./response_legend.js";

/** @import { Responses } from "../kernel/movement.js" */
/** @import { Session } from "../kernel/session.js" */
/** @import { Curves } from "../types" */
/** @import { Frame } from "./axes/grid.js" */
/** @import { Palette } from "./drawing/theme.js" */

/** The largest distance from the pointer to a stage's curve, in px, at which the curve is highlighted. */
const HIGHLIGHT_DISTANCE = 9;

/** The magnitude response, in front of the long-term spectra of input and output. */
export class ResponseView {
  /** @type {Curves | null} */ #curves = null;
  /** @type {Frame | null} */ #frame = null;
  /** The pointer, in px. @type {{ x: number, y: number } | null} */ #pointer = null;
  /** The index of the highlighted stage in the curves, or -1. */ #highlighted = -1;
  #live = false;
  #font = "11px sans-serif";
  /** The frequencies in px; the array is reused for every drawing. */ #xs = new Float32Array(0);
  /** The chosen entry of LEVEL_RANGES. */ #levelRange = "Auto";

  /**
   * @param {HTMLElement} container
   * @param {Palette} palette kept up to date by the theme
   * @param {Session} session
   * @param {(seq: number) => void} onDrawn
   */
  constructor(container, palette, session, onDrawn) {
    this.palette = palette;
    this.session = session;
    this.onDrawn = onDrawn;
    this.container = container;
    this.levelSelect = element(
      "select",
      { "data-action": "level-axis", "aria-label": "Level axis", title: "Level axis" },
      ...Object.keys(LEVEL_RANGES).map((name) => element("option", { value: name }, name)),
    );
    this.levelSelect.addEventListener("change", () => {
      this.#levelRange = this.levelSelect.value;
      this.#fitLevels(true);
      this.canvas.invalidate();
    });
    this.frequencyButton = createCycleButton("frequency-axis", "Frequency axis", (next) =>
      session.setAxis("Hz", null, next ? "linear" : "log"),
    );
    this.readout = new Readout(this.frequencyButton.root, this.levelSelect);
    container.setAttribute("role", "group");
    container.setAttribute("aria-label", "Magnitude");
    this.range = new AutoRange(() => this.canvas.invalidate());
    this.canvas = new Canvas(container, (context) => this.#draw(context));
    container.addEventListener("pointermove", this.#onPointer);
    container.addEventListener("pointerleave", this.#onPointer);
    addAxisZoom(container, {
      frame: () => this.#frame,
      axis: () => this.axis,
      change: (range) => session.setAxis("Hz", range),
    });
  }

  #onPointer = (/** @type {PointerEvent} */ event) => {
    const isInside = event.type === "pointermove";
    const { left, top } = this.container.getBoundingClientRect();
    this.#pointer = isInside ? { x: event.clientX - left, y: event.clientY - top } : null;
    this.canvas.invalidate();
  };

  /** Set whether the current spectra are drawn behind this view, which makes the long-term ones fainter. @param {boolean} live */
  setLive(live) {
    if (live === this.#live) return;
    this.#live = live;
    this.canvas.invalidate();
  }

  /** The frequency axis: its full range and the visible one, in Hz. */
  get axis() {
    const [lowest, highest] = this.session.spec.frequency_range;
    const { low, high, scale } = this.session.axes.Hz ?? {};
    const log = scale !== "linear";
    const full = { low: log ? lowest : 0, high: highest };
    return { full, shown: { low: low ?? full.low, high: high ?? full.high }, log };
  }

  /** The plot as it was drawn last; null before the first drawing. */
  get frame() {
    return this.#frame;
  }

  get curves() {
    return this.#curves;
  }

  /** While true, the level axis does not shrink. @param {boolean} frozen */
  set frozen(frozen) {
    this.range.frozen = frozen;
  }

  /** @param {Curves} curves */
  show(curves) {
    const isFirst = this.#curves === null;
    this.#curves = this.session.learning.target ? curves : { ...curves, target: null, targetSpectrum: null };
    this.readout.setLegend(legendEntries(this.#curves, this.session.spec.takes_input));
    this.#fitLevels(isFirst);
    this.canvas.invalidate();
  }

  /** Show the responses of another moment of a module that moves. @param {Responses} responses */
  follow({ response, stages }) {
    const curves = this.#curves;
    if (!curves) return;
    this.#curves = {
      ...curves,
      response: response ?? curves.response,
      stages: curves.stages.map((stage) => ({ ...stage, db: stages.get(stage.path) ?? stage.db })),
    };
    this.#fitLevels(false);
    this.canvas.invalidate();
  }

  /** Fit the level axis to the curves. @param {boolean} immediately */
  #fitLevels(immediately) {
    const curves = this.#curves;
    if (!curves) return;
    const { response, measured, target, input, output, stages } = curves;
    const hasResponse = response !== null || measured !== null || stages.length > 0;
    const linear = this.#levelRange === LINEAR;
    const responses = [response ?? [], measured ?? [], target ?? [], ...stages.map(({ db }) => db)];
    const fitting = linear ? amplitudeRange(responses) : responseRange(responses);
    this.range.fit(LEVEL_RANGES[this.#levelRange] ?? fitting, immediately);
    const spectrumUnit = input || output ? "dBFS" : "";
    this.readout.setUnits(hasResponse ? (linear ? "" : "dB") : spectrumUnit, hasResponse ? spectrumUnit : "");
    this.levelSelect.hidden = !hasResponse;
  }

  /** Draw again with changed colors or fonts. */
  restyle() {
    this.#font = plotFont(this.container);
    this.canvas.invalidate();
  }

  close() {
    this.range.close();
    this.container.removeEventListener("pointermove", this.#onPointer);
    this.container.removeEventListener("pointerleave", this.#onPointer);
    this.readout.root.remove();
    this.canvas.close();
  }

  /** Compute the edges and axes of the plot. @param {Curves} curves @returns {Frame} */
  #layOut({ response, measured, input, output, stages }) {
    const { width, height } = this.canvas;
    const spectrum = input || output ? spectrumRange([input ?? [], output ?? []]) : null;
    // Without a response the level axis on the left is that of the spectra.
    const onlySpectrum = !response && !measured && stages.length === 0 ? spectrum : null;
    const { shown, log } = this.axis;
    const levels = this.range.range ?? { high: 6, low: -18 };
    return {
      left: MARGIN.left,
      right: width - (spectrum && !onlySpectrum ? MARGIN.right : MARGIN.narrow),
      top: MARGIN.top,
      bottom: height - MARGIN.bottom,
      low: Math.max(shown.low, log ? 0.1 : 0),
      high: shown.high,
      log,
      level: onlySpectrum ?? { ...levels, linear: this.#levelRange === LINEAR },
      spectrum: onlySpectrum ? null : spectrum,
    };
  }

  /** @param {CanvasRenderingContext2D} context */
  #draw(context) {
    const curves = this.#curves;
    if (!curves || curves.frequency.length < 2) return;
    const { frequency, input, output } = curves;
    const frame = this.#layOut(curves);
    this.#frame = frame;
    this.frequencyButton.show(["Log", "Lin"], frame.log ? 0 : 1);
    context.font = this.#font;
    drawGrid(context, frame, this.palette);
    context.save();
    context.beginPath();
    context.rect(frame.left, frame.top, frame.right - frame.left, frame.bottom - frame.top);
    context.clip();
    if (this.#xs.length !== frequency.length) this.#xs = new Float32Array(frequency.length);
    const xs = this.#xs;
    for (let i = 0; i < xs.length; i++) {
      xs[i] = xOf(frame, frame.log ? Math.max(frequency[i], 1e-3) : frequency[i]);
    }
    const { palette } = this;
    if (input || output) {
      const levels = frame.spectrum ?? frame.level;
      drawSpectra(context, { xs, frame, levels }, curves, palette, this.#live);
    }
    this.#highlighted = this.#stageAtPointer(frame, curves);
    drawResponses(context, { xs, frame, levels: frame.level }, curves, palette, this.#highlighted);
    context.restore();
    this.#drawPointer(context, frame, curves);
    this.onDrawn(curves.seq);
  }

  /** Return the index of the stage whose curve is at the pointer, or -1. @param {Frame} frame @param {Curves} curves */
  #stageAtPointer(frame, { frequency, stages }) {
    const pointer = this.#pointer;
    let found = -1;
    if (!pointer || pointer.x < frame.left || pointer.x > frame.right) return found;
    const index = indexAt(frequency, frequencyAt(frame, pointer.x));
    let nearest = HIGHLIGHT_DISTANCE;
    for (let i = 0; i < stages.length; i++) {
      const distance = Math.abs(yOf(frame, frame.level, valueAt(stages[i].db, index)) - pointer.y);
      if (distance < nearest) {
        nearest = distance;
        found = i;
      }
    }
    return found;
  }

  /** Return a stage's name as in the heading of its controls. @param {Curves["stages"][number]} stage */
  #stageName({ path, label, inactive }) {
    const number = this.session.spec.stages.find((stage) => stage.path === path)?.number ?? null;
    return `${number === null ? "" : `${number} `}${label}${inactive ? ", bypassed" : ""}`;
  }

  /** Draw the crosshair and show the values at the pointer. @param {CanvasRenderingContext2D} context @param {Frame} frame @param {Curves} curves */
  #drawPointer(context, frame, curves) {
    const x = this.#pointer?.x;
    if (x === undefined || x < frame.left || x > frame.right) {
      this.readout.showPointer("");
      return;
    }
    const { palette } = this;
    const frequency = frequencyAt(frame, x);
    const index = indexAt(curves.frequency, frequency);
    const stage = curves.stages[this.#highlighted];
    const stageEntry = stage && {
      label: this.#stageName(stage),
      color: stageColor(stage.color),
      value: formatLevel(valueAt(stage.db, index)),
    };
    this.readout.showPointer(formatQuantity(frequency, "Hz"), legendValues(curves, index), stageEntry);
    context.strokeStyle = palette.muted;
    context.lineWidth = 1;
    const lineX = Math.round(x) + 0.5;
    strokeLine(context, lineX, frame.top, lineX, frame.bottom);
    const main = curves.response ?? curves.measured;
    const y = main ? yOf(frame, frame.level, valueAt(main, index)) : Number.NaN;
    if (!(y >= frame.top && y <= frame.bottom)) return;
    context.beginPath();
    context.arc(x, y, 4, 0, 2 * Math.PI);
    context.fillStyle = palette.plot;
    context.fill();
    context.strokeStyle = palette.accent;
    context.lineWidth = 2;
    context.stroke();
  }
}
