import { Monitor } from "./monitor.js";

/** @import { Command } from "./messages" */

/**
 * The monitor on the audio thread. The audio thread loads the very file that the page has loaded (its modules run there
 * too, so none may ask for the document before it is called), and finds this in it.
 */
if (typeof registerProcessor === "function") {
  class MonitorProcessor extends AudioWorkletProcessor {
    /** @param {AudioWorkletNodeOptions} options */
    constructor(options) {
      super();
      this.monitor = new Monitor({ rate: sampleRate, outputs: options.outputChannelCount?.[0] ?? 2 });
      this.alive = true;
      this.since = 0;
      this.seq = 0;
      this.playing = false;
      this.port.onmessage = (/** @type {MessageEvent<Command>} */ event) => {
        if (event.data.type === "close") this.alive = false;
        this.monitor.handle(event.data);
        this.say();
      };
    }

    say() {
      this.since = 0;
      const report = this.monitor.look();
      this.seq = report.seq;
      this.playing = this.monitor.reader.playing;
      this.port.postMessage(report);
    }

    /** @param {Float32Array[][]} _inputs @param {Float32Array[][]} outputs */
    process(_inputs, outputs) {
      const out = outputs[0];
      const count = out[0].length;
      this.monitor.process(out, count, outputs);
      this.since += count;
      const { playing, seq } = this.monitor.reader;
      if (playing !== this.playing || seq !== this.seq || (playing && this.since > sampleRate / 30))
        this.say();
      return this.alive;
    }
  }

  registerProcessor("fxlab-monitor", MonitorProcessor);

  /** Hands on what comes in, one channel of it. */
  class TapeProcessor extends AudioWorkletProcessor {
    /** @param {Float32Array[][]} inputs */
    process([input]) {
      if (input[0]) this.port.postMessage(input[0]);
      return true;
    }
  }

  registerProcessor("fxlab-tape", TapeProcessor);
}
