/** @import { Monitor } from "./monitor.js" */
/** @import { Report } from "./messages" */

const FRAMES = 1024;

/**
 * Sound without an AudioWorklet (a page that is neither https nor localhost has none): the page itself
 * runs the monitor and schedules its blocks end to end, a little ahead of what is heard.
 */
export class ScheduledPlayer {
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
    const block = () => new Float32Array(FRAMES);
    this.out = Array.from({ length: monitor.outputs }, block);
    this.aside = [block(), block(), block(), block()];
    this.gain = context.createGain();
    this.gain.connect(context.destination);
    /** As the worklet's outputs beside the first: two channels of what is heard, two of the input. */
    this.taps = context.createChannelSplitter(4);
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
    const { monitor, out, aside } = this;
    // The levels in it are the block's before; the monitor fills the same objects again.
    const report = monitor.look();
    const levels = { output: { ...report.output }, input: { ...report.input } };
    this.#queue.push({ time: this.#next, report: { ...report, ...levels } });
    monitor.process(out, FRAMES, [out, ...aside.map((channel) => [channel])]);
    this.#play(out, this.gain);
    this.#play(aside, this.taps);
    this.#next += FRAMES / this.context.sampleRate;
  }

  /** @param {Float32Array<ArrayBuffer>[]} channels @param {AudioNode} into */
  #play(channels, into) {
    const { context } = this;
    const buffer = context.createBuffer(channels.length, FRAMES, context.sampleRate);
    channels.forEach((channel, c) => {
      buffer.copyToChannel(channel, c);
    });
    const node = context.createBufferSource();
    node.buffer = buffer;
    node.connect(into);
    node.start(this.#next);
  }

  close() {
    clearInterval(this.timer);
    this.gain.disconnect();
    this.taps.disconnect();
  }
}
