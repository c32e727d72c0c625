import { acquire, release, wake } from "./audio_contexts.js";
import { Monitor } from "./monitor.js";
import { ScheduledPlayer } from "./scheduled_player.js";
import { SpectrumAnalyser } from "./spectrum_analyser.js";

/** @import { Entry } from "./audio_contexts.js" */
/** @import { Command, Report } from "./messages" */
/** @import { Piece } from "../types" */

/**
 * The sound of one panel. Until the first click on play there is no audio: the page keeps the takes in a
 * monitor of its own, which then hands them to one on the audio thread.
 */
export class Player {
  /** The monitor in the page: before the first play, and where there is no worklet. @type {Monitor | null} */
  #monitor = null;
  /** @type {Entry | null} */ #entry = null;
  /** @type {AudioWorkletNode | null} */ #node = null;
  /** @type {ScheduledPlayer | null} */ #scheduled = null;
  /** What tells the spectra of now; null before the first play. @type {SpectrumAnalyser | null} */
  analysis = null;
  #rate = 0;
  #closed = false;
  #wanted = false;

  /**
   * @param {(report: Report) => void} onReport
   * @param {(text: string) => void} onNotice what the listener should know about how it plays
   */
  constructor(onReport, onNotice) {
    this.onReport = onReport;
    this.onNotice = onNotice;
    this.channels = 2;
  }

  /** Whether it was ever asked to play. */
  get started() {
    return this.#entry !== null;
  }

  /** @param {Piece} piece @param {Int16Array} samples a copy that nobody else keeps */
  piece(piece, samples) {
    this.channels = Math.max(this.channels, piece.channels);
    this.tell({ type: "piece", piece, samples }, piece.rate);
  }

  /**
   * Call with `on` inside a click.
   *
   * @param {boolean} on
   * @param {number} rate of the signal
   */
  async play(on, rate) {
    this.#wanted = on;
    if (on && !this.#entry) {
      this.#entry = acquire(rate, this);
      const awake = wake(this.#entry, this, true);
      await this.#start(this.#entry, rate);
      if (this.#closed) return;
      this.tell({ type: "play", on: this.#wanted });
      await awake;
      return;
    }
    this.tell({ type: "play", on }, rate);
    if (this.#entry) await wake(this.#entry, this, on);
  }

  /** @param {Entry} entry @param {number} rate */
  async #start(entry, rate) {
    const { context } = entry;
    const worklet = await entry.worklet;
    if (this.#closed) return;
    const most = context.destination.maxChannelCount;
    const outputs = this.channels > 2 && this.channels <= most ? this.channels : 2;
    if (outputs > context.destination.channelCount) context.destination.channelCount = outputs;
    if (this.channels > outputs)
      this.onNotice(`${this.channels} channels, heard as two: odd left, even right.`);
    if (context.sampleRate !== rate) {
      this.onNotice(
        `This browser does not play ${rate} Hz; the sound is resampled to ${context.sampleRate} Hz.`,
      );
    }
    const before = this.#monitor?.release() ?? [];
    if (worklet) {
      // Beside what is heard two channels of it and of the input, for whoever draws them.
      const outputChannelCount = [outputs, 1, 1, 1, 1];
      const options = { numberOfInputs: 0, numberOfOutputs: 5, outputChannelCount };
      const node = new AudioWorkletNode(context, "fxlab-monitor", options);
      node.port.onmessage = (event) => this.onReport(event.data);
      node.onprocessorerror = () =>
        this.onNotice("The sound stopped: its thread failed. Run the cell again.");
      node.connect(context.destination);
      this.#node = node;
      this.analysis = new SpectrumAnalyser(node, 1);
      this.#monitor = null;
    } else {
      this.onNotice(
        "No AudioWorklet on this page (it needs https or localhost): sound follows a little later.",
      );
      this.#monitor = new Monitor({ rate: context.sampleRate, outputs });
      this.#scheduled = new ScheduledPlayer(context, this.#monitor, this.onReport);
      this.analysis = new SpectrumAnalyser(this.#scheduled.taps, 0);
    }
    this.#rate = context.sampleRate;
    for (const command of before) this.tell(command);
  }

  /** To the monitor, wherever it is. Play goes through `play`. @param {Command} command @param {number} [rate] */
  tell(command, rate) {
    if (this.#node) {
      /** @type {Transferable[]} */
      const owned = [];
      if (command.type === "piece") owned.push(command.samples.buffer);
      if (command.type === "take") for (const page of command.take.held.values()) owned.push(page.buffer);
      this.#node.port.postMessage(command, owned);
      return;
    }
    if (!this.#monitor) {
      this.#rate = rate ?? (this.#rate || 44100);
      this.#monitor = new Monitor({ rate: this.#rate, outputs: 2 });
    }
    this.#monitor.handle(command);
    if (!this.#entry) this.onReport(this.#monitor.look());
  }

  close() {
    this.#closed = true;
    this.#node?.port.postMessage({ type: "close" });
    this.#node?.disconnect();
    this.#scheduled?.close();
    if (this.#entry) release(this.#entry, this);
    this.#node = this.analysis = null;
    this.#scheduled = null;
    this.#monitor = null;
    this.#entry = null;
  }
}
