/** @import { Reader } from "./reader.js" */
/** @import { Report } from "./types" */

const FRAMES = 1024;

/**
 * Sound without an AudioWorklet (a page that is neither https nor localhost has none): the page itself
 * runs the reader and schedules its blocks end to end, a little ahead of what is heard.
 */
export class Scheduled {
  /** @type {{ time: number, report: Report }[]} */ #queue = [];
  #next = 0;

  /**
   * @param {AudioContext} context
   * @param {Reader} reader
   * @param {(report: Report) => void} onReport
   */
  constructor(context, reader, onReport) {
    this.context = context;
    this.reader = reader;
    this.onReport = onReport;
    this.out = Array.from({ length: reader.outputs }, () => new Float32Array(FRAMES));
    this.gain = context.createGain();
    this.gain.connect(context.destination);
    this.timer = setInterval(() => this.#tick(), 20);
  }

  #tick() {
    const { context } = this;
    if (context.state !== "running") return;
    // Timers of a hidden tab run once a second.
    const lead = document.hidden ? 1.5 : 0.12;
    const now = context.currentTime;
    if (this.#next < now) this.#next = now + 0.03;
    while (this.#next < now + lead) this.#schedule();
    while (this.#queue.length > 1 && this.#queue[1].time <= now) this.#queue.shift();
    if (this.#queue.length > 0 && this.#queue[0].time <= now) {
      const first = /** @type {{ report: Report }} */ (this.#queue.shift());
      this.onReport(first.report);
    }
  }

  #schedule() {
    const { context, reader, out } = this;
    this.#queue.push({ time: this.#next, report: { ...reader.look() } });
    reader.process(out, FRAMES);
    const buffer = context.createBuffer(reader.outputs, FRAMES, context.sampleRate);
    for (let o = 0; o < reader.outputs; o++) buffer.copyToChannel(out[o], o);
    const node = context.createBufferSource();
    node.buffer = buffer;
    node.connect(this.gain);
    node.start(this.#next);
    this.#next += FRAMES / context.sampleRate;
  }

  close() {
    clearInterval(this.timer);
    this.gain.disconnect();
  }
}
