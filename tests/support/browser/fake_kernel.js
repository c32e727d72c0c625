/**
 * A kernel in the page, which speaks the protocol of docs/panel-protocol.md for a few biquads, so that the panel can be
 * seen and heard without Python.
 */

import { decibels, design } from "./biquad_design.js";
import { CHAINS } from "./fake_stages.js";

/** @import { KernelMessage, Model, PageMessage, Params, Spec, Stage, Values } from "../../../fxlab/browser/src/types" */

const POINTS = 400;

export class Kernel {
  rate = 44100;
  renders = 0;
  /** The types of the messages that were received. @type {string[]} */ received = [];
  #id = 0;
  #timer = 0;
  /** @type {Set<(message: object, buffers: ArrayBuffer[]) => void>} */ #pages = new Set();

  /**
   * @param {{ chain?: string, seconds?: number, sound?: string, channels?: number, delay?: number,
   *   devices?: string[], bundle: string }} options
   */
  constructor({
    chain = "lowpass",
    seconds = 6,
    sound = "music",
    channels = 2,
    delay = 12,
    devices = ["cpu"],
    bundle,
  }) {
    this.stages = CHAINS[chain];
    this.bundle = bundle;
    this.delay = delay;
    this.channels = channels;
    this.frames = Math.round(seconds * this.rate);
    /** @type {Values} */
    this.values = {};
    for (const stage of this.stages) for (const p of stage.params) this.values[p.path] = p.value;
    this.seq = 0;
    this.position = 0;
    this.devices = devices;
    this.frequency = Float32Array.from({ length: POINTS }, (_, i) => 20 * 1000 ** (i / (POINTS - 1)));
    this.dry = Array.from({ length: channels }, (_, c) => this.#sound(sound, c));
  }

  /** @param {string} sound @param {number} channel */
  #sound(sound, channel) {
    const x = new Float32Array(this.frames);
    let seed = 7 + channel;
    const notes = [110, 164.81, 220, 146.83, 196, 130.81];
    for (let i = 0; i < x.length; i++) {
      const t = i / this.rate;
      seed = (seed * 1103515245 + 12345) % 2147483648;
      const noise = seed / 1073741824 - 1;
      if (sound === "sine") x[i] = 0.5 * Math.sin(2 * Math.PI * 220 * t);
      else if (sound === "noise") x[i] = 0.25 * noise;
      else {
        const beat = t % 0.5;
        const f = notes[Math.floor(t * 2) % notes.length] * (channel ? 1.003 : 1);
        for (let k = 1; k < 24; k++)
          x[i] += (Math.sin(2 * Math.PI * f * k * t) * Math.exp(-beat * (2 + k * 0.8))) / k;
        x[i] = 0.3 * x[i] + 0.12 * noise * Math.exp(-(t % 0.25) * 40);
      }
    }
    return x;
  }

  /** @returns {Spec} */
  get spec() {
    const db = [];
    for (let i = 0; i < POINTS; i += 6) {
      db.push(this.#response(i));
    }
    return {
      version: 1,
      title: this.stages.map(({ name }) => name).join(" | "),
      rate: this.rate,
      channels: this.channels,
      frames: this.frames,
      lti: true,
      has_output: true,
      takes_input: true,
      standalone: false,
      frequency_range: [this.frequency[0], this.rate / 2],
      has_taps: false,
      views: [{ name: "magnitude", label: "Magnitude", kind: "magnitude" }],
      open_views: ["magnitude"],
      projector: false,
      devices: this.devices,
      device: "cpu",
      stages: this.stages,
      preview: db,
    };
  }

  /** @param {number} i */
  #response(i) {
    const w = (2 * Math.PI * this.frequency[i]) / this.rate;
    return this.stages.reduce((sum, stage) => sum + decibels(design(stage, this.values, this.rate), w), 0);
  }

  /** Return a model as anywidget passes it to a page. @returns {Model} */
  model() {
    /** @type {Record<string, unknown>} */
    const traits = { spec: this.spec, bundle: "harness", params: {} };
    /** @type {Map<string, Set<(...args: any[]) => void>>} */
    const listeners = new Map();
    this.#pages.add((message, buffers) => {
      for (const callback of [...(listeners.get("msg:custom") ?? [])]) {
        callback(
          message,
          buffers.map((buffer) => new DataView(buffer)),
        );
      }
    });
    return {
      get: (name) => traits[name],
      set: (name, value) => {
        traits[name] = value;
      },
      save_changes: () => this.#params(/** @type {any} */ (structuredClone(traits.params))),
      on: (event, callback) => {
        listeners.set(event, (listeners.get(event) ?? new Set()).add(callback));
      },
      off: (event, callback) => {
        if (callback) listeners.get(event)?.delete(callback);
      },
      send: (content) => this.#receive(/** @type {any} */ (content)),
    };
  }

  /** @param {KernelMessage} message @param {ArrayBuffer[]} [buffers] */
  #send(message, buffers = []) {
    setTimeout(() => {
      for (const page of this.#pages) page(message, buffers);
    }, 4);
  }

  /** @param {PageMessage} message */
  #receive(message) {
    this.received.push(message.type);
    if (message.type === "bundle") {
      const packed = new Blob([this.bundle]).stream().pipeThrough(new CompressionStream("gzip"));
      new Response(packed).arrayBuffer().then((buffer) => {
        this.#send({ type: "bundle", hash: "harness" }, [buffer]);
      });
    } else if (message.type === "ready") {
      this.position = message.position;
      this.#send({ type: "values", values: this.values, seq: this.seq, revision: 0, request_params: false });
      this.#audio(this.dry, true);
      this.#render(true);
    }
  }

  /** @param {Params} params */
  #params({ seq, values, position }) {
    this.seq = seq;
    this.values = values;
    this.position = position;
    clearTimeout(this.#timer);
    this.#send({ type: "status", seq, state: "rendering", message: "", path: null });
    this.#timer = setTimeout(() => this.#render(false), this.delay);
  }

  /** @param {boolean} whole */
  #render(whole) {
    const { seq } = this;
    /** @type {number[][]} */
    let sections;
    try {
      sections = this.stages.map((stage) => design(stage, this.values, this.rate));
    } catch (error) {
      const path = Object.keys(this.values).find((name) => /cutoff|frequency/.test(name)) ?? null;
      this.#send({
        type: "status",
        seq,
        state: "error",
        message: /** @type {Error} */ (error).message,
        path,
      });
      return;
    }
    this.renders += 1;
    const active = this.stages.map((_, i) => i).filter((i) => sections[i][0] !== 1);
    const wet = this.dry.map((x) => {
      const y = Float32Array.from(x);
      for (const i of active) {
        const [b0, b1, b2, a1, a2] = sections[i];
        let s1 = 0;
        let s2 = 0;
        for (let n = 0; n < y.length; n++) {
          const v = y[n];
          const out = b0 * v + s1;
          s1 = b1 * v - a1 * out + s2;
          s2 = b2 * v - a2 * out;
          y[n] = out;
        }
      }
      return y;
    });
    const curve = (/** @type {(i: number) => number} */ f) =>
      Float32Array.from({ length: POINTS }, (_, i) => f(i));
    const response = curve((i) => this.#response(i));
    const tilt = (/** @type {number} */ i) =>
      -38 - 14 * Math.log10(this.frequency[i] / 120 + 0.4) + 3 * Math.sin(i / 3) * Math.sin(i / 11);
    const names = ["frequency", "response", ...(whole ? ["input"] : []), "output"];
    const buffers = [
      this.frequency,
      response,
      ...(whole ? [curve(tilt)] : []),
      curve((i) => tilt(i) + response[i]),
    ];
    const stages = active.length > 1 ? active.map((i) => this.stages[i].path) : [];
    for (const path of stages) {
      const stage = /** @type {Stage} */ (this.stages.find((s) => s.path === path));
      const sos = design(stage, this.values, this.rate);
      buffers.push(curve((i) => decibels(sos, (2 * Math.PI * this.frequency[i]) / this.rate)));
    }
    this.#send(
      {
        type: "curves",
        seq,
        names,
        stage_paths: stages,
        lti: true,
        stage_info: stages.map((_, color) => ({ color, label: "" })),
      },
      buffers.map((b) => /** @type {ArrayBuffer} */ (b.slice().buffer)),
    );
    this.#audio(wet, false);
    this.#send({ type: "status", seq, state: "idle", message: "", path: null });
  }

  /** @param {Float32Array[]} sound @param {boolean} dry */
  #audio(sound, dry) {
    const { frames, channels, rate, seq } = this;
    const clip = dry ? 0 : this.renders;
    let peak = 1e-9;
    for (const x of sound) for (const v of x) peak = Math.max(peak, Math.abs(v));
    const scale = peak / 32767;
    const from = dry ? 0 : Math.max(0, Math.floor((this.position - 0.05) * rate)) % frames;
    const length = Math.ceil(frames / 4);
    /** @type {[number, number][]} */
    const pieces = [];
    for (let start = from; start < frames; start += length)
      pieces.push([start, Math.min(length, frames - start)]);
    for (let start = 0; start < from; start += length) pieces.push([start, Math.min(length, from - start)]);
    pieces.forEach(([start, count], i) => {
      const samples = new Int16Array(channels * count);
      sound.forEach((x, c) => {
        for (let k = 0; k < count; k++) samples[c * count + k] = Math.round(x[start + k] / scale);
      });
      this.#id += 1;
      const last = i === pieces.length - 1;
      this.#send(
        {
          type: "audio",
          id: this.#id,
          seq,
          dry,
          frames,
          channels,
          rate,
          scale,
          start,
          count,
          clip,
          last,
        },
        [samples.buffer],
      );
    });
  }
}
