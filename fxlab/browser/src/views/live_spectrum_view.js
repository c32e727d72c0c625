import { SpectrumBands } from "../audio/spectrum_bands.js";
import { frequencyAt, yOf } from "./axes/grid.js";
import { Canvas } from "./drawing/canvas.js";

/** @import { Session } from "../kernel/session.js" */
/** @import { Frame } from "./axes/grid.js" */
/** @import { ResponseView } from "./response_view.js" */
/** @import { Palette } from "./drawing/theme.js" */

/** The pause between two pictures, in ms: about 30 pictures a second, or 4 if the user prefers reduced motion. */
const PAUSE = 20;
const REDUCED_MOTION_PAUSE = 250;
/** How fast the level of a band may fall, in dB per second. */
const FALL_RATE = 30;
/** Points across the plot. */
const POINTS = 160;

/** The current spectra of the input and of what is played, drawn behind the response during playback. */
export class LiveSpectrumView {
  #lastTime = 0;
  #frameRequest = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;
  /** The plot that the points were computed for. @type {Frame | null} */ #plotFrame = null;
  #rate = 0;
  #xs = new Float32Array(POINTS);
  /** @type {{ input: SpectrumBands, output: SpectrumBands } | null} */ #bands = null;

  /** @param {ResponseView} view @param {Palette} palette @param {Session} session */
  constructor(view, palette, session) {
    this.view = view;
    this.palette = palette;
    this.session = session;
    this.reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");
    this.canvas = new Canvas(view.container, (context) => this.#draw(context));
    this.canvas.canvas.classList.add("live");
    this.update();
  }

  /** Start or stop with playback. */
  update() {
    const isPlaying = this.session.sound.playing && this.session.sound.player.analyser !== null;
    this.view.setLive(isPlaying);
    if (isPlaying && this.#timer === undefined) this.#schedule(0);
    if (!isPlaying) this.#stop();
  }

  #stop() {
    this.#cancel();
    if (this.#bands) this.canvas.invalidate();
    this.#bands = null;
  }

  #cancel() {
    clearTimeout(this.#timer);
    cancelAnimationFrame(this.#frameRequest);
    this.#timer = undefined;
  }

  /** During the pause no frame is requested, since the browser would then produce one. @param {number} wait in ms */
  #schedule(wait) {
    this.#timer = setTimeout(() => {
      // While the user changes a parameter, the page's time belongs to the new sound.
      if (this.session.sound.isResponding || !this.canvas.isVisible) this.#schedule(PAUSE);
      else this.#frameRequest = requestAnimationFrame(this.#onFrame);
    }, wait);
  }

  #onFrame = () => {
    this.#schedule(this.reducedMotion.matches ? REDUCED_MOTION_PAUSE : PAUSE);
    const now = performance.now();
    const elapsed = now - this.#lastTime;
    this.#lastTime = now;
    this.#measure(Math.min(elapsed, 1000) / 1000);
    this.canvas.paint();
  };

  /** @param {number} seconds since the last measurement */
  #measure(seconds) {
    const { analyser } = this.session.sound.player;
    const { frame } = this.view;
    if (!analyser || !frame) return;
    if (frame !== this.#plotFrame || analyser.rate !== this.#rate || !this.#bands)
      this.#layOut(frame, analyser.rate);
    const { channels } = this.session.spec;
    for (const which of /** @type {const} */ (["input", "output"])) {
      this.#bands?.[which].update(analyser.read(which, channels), FALL_RATE * seconds);
    }
  }

  /** Compute the points for a plot, and the bands if the frequencies changed. @param {Frame} frame @param {number} rate */
  #layOut(frame, rate) {
    const before = this.#plotFrame;
    this.#plotFrame = frame;
    for (let i = 0; i < POINTS; i++) {
      this.#xs[i] = frame.left + ((frame.right - frame.left) * i) / (POINTS - 1);
    }
    const { low, high, log } = frame;
    const isSame = before?.low === low && before.high === high && before.log === log && rate === this.#rate;
    if (isSame && this.#bands) return;
    this.#rate = rate;
    const frequencies = Array.from(this.#xs, (x) => Math.max(frequencyAt(frame, x), 0));
    this.#bands = {
      input: new SpectrumBands(frequencies, rate),
      output: new SpectrumBands(frequencies, rate),
    };
  }

  /** @param {CanvasRenderingContext2D} context */
  #draw(context) {
    const { palette } = this;
    const frame = this.#plotFrame;
    const levels = frame?.spectrum ?? frame?.level;
    if (!this.#bands || !frame || !levels) return;
    context.save();
    context.beginPath();
    context.rect(frame.left, frame.top, frame.right - frame.left, frame.bottom - frame.top);
    context.clip();
    context.lineJoin = "round";
    for (const which of /** @type {const} */ (["input", "output"])) {
      const { db } = this.#bands[which];
      context.beginPath();
      context.moveTo(this.#xs[0], frame.bottom + 2);
      for (let i = 0; i < POINTS; i++) context.lineTo(this.#xs[i], yOf(frame, levels, db[i]));
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
    this.#cancel();
    this.canvas.close();
  }
}
