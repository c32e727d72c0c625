import { Monitor } from "./monitor.js";

/** @import { Command } from "./messages" */

/** Reports per second during playback. */
const REPORT_RATE = 30;

// The audio thread loads the same file as the page, so all modules are evaluated there too; none may access the document
// before it is called. Only the audio thread has `registerProcessor`.
if (typeof registerProcessor === "function") {
  /** The monitor on the audio thread. */
  class MonitorProcessor extends AudioWorkletProcessor {
    /** @param {AudioWorkletNodeOptions} options */
    constructor(options) {
      super();
      this.monitor = new Monitor({ rate: sampleRate, outputs: options.outputChannelCount?.[0] ?? 2 });
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

  registerProcessor("fxlab-monitor", MonitorProcessor);

  /** Sends the first channel of its input to the page, for a recording. */
  class RecorderProcessor extends AudioWorkletProcessor {
    /** @param {Float32Array[][]} inputs */
    process([input]) {
      if (input[0]) this.port.postMessage(input[0]);
      return true;
    }
  }

  registerProcessor("fxlab-recorder", RecorderProcessor);
}
