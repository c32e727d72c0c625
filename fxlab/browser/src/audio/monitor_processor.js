import { Monitor } from "./monitor.js";

/** @import { Command, LivePlayback } from "./messages" */

/** Reports per second during playback. */
const REPORT_RATE = 30;

/**
 * Register a monitor as a processor on the audio thread; call it there only.
 *
 * @param {string} name
 * @param {(rate: number, outputs: number, options: any) => LivePlayback} [createPlayer] creates what plays instead of renders
 */
export function registerMonitor(name, createPlayer) {
  class MonitorProcessor extends AudioWorkletProcessor {
    /** @param {AudioWorkletNodeOptions} options */
    constructor(options) {
      super();
      const outputs = options.outputChannelCount?.[0] ?? 2;
      const player = createPlayer?.(sampleRate, outputs, options.processorOptions);
      this.monitor = new Monitor({ rate: sampleRate, outputs, player });
      this.isOpen = true;
      this.framesSinceReport = 0;
      this.reportedSeq = 0;
      this.reportedPlaying = false;
      this.port.onmessage = (/** @type {MessageEvent<Command>} */ event) => {
        if (event.data.type === "close") this.isOpen = false;
        this.monitor.handle(event.data);
        this.postReport();
      };
    }

    postReport() {
      this.framesSinceReport = 0;
      const report = this.monitor.readReport();
      this.reportedSeq = report.seq;
      this.reportedPlaying = this.monitor.player.isPlaying;
      this.port.postMessage(report);
    }

    /** @param {Float32Array[][]} _inputs @param {Float32Array[][]} outputs */
    process(_inputs, outputs) {
      const out = outputs[0];
      const count = out[0].length;
      this.monitor.process(out, count, outputs);
      this.framesSinceReport += count;
      const { isPlaying, seq } = this.monitor.player;
      const hasChanged = isPlaying !== this.reportedPlaying || seq !== this.reportedSeq;
      if (hasChanged || (isPlaying && this.framesSinceReport > sampleRate / REPORT_RATE)) this.postReport();
      return this.isOpen;
    }
  }

  registerProcessor(name, MonitorProcessor);
}
