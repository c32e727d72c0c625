import { Reader } from "./reader.js";

/** @import { Command } from "./types" */

/** The reader on the audio thread; built apart and loaded from a Blob URL. */
class ReaderProcessor extends AudioWorkletProcessor {
  /** @param {AudioWorkletNodeOptions} options */
  constructor(options) {
    super();
    this.reader = new Reader({ rate: sampleRate, outputs: options.outputChannelCount?.[0] ?? 2 });
    this.alive = true;
    this.since = 0;
    this.seq = 0;
    this.playing = false;
    this.port.onmessage = (/** @type {MessageEvent<Command>} */ event) => {
      if (event.data.type === "close") this.alive = false;
      this.reader.handle(event.data);
      this.say();
    };
  }

  say() {
    this.since = 0;
    const report = this.reader.look();
    this.seq = report.seq;
    this.playing = this.reader.playing;
    this.port.postMessage(report);
  }

  /** @param {Float32Array[][]} _inputs @param {Float32Array[][]} outputs */
  process(_inputs, outputs) {
    const out = outputs[0];
    const count = out[0].length;
    this.reader.process(out, count);
    this.since += count;
    const { playing, seq } = this.reader;
    if (playing !== this.playing || seq !== this.seq || (playing && this.since > sampleRate / 30)) this.say();
    return this.alive;
  }
}

registerProcessor("fxlab-reader", ReaderProcessor);
