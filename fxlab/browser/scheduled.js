/** @import { Monitor } from "./monitor.js" */
/** @import { Report } from "./types" */

const FRAMES = 1024;

/**
 * Sound without an AudioWorklet (a page that is neither https nor localhost has none): the page itself
 * runs the monitor and schedules its blocks end to end, a little ahead of what is heard.
 */
export class Scheduled {
  /** @type {{ time: number, report: Report }[]} */ #queue = [];
  #next = 0;

  /**
   * @param {AudioContext} context
   * @param {Monitor} monitor
   * @param {(report: Report) => void} onReport
   */
  constructor(context, monitor, onReport) {
    this.context = context;
    this.monitor = monitor;
    this.onReport = onReport;
    this.out = Array.from({ length: monitor.outputs }, () => new Float32Array(FRAMES));
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
    const { context, monitor, out } = this;
    // The levels in it are the block's before; the monitor fills the same objects again.
    const report = monitor.look();
    const levels = { output: { ...report.output }, input: { ...report.input } };
    this.#queue.push({ time: this.#next, report: { ...report, ...levels } });
    monitor.process(out, FRAMES);
    const buffer = context.createBuffer(monitor.outputs, FRAMES, context.sampleRate);
    for (let o = 0; o < monitor.outputs; o++) buffer.copyToChannel(out[o], o);
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
