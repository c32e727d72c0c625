import { describe, expect, it } from "vitest";
import { LivePlayer } from "../../../fxlab/browser/src/audio/live_player.js";
import { BLOCK, LiveProgram } from "../../../fxlab/browser/src/audio/live_program.js";

/** @import { Processor, Program } from "../../../fxlab/browser/src/engine/program" */

const RATE = 44_100;

/** A one-pole low-pass, so that a processor has a state. @param {Partial<Program>} [changes] @returns {Program} */
const smoother = (changes = {}) => ({
  ...{ rate: RATE, channels: 1, outputChannels: 1, latency: 0, live: true, blockSize: BLOCK },
  ...{ parameters: ["gain", "pole"], fixed: {}, steps: [] },
  design: ({ gain, pole = 0 }) => ({ c: Float64Array.of(Number(gain), Number(pole)) }),
  response: () => [],
  createProcessor() {
    const state = new Float64Array(1);
    /** @type {Processor} */
    const processor = {
      states: [state],
      copyState(other) {
        state.set(other.states[0]);
      },
      reset() {
        state.fill(0);
      },
      process([x], [y], { c: [gain, pole] }) {
        for (let i = 0; i < x.length; i++) {
          state[0] = gain * x[i] * (1 - pole) + pole * state[0];
          y[i] = state[0];
        }
      },
    };
    return processor;
  },
  ...changes,
});

/** Process blocks of a constant input. @param {LiveProgram} live @param {number} count */
function run(live, count) {
  /** @type {number[]} */
  const out = [];
  for (let n = 0; n < count; n++) {
    live.input[0].fill(1);
    live.process();
    out.push(...live.output[0]);
  }
  return out;
}

/** @param {number[]} values */
const largestStep = (values) =>
  values.slice(1).reduce((largest, v, i) => Math.max(largest, Math.abs(v - values[i])), 0);

describe("a live program", () => {
  it("moves to new coefficients in 10 ms, without a step", () => {
    const program = smoother();
    const live = new LiveProgram(program);
    live.setDesign(program.design({ gain: 1, pole: 0.5 }));
    run(live, 3);
    live.setDesign(program.design({ gain: 0, pole: 0.9 }));
    const out = run(live, 6);
    // A ramp of 441 frames has steps of 1/441; a block of it has a quarter of the change in 128 frames.
    expect(largestStep(out)).toBeLessThan(1.2 / 441);
    expect(out[0]).toBeLessThan(1);
    expect(Math.abs(out[out.length - 1])).toBeLessThan(1e-6);
  });

  it("starts another processor for coefficients of another shape, and crossfades to it", () => {
    const program = smoother();
    const live = new LiveProgram(program);
    live.setDesign({ c: Float64Array.of(1, 0) });
    run(live, 3);
    live.setDesign({ c: Float64Array.of(0.5, 0), more: new Float64Array(1) });
    const out = run(live, 2);
    expect(largestStep(out)).toBeLessThan(1 / BLOCK);
    expect(out[out.length - 1]).toBeCloseTo(0.5, 12);
  });

  it("jumps to coefficients that must not be interpolated", () => {
    const program = smoother({ steps: ["c"] });
    const live = new LiveProgram(program);
    live.setDesign(program.design({ gain: 1 }));
    run(live, 3);
    live.setDesign(program.design({ gain: 0 }));
    expect(run(live, 2).slice(BLOCK)).toEqual(Array(BLOCK).fill(0));
  });

  it("mutes what is not finite, and goes on with the next valid design", () => {
    const program = smoother();
    const live = new LiveProgram(program);
    live.setDesign(program.design({ gain: Number.NaN }));
    expect(run(live, 3).every((value) => value === 0)).toBe(true);
    expect(live.hasFailed).toBe(true);
    live.setDesign(program.design({ gain: 1 }));
    const out = run(live, 12);
    expect(out[out.length - 1]).toBe(1);
  });

  it("fades out where it is muted", () => {
    const program = smoother();
    const live = new LiveProgram(program);
    live.setDesign(program.design({ gain: 1 }));
    run(live, 3);
    live.setDesign(null);
    const out = run(live, 2);
    expect(largestStep(out)).toBeLessThan(1.01 / BLOCK);
    expect(out[out.length - 1]).toBe(0);
  });
});

describe("a live player", () => {
  it("gives a program the position in the sound, also after a seek", () => {
    /** @type {(number | undefined)[]} */
    const positions = [];
    const program = smoother();
    const createProcessor = () => {
      const processor = program.createProcessor();
      const { process } = processor;
      processor.process = (input, output, coefficients, position) => {
        positions.push(position);
        process(input, output, coefficients);
      };
      return processor;
    };
    const player = playSine(RATE, { ...program, createProcessor });
    listen(player, 3 * BLOCK);
    expect(positions).toEqual([0, BLOCK, 2 * BLOCK]);
    player.handle({ type: "seek", seconds: 0.5 });
    listen(player, BLOCK);
    expect(Math.abs(Number(positions.at(-1)) - RATE / 2)).toBeLessThan(2 * BLOCK);
  });

  it("delays the input of the difference as much as a program that looks ahead is late", () => {
    const lag = 200;
    const program = smoother({ lag });
    const createProcessor = () => {
      /** @type {number[]} */
      const line = Array(lag).fill(0);
      const processor = program.createProcessor();
      processor.process = ([x], [y]) => {
        line.push(...x);
        y.set(line.splice(0, x.length));
      };
      return processor;
    };
    const player = playSine(RATE, { ...program, createProcessor });
    player.handle({ type: "mode", mode: "difference" });
    const [left] = listen(player, 40 * BLOCK);
    expect(Math.max(...left.slice(10 * BLOCK).map(Math.abs))).toBe(0);
  });
});

/** A player with one second of a sine. @param {number} rate of the output @param {Program} program */
function playSine(rate, program) {
  const player = new LivePlayer({ rate, outputs: 2, program });
  const samples = Int16Array.from(
    { length: RATE },
    (_, n) => 16_384 * Math.sin((2 * Math.PI * 1000 * n) / RATE),
  );
  const sound = { dry: true, seq: 0, clipId: 1, frames: RATE, channels: 1, rate: RATE, scale: 1 / 32_768 };
  player.handle({ type: "chunk", chunk: { ...sound, start: 0, count: RATE, last: true }, samples });
  player.handle({ type: "design", seq: 7, coefficients: program.design({ gain: 0.5 }) });
  player.handle({ type: "play", on: true });
  return player;
}

/** @param {LivePlayer} player @param {number} count */
function listen(player, count) {
  const out = [new Float32Array(count), new Float32Array(count)];
  for (let start = 0; start < count; start += BLOCK) {
    player.process(
      out.map((channel) => channel.subarray(start, start + BLOCK)),
      BLOCK,
    );
  }
  return out;
}

/** The level of a tone of 1 kHz in dB. @param {Float32Array} x @param {number} rate */
function toneLevel(x, rate) {
  let [re, im] = [0, 0];
  x.forEach((value, n) => {
    re += value * Math.cos((2 * Math.PI * 1000 * n) / rate);
    im += value * Math.sin((2 * Math.PI * 1000 * n) / rate);
  });
  return 20 * Math.log10((2 * Math.hypot(re, im)) / x.length);
}

describe("a live player", () => {
  it("plays the sound through the program, on both outputs", () => {
    const player = playSine(RATE, smoother());
    const out = listen(player, 80 * BLOCK);
    // Whole periods: 441 frames are 10 of them.
    const part = out[0].subarray(2000, 2000 + 4410);
    expect(toneLevel(part, RATE)).toBeCloseTo(20 * Math.log10(0.25), 2);
    expect(out[1]).toEqual(out[0]);
    expect(player.readReport()).toMatchObject({ seq: 7, ended: false });
  });

  it("changes between output, input and difference", () => {
    const player = playSine(RATE, smoother());
    listen(player, 20 * BLOCK);
    /** @type {["wet" | "dry" | "difference", number][]} */
    const modes = [
      ["dry", 0.5],
      ["difference", 0.25],
      ["wet", 0.25],
    ];
    for (const [mode, level] of modes) {
      player.handle({ type: "mode", mode });
      listen(player, 8 * BLOCK);
      const part = listen(player, 35 * BLOCK)[0].subarray(0, 4410);
      expect(toneLevel(part, RATE)).toBeCloseTo(20 * Math.log10(level), 2);
    }
  });

  it("converts to the sample rate of the output", () => {
    const out = listen(playSine(48_000, smoother()), 100 * BLOCK);
    const part = out[0].subarray(3000, 3000 + 4800);
    expect(toneLevel(part, 48_000)).toBeCloseTo(20 * Math.log10(0.25), 2);
    // Nothing but the tone: what is left is 80 dB lower.
    const power = part.reduce((sum, value) => sum + value * value, 0) / part.length;
    const tone = 10 ** (toneLevel(part, 48_000) / 10) / 2;
    expect(Math.abs(power - tone) / tone).toBeLessThan(1e-4);
  });

  it("hands everything over to another player", () => {
    const first = playSine(RATE, smoother());
    const second = new LivePlayer({ rate: RATE, outputs: 2, program: smoother() });
    for (const command of first.exportCommands()) second.handle(command);
    second.handle({ type: "play", on: true });
    const part = listen(second, 80 * BLOCK)[0].subarray(2000, 2000 + 4410);
    expect(toneLevel(part, RATE)).toBeCloseTo(20 * Math.log10(0.25), 2);
  });
});
