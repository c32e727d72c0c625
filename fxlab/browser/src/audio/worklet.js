import { registerMonitor } from "./monitor_processor.js";

// The audio thread loads the same file as the page, so all modules are evaluated there too; none may access the document
// before it is called. Only the audio thread has `registerProcessor`.
if (typeof registerProcessor === "function") {
  registerMonitor("fxlab-monitor");

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
