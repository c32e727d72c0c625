import { SpectrumBands } from "../audio/spectrum_bands.js";
import { frequencyAt, yOf } from "./axes/grid.js";
import { Canvas } from "./drawing/canvas.js";

/** @import { Session } from "../kernel/session.js" */
/** @import { Frame } from "./axes/grid.js" */
/** @import { ResponseView } from "./response_view.js" */
/** @import { Palette } from "./drawing/theme.js" */

/** From a picture to the wish for the next, in ms: some thirty a second, and four where motion is not wanted. */
const PACE = 20;
const CALM = 250;
/** What a band sinks by, in dB a second. */
const FALL = 30;
/** Points across the plot. */
const POINTS = 160;

/** The spectra of what is heard and of the input, as they are now, behind the response; only while it plays. */
export class LiveSpectrumView {
  #drawn = 0;
  #frame = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;
  /** @type {Frame | null} */ #place = null;
  #rate = 0;
  #xs = new Float32Array(POINTS);
  /** @type {{ input: SpectrumBands, output: SpectrumBands } | null} */ #bands = null;

  /** @param {ResponseView} view @param {Palette} palette @param {Session} session */
  constructor(view, palette, session) {
    this.view = view;
    this.palette = palette;
    this.session = session;
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.canvas = new Canvas(view.holder, (context) => this.#draw(context));
    this.canvas.canvas.classList.add("live");
    this.update();
  }

  /** Go on as long as it plays. */
  update() {
    const on = this.session.sound.playing && this.session.sound.player.analyser !== null;
    this.view.setLive(on);
    if (on && this.#timer === undefined) this.#next(0);
    if (!on) this.#stop();
  }

  #stop() {
    this.#rest();
    if (this.#bands) this.canvas.invalidate();
    this.#bands = null;
  }

  #rest() {
    clearTimeout(this.#timer);
    cancelAnimationFrame(this.#frame);
    this.#timer = undefined;
  }

  /** Between two pictures no frame is asked for, or the page would make one. @param {number} wait in ms */
  #next(wait) {
    this.#timer = setTimeout(() => {
      // A hand that moves has the page for itself.
      if (this.session.sound.isResponding || !this.canvas.visible) this.#next(PACE);
      else this.#frame = requestAnimationFrame(this.#tick);
    }, wait);
  }

  #tick = () => {
    this.#next(this.calm.matches ? CALM : PACE);
    const now = performance.now();
    const since = now - this.#drawn;
    this.#drawn = now;
    this.#measure(Math.min(since, 1000) / 1000);
    this.canvas.paint();
  };

  /** @param {number} seconds since the last */
  #measure(seconds) {
    const { analyser } = this.session.sound.player;
    const { frame } = this.view;
    if (!analyser || !frame) return;
    if (frame !== this.#place || analyser.rate !== this.#rate || !this.#bands)
      this.#lay(frame, analyser.rate);
    const { channels } = this.session.spec;
    for (const which of /** @type {const} */ (["input", "output"])) {
      this.#bands?.[which].update(analyser.read(which, channels), FALL * seconds);
    }
  }

  /** Where the points lie. @param {Frame} frame @param {number} rate */
  #lay(frame, rate) {
    const before = this.#place;
    this.#place = frame;
    for (let i = 0; i < POINTS; i++) {
      this.#xs[i] = frame.left + ((frame.right - frame.left) * i) / (POINTS - 1);
    }
    const { low, high, log } = frame;
    const same = before?.low === low && before.high === high && before.log === log && rate === this.#rate;
    if (same && this.#bands) return;
    this.#rate = rate;
    const grid = Array.from(this.#xs, (x) => Math.max(frequencyAt(frame, x), 0));
    this.#bands = { input: new SpectrumBands(grid, rate), output: new SpectrumBands(grid, rate) };
  }

  /** @param {CanvasRenderingContext2D} context */
  #draw(context) {
    const { palette } = this;
    const frame = this.#place;
    const range = frame?.spectrum ?? frame?.level;
    if (!this.#bands || !frame || !range) return;
    context.save();
    context.beginPath();
    context.rect(frame.left, frame.top, frame.right - frame.left, frame.bottom - frame.top);
    context.clip();
    context.lineJoin = "round";
    for (const which of /** @type {const} */ (["input", "output"])) {
      const { db } = this.#bands[which];
      context.beginPath();
      context.moveTo(this.#xs[0], frame.bottom + 2);
      for (let i = 0; i < POINTS; i++) context.lineTo(this.#xs[i], yOf(frame, range, db[i]));
      context.lineTo(this.#xs[POINTS - 1], frame.bottom + 2);
      context.fillStyle = context.strokeStyle = palette[which];
      context.globalAlpha = which === "input" ? 0.14 : 0.22;
      context.fill();
      context.globalAlpha = which === "input" ? 0.5 : 0.9;
      context.lineWidth = 1.25;
      context.stroke();
    }
    context.restore();
  }

  close() {
    this.#rest();
    this.canvas.close();
  }
}
