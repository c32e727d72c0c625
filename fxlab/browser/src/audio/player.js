import { acquire, release, setPlaying } from "./audio_contexts.js";
import { Monitor } from "./monitor.js";
import { ScheduledPlayer } from "./scheduled_player.js";
import { SpectrumAnalyser } from "./spectrum_analyser.js";

/** @import { Entry } from "./audio_contexts.js" */
/** @import { Chunk, Command, LiveModule, Report } from "./messages" */

/**
 * The audio output of one panel. Before the first click on play no AudioContext exists: the clips are kept in a monitor in
 * the page, and are then transferred to a monitor on the audio thread.
 */
export class Player {
  /** The monitor in the page: before the first play, and if there is no worklet. @type {Monitor | null} */
  #monitor = null;
  /** @type {Entry | null} */ #entry = null;
  /** @type {AudioWorkletNode | null} */ #node = null;
  /** @type {ScheduledPlayer | null} */ #scheduledPlayer = null;
  /** Measures the current spectra; null before the first play. @type {SpectrumAnalyser | null} */
  analyser = null;
  #rate = 0;
  #isClosed = false;
  #shouldPlay = false;

  /**
   * @param {(report: Report) => void} onReport
   * @param {(text: string) => void} onNotice gets texts for the user about how the sound is played
   * @param {LiveModule | null} [live] the compiled module that plays live, in a page without a kernel
   */
  constructor(onReport, onNotice, live = null) {
    this.onReport = onReport;
    this.onNotice = onNotice;
    this.live = live;
    live?.listen(this.#onDesign);
    this.channels = 2;
  }

  /** @param {number} rate @param {number} outputs */
  #createMonitor(rate, outputs) {
    return new Monitor({ rate, outputs, player: this.live?.createPlayer(rate, outputs) });
  }

  #onDesign = (/** @type {Command} */ command) => this.send(command, this.live?.rate);

  /** Whether it was ever asked to play. */
  get hasStarted() {
    return this.#entry !== null;
  }

  /** Add a chunk of a clip. @param {Chunk} chunk @param {Int16Array} samples a copy that is not used elsewhere */
  addChunk(chunk, samples) {
    this.channels = Math.max(this.channels, chunk.channels);
    this.send({ type: "chunk", chunk, samples }, chunk.rate);
  }

  /**
   * Play or pause. The first call with `on` has to be in a click or key handler.
   *
   * @param {boolean} on
   * @param {number} rate of the signal
   */
  async play(on, rate) {
    this.#shouldPlay = on;
    if (on && !this.#entry) {
      this.#entry = acquire(rate, this);
      const resumed = setPlaying(this.#entry, this, true);
      await this.#start(this.#entry, rate);
      if (this.#isClosed) return;
      this.send({ type: "play", on: this.#shouldPlay });
      await resumed;
      return;
    }
    this.send({ type: "play", on }, rate);
    if (this.#entry) await setPlaying(this.#entry, this, on);
  }

  /** @param {Entry} entry @param {number} rate */
  async #start(entry, rate) {
    const { context } = entry;
    const hasWorklet = (await entry.worklet) && (!this.live || (await this.live.load(context)));
    if (this.#isClosed) return;
    const maxOutputs = context.destination.maxChannelCount;
    const outputs = this.channels > 2 && this.channels <= maxOutputs ? this.channels : 2;
    if (outputs > context.destination.channelCount) context.destination.channelCount = outputs;
    if (this.channels > outputs) {
      this.onNotice(`${this.channels} channels are played as two: odd channels left, even channels right.`);
    }
    if (context.sampleRate !== rate) {
      this.onNotice(
        `This browser cannot play ${rate} Hz; the sound is resampled to ${context.sampleRate} Hz.`,
      );
    }
    const commands = this.#monitor?.exportCommands() ?? [];
    if (hasWorklet) {
      // Outputs 1 to 4 are for the spectrum analysers: two channels of what is played and two of the input.
      const outputChannelCount = [outputs, 1, 1, 1, 1];
      const { name, options: processorOptions } = this.live?.processor ?? { name: "fxlab-monitor" };
      const options = { numberOfInputs: 0, numberOfOutputs: 5, outputChannelCount, processorOptions };
      const node = new AudioWorkletNode(context, name, options);
      node.port.onmessage = (event) => this.onReport(event.data);
      node.onprocessorerror = () =>
        this.onNotice("Playback stopped because the audio thread failed. Run the cell again.");
      node.connect(context.destination);
      this.#node = node;
      this.analyser = new SpectrumAnalyser(node, 1);
      this.#monitor = null;
    } else {
      this.onNotice(
        "This page has no AudioWorklet (it needs https or localhost), so the sound follows changes with a delay.",
      );
      this.#monitor = this.#createMonitor(context.sampleRate, outputs);
      this.#scheduledPlayer = new ScheduledPlayer(context, this.#monitor, this.onReport);
      this.analyser = new SpectrumAnalyser(this.#scheduledPlayer.analyserSource, 0);
    }
    this.#rate = context.sampleRate;
    for (const command of commands) this.send(command);
  }

  /**
   * Send a command to the monitor, on whichever thread it is. To play or pause, call `play` instead.
   *
   * @param {Command} command
   * @param {number} [rate]
   */
  send(command, rate) {
    if (this.#node) {
      /** @type {Transferable[]} */
      const transferred = [];
      if (command.type === "chunk") transferred.push(command.samples.buffer);
      if (command.type === "clip") {
        for (const page of command.clip.pages.values()) transferred.push(page.buffer);
      }
      this.#node.port.postMessage(command, transferred);
      return;
    }
    if (!this.#monitor) {
      this.#rate = rate ?? (this.#rate || 44100);
      this.#monitor = this.#createMonitor(this.#rate, 2);
    }
    this.#monitor.handle(command);
    if (!this.#entry) this.onReport(this.#monitor.readReport());
  }

  close() {
    this.#isClosed = true;
    this.live?.unlisten(this.#onDesign);
    this.#node?.port.postMessage({ type: "close" });
    this.#node?.disconnect();
    this.#scheduledPlayer?.close();
    if (this.#entry) release(this.#entry, this);
    this.#node = this.analyser = null;
    this.#scheduledPlayer = null;
    this.#monitor = null;
    this.#entry = null;
  }
}
