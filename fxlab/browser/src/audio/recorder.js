import { loadWorklet } from "./audio_contexts.js";

/** The longest recording, in seconds. */
export const LONGEST = 120;

/** @type {Record<string, string>} */
const FAULTS = {
  NotAllowedError:
    "The microphone may not be used: allow it for this page in the browser, then record again.",
  NotFoundError: "There is no microphone. Connect one, then record again.",
};

/** @param {Float32Array} samples @param {number} rate @returns {ArrayBuffer} a WAV file of 16 bits */
export function wav(samples, rate) {
  const size = 2 * samples.length;
  const view = new DataView(new ArrayBuffer(44 + size));
  const text = (/** @type {number} */ at, /** @type {string} */ word) => {
    for (let i = 0; i < word.length; i++) view.setUint8(at + i, word.charCodeAt(i));
  };
  text(0, "RIFF");
  view.setUint32(4, 36 + size, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, 2 * rate, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, size, true);
  for (let i = 0; i < samples.length; i++) {
    view.setInt16(44 + 2 * i, Math.round(32767 * Math.max(-1, Math.min(1, samples[i]))), true);
  }
  return view.buffer;
}

/** One recording from the microphone. */
export class Recorder {
  /** @type {Float32Array[]} */ #blocks = [];
  #frames = 0;
  /** @type {AudioContext | null} */ #context = null;
  /** @type {MediaStream | null} */ #stream = null;

  /** @param {(seconds: number) => void} onLonger @param {() => void} onGone the microphone was taken away meanwhile */
  constructor(onLonger, onGone) {
    this.onLonger = onLonger;
    this.onGone = onGone;
  }

  /** Inside a click. @throws {Error} in words for the panel */
  async start() {
    if (!navigator.mediaDevices || typeof AudioWorkletNode === "undefined") {
      throw new Error("This page may not record: that needs https or localhost.");
    }
    // As it is: what a call on the telephone needs would bend the sound.
    const audio = {
      echoCancellation: false,
      noiseSuppression: false,
      autoGainControl: false,
      channelCount: 1,
    };
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia({ audio });
    } catch (error) {
      const { name, message } = /** @type {DOMException} */ (error);
      throw new Error(FAULTS[name] ?? `The microphone could not be opened: ${message}`);
    }
    // The page's own `stop` of a track is no such event.
    for (const track of this.#stream.getTracks()) track.onended = this.onGone;
    const context = new AudioContext();
    this.#context = context;
    await loadWorklet(context);
    const node = new AudioWorkletNode(context, "fxlab-tape", { numberOfOutputs: 0 });
    node.port.onmessage = ({ data }) => {
      this.#blocks.push(data);
      this.#frames += data.length;
      this.onLonger(this.#frames / context.sampleRate);
    };
    context.createMediaStreamSource(this.#stream).connect(node);
    await context.resume();
  }

  /** @returns {ArrayBuffer | null} the file, or null where nothing came */
  stop() {
    const rate = this.#context?.sampleRate ?? 0;
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#context?.close();
    if (this.#frames === 0) return null;
    const whole = new Float32Array(this.#frames);
    let at = 0;
    for (const block of this.#blocks) {
      whole.set(block, at);
      at += block.length;
    }
    return wav(whole, rate);
  }
}
