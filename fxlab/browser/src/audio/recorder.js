import { loadWorklet } from "./audio_contexts.js";
import { encodeWav } from "./encode_wav.js";

/** The longest recording, in seconds. */
export const MAX_SECONDS = 120;

/** What the panel says for a DOMException, by its name. @type {Record<string, string>} */
const MESSAGES = {
  NotAllowedError:
    "The microphone may not be used: allow it for this page in the browser, then record again.",
  NotFoundError: "No microphone was found. Connect one, then record again.",
};

/** The processing that a browser applies to telephone calls would change the sound. */
const CONSTRAINTS = {
  echoCancellation: false,
  noiseSuppression: false,
  autoGainControl: false,
  channelCount: 1,
};

/** One recording from the microphone. */
export class Recorder {
  /** @type {Float32Array[]} */ #blocks = [];
  #frames = 0;
  /** @type {AudioContext | null} */ #context = null;
  /** @type {MediaStream | null} */ #stream = null;

  /**
   * @param {(seconds: number) => void} onProgress gets the length of the recording
   * @param {() => void} onDisconnect is called if the microphone is disconnected during the recording
   */
  constructor(onProgress, onDisconnect) {
    this.onProgress = onProgress;
    this.onDisconnect = onDisconnect;
  }

  /**
   * Start recording. It must be called in a click or key handler.
   *
   * @throws {Error} with a message for the user
   */
  async start() {
    if (!navigator.mediaDevices || typeof AudioWorkletNode === "undefined") {
      throw new Error("This page cannot record: recording needs https or localhost.");
    }
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia({ audio: CONSTRAINTS });
    } catch (error) {
      const { name, message } = /** @type {DOMException} */ (error);
      throw new Error(MESSAGES[name] ?? `The microphone could not be opened: ${message}`);
    }
    // This event does not occur when the page itself stops a track.
    for (const track of this.#stream.getTracks()) track.onended = this.onDisconnect;
    const context = new AudioContext();
    this.#context = context;
    await loadWorklet(context);
    const node = new AudioWorkletNode(context, "fxlab-recorder", { numberOfOutputs: 0 });
    node.port.onmessage = ({ data }) => {
      this.#blocks.push(data);
      this.#frames += data.length;
      this.onProgress(this.#frames / context.sampleRate);
    };
    context.createMediaStreamSource(this.#stream).connect(node);
    await context.resume();
  }

  /** Stop, and return the recording as a WAV file, or null if nothing was recorded. @returns {ArrayBuffer | null} */
  stop() {
    const rate = this.#context?.sampleRate ?? 0;
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#context?.close();
    if (this.#frames === 0) return null;
    const samples = new Float32Array(this.#frames);
    let offset = 0;
    for (const block of this.#blocks) {
      samples.set(block, offset);
      offset += block.length;
    }
    return encodeWav(samples, rate);
  }
}
