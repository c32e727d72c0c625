/** @import { Report } from "./messages" */
/** @import { Monitor } from "./monitor.js" */

/** Frames in a block. */
const FRAMES = 1024;

/** How often new blocks are scheduled, in ms. */
const INTERVAL = 20;

/** How far ahead blocks are scheduled, in seconds. In a hidden tab timers run only once per second. */
const LEAD = 0.12;
const HIDDEN_LEAD = 1.5;

/** How long after the current time the first block starts, in seconds. */
const START_DELAY = 0.03;

/**
 * Playback without an AudioWorklet, which pages other than https and localhost do not have: the page itself runs the
 * monitor, and schedules its blocks one after the other, a little ahead of time.
 */
export class ScheduledPlayer {
  /** The reports with the time at which they become true. @type {{ time: number, report: Report }[]} */ #reports =
    [];
  #nextTime = 0;

  /**
   * @param {AudioContext} context
   * @param {Monitor} monitor
   * @param {(report: Report) => void} onReport
   */
  constructor(context, monitor, onReport) {
    this.context = context;
    this.monitor = monitor;
    this.onReport = onReport;
    const createBlock = () => new Float32Array(FRAMES);
    this.outputBlock = Array.from({ length: monitor.outputs }, createBlock);
    this.analyserBlock = [createBlock(), createBlock(), createBlock(), createBlock()];
    this.gain = context.createGain();
    this.gain.connect(context.destination);
    /** Has four outputs, as outputs 1 to 4 of the worklet: two channels of what is played and two of the input. */
    this.analyserSource = context.createChannelSplitter(4);
    this.timer = setInterval(() => this.#onTimer(), INTERVAL);
  }

  #onTimer() {
    const { context } = this;
    if (context.state !== "running") return;
    const lead = document.hidden ? HIDDEN_LEAD : LEAD;
    const now = context.currentTime;
    if (this.#nextTime < now) this.#nextTime = now + START_DELAY;
    while (this.#nextTime < now + lead) this.#scheduleBlock();
    while (this.#reports.length > 1 && this.#reports[1].time <= now) this.#reports.shift();
    if (this.#reports.length > 0 && this.#reports[0].time <= now) {
      const { report } = /** @type {{ report: Report }} */ (this.#reports.shift());
      this.onReport(report);
    }
  }

  #scheduleBlock() {
    const { monitor, outputBlock, analyserBlock } = this;
    // The monitor reuses its report, so it is copied. Its levels are those of the block before.
    const report = monitor.readReport();
    const levels = { output: { ...report.output }, input: { ...report.input } };
    this.#reports.push({ time: this.#nextTime, report: { ...report, ...levels } });
    monitor.process(outputBlock, FRAMES, [outputBlock, ...analyserBlock.map((channel) => [channel])]);
    this.#playBlock(outputBlock, this.gain);
    this.#playBlock(analyserBlock, this.analyserSource);
    this.#nextTime += FRAMES / this.context.sampleRate;
  }

  /** @param {Float32Array<ArrayBuffer>[]} channels @param {AudioNode} destination */
  #playBlock(channels, destination) {
    const { context } = this;
    const buffer = context.createBuffer(channels.length, FRAMES, context.sampleRate);
    channels.forEach((channel, c) => {
      buffer.copyToChannel(channel, c);
    });
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(destination);
    source.start(this.#nextTime);
  }

  close() {
    clearInterval(this.timer);
    this.gain.disconnect();
    this.analyserSource.disconnect();
  }
}
