import { describe, expect, it } from "vitest";
import { CrossfadePlayer } from "../../../fxlab/browser/src/audio/crossfade_player.js";
import { PAGE_FRAMES } from "../../../fxlab/browser/src/audio/sample_pages.js";

const RATE = 44100;
const FRAMES = RATE;
const FADE = Math.round(0.015 * RATE);
/** @type {import("../../../fxlab/browser/src/audio/messages").Mode[]} */
const MODES = ["wet", "dry", "difference"];

/** A tone of 100 Hz with a level and a phase: what a filter turns a tone into. */
const tone =
  (level = 0.5, phase = 0, hz = 100) =>
  (/** @type {number} */ n) =>
    level * Math.sin((2 * Math.PI * hz * n) / RATE + phase);

/** The largest step between neighbouring samples of such a tone. */
const ownStep = (/** @type {number} */ level, hz = 100) => level * 2 * Math.sin((Math.PI * hz) / RATE);

/** How much a crossfade can add to it: the difference of the two sounds, spread over the fade. */
const slack = (/** @type {number} */ difference) => difference / FADE + 2 / 32768;

/**
 * Send a chunk to a player; without options the entire sound.
 *
 * @param {CrossfadePlayer} player
 * @param {number} seq
 * @param {(n: number) => number} sound
 * @param {{ start?: number, end?: number, dry?: boolean, frames?: number, channels?: number, rate?: number,
 *   clipId?: number, last?: boolean }} [chunk]
 */
function send(player, seq, sound, chunk = {}) {
  const { dry = false, frames = FRAMES, channels = 1, rate = RATE, clipId = dry ? -1 : seq } = chunk;
  const { start = 0, end = frames, last = false } = chunk;
  const count = end - start;
  const scale = 1 / 32767;
  const samples = new Int16Array(channels * count);
  for (let c = 0; c < channels; c++) {
    for (let k = 0; k < count; k++)
      samples[c * count + k] = Math.round((sound(start + k) / scale) * (c ? -1 : 1));
  }
  const header = { dry, seq, frames, channels, rate, scale, start, count, clipId, last };
  player.handle({ type: "chunk", chunk: header, samples });
}

/** A player whose samples, positions and render numbers are recorded. */
function createRecording({ outputs = 1, rate = RATE } = {}) {
  const player = new CrossfadePlayer({ rate, outputs });
  const out = Array.from({ length: outputs }, () => new Float32Array(128));
  /** @type {number[]} */ const samples = [];
  /** @type {number[]} */ const positions = [];
  /** @type {number[]} */ const seqs = [];
  let ended = false;
  return {
    player,
    samples,
    positions,
    seqs,
    out,
    get ended() {
      return ended;
    },
    /** @param {number} blocks */
    play(blocks) {
      for (let i = 0; i < blocks; i++) {
        player.process(out, 128);
        samples.push(...out[0]);
        const report = player.readReport();
        positions.push(report.position);
        seqs.push(report.seq);
        ended ||= report.ended;
      }
    },
    /** @param {number} [from] */
    maxStep(from = 0) {
      let most = 0;
      for (let i = from + 1; i < samples.length; i++) {
        most = Math.max(most, Math.abs(samples[i] - samples[i - 1]));
      }
      return most;
    },
  };
}

/** Play an input and a render, and record some blocks. */
function startRecording() {
  const recording = createRecording();
  send(recording.player, 0, tone(), { dry: true });
  send(recording.player, 1, tone());
  recording.player.handle({ type: "play", on: true });
  recording.play(10);
  return recording;
}

describe("CrossfadePlayer, a new render", () => {
  it("crossfades at the playhead: no step beyond those of the sounds, no jump of the position", () => {
    const recording = startRecording();
    const from = recording.samples.length;
    send(recording.player, 2, tone(0.5, Math.PI));
    recording.play(20);
    expect(recording.seqs.at(-1)).toBe(2);
    expect(recording.maxStep(from - 1)).toBeLessThan(ownStep(0.5) + slack(1));
    const at = Math.round(/** @type {number} */ (recording.positions.at(-1)) * RATE);
    expect(recording.samples.at(-1)).toBeCloseTo(tone(0.5, Math.PI)(at - 1), 3);
    for (let i = 1; i < recording.positions.length; i++) {
      expect((recording.positions[i] - recording.positions[i - 1]) * RATE).toBeCloseTo(128, 6);
    }
  });

  it("crossfades in 15 ms with gains that add up to 1: a render of the same sound changes nothing", () => {
    const recording = startRecording();
    const at = Math.round(/** @type {number} */ (recording.positions.at(-1)) * RATE);
    const from = recording.samples.length;
    send(recording.player, 2, tone());
    recording.play(12);
    for (let k = 0; k < 12 * 128; k++) expect(recording.samples[from + k]).toBeCloseTo(tone()(at + k), 3);
  });

  it("plays the newest of many renders, and completes each crossfade", () => {
    const recording = startRecording();
    const from = recording.samples.length;
    for (let seq = 2; seq <= 60; seq++) {
      send(recording.player, seq, tone(0.5, seq));
      recording.play(1);
    }
    recording.play(12);
    expect(recording.seqs.at(-1)).toBe(60);
    expect(recording.maxStep(from - 1)).toBeLessThan(ownStep(0.5) + slack(1));
    expect(new Set(recording.seqs).size).toBeLessThan(25);
  });

  it("switches to it as soon as the frames at the playhead are loaded, before the rest", () => {
    const recording = startRecording();
    send(recording.player, 2, tone(0.25), { start: 30000, end: 40000 });
    recording.play(2);
    expect(recording.seqs.at(-1)).toBe(1);
    send(recording.player, 2, tone(0.25), { start: 1000, end: 8000 });
    recording.play(1);
    expect(recording.seqs.at(-1)).toBe(2);
  });

  it("accepts its chunks in any order", () => {
    const cuts = [0, 7000, 15000, 22000, 30000, 44100];
    const orders = [
      [0, 1, 2, 3, 4],
      [2, 3, 4, 0, 1],
      [4, 3, 2, 1, 0],
    ];
    for (const order of orders) {
      const recording = startRecording();
      for (const i of order) send(recording.player, 2, tone(0.3), { start: cuts[i], end: cuts[i + 1] });
      recording.play(20);
      expect(recording.seqs.at(-1)).toBe(2);
      const { position } = recording.player.readReport();
      recording.play(Math.ceil(FRAMES / 128));
      expect(new Set(recording.seqs.slice(-300))).toEqual(new Set([2]));
      expect(recording.maxStep(20 * 128)).toBeLessThan(ownStep(0.3) + slack(0.6));
      expect(position).toBeGreaterThan(0);
    }
  });

  it("falls back to the last complete render where the new one has a gap, and returns to the new one", () => {
    const recording = startRecording();
    const from = recording.samples.length;
    send(recording.player, 2, tone(0.25, 1), { start: 1000, end: 8000 });
    recording.play(20);
    expect(recording.seqs.at(-1)).toBe(2);
    recording.play(40);
    expect(recording.seqs.at(-1)).toBe(1);
    send(recording.player, 2, tone(0.25, 1), { start: 8000, end: FRAMES });
    recording.play(20);
    expect(recording.seqs.at(-1)).toBe(2);
    expect(recording.maxStep(from - 1)).toBeLessThan(ownStep(0.5) + slack(0.75));
  });

  it("waits in silence if there is nothing to fall back on, and continues at the same position", () => {
    const recording = createRecording();
    recording.player.handle({ type: "play", on: true });
    recording.play(2);
    expect(recording.player.readReport().waiting).toBe(true);
    expect(Math.max(...recording.samples)).toBe(0);
    send(recording.player, 1, tone(), { end: 6000 });
    recording.play(60);
    const stood = /** @type {number} */ (recording.positions.at(-1));
    expect(stood * RATE).toBeLessThanOrEqual(6000);
    expect(recording.samples.at(-1)).toBe(0);
    recording.play(5);
    expect(recording.positions.at(-1)).toBe(stood);
    send(recording.player, 1, tone(), { start: 6000 });
    recording.play(40);
    expect(recording.positions.at(-1)).toBeGreaterThan(stood);
    expect(recording.maxStep()).toBeLessThan(ownStep(0.5) + slack(0.5));
  });

  it("smooths the discontinuity if there is nothing left to fade out", () => {
    const recording = createRecording();
    send(recording.player, 1, () => 0.4);
    recording.player.handle({ type: "loop", on: false });
    recording.player.handle({ type: "play", on: true });
    recording.play(5);
    send(recording.player, 2, () => -0.4, { start: 500 });
    recording.play(Math.floor(FRAMES / 128) - 5);
    // Now it loops, and the start of the newest render is not loaded.
    recording.player.handle({ type: "loop", on: true });
    recording.play(3);
    expect(recording.seqs.at(-1)).toBe(1);
    expect(recording.samples.at(-1)).toBeCloseTo(0.4, 3);
    expect(recording.maxStep()).toBeLessThan(0.8 / 200);
  });

  it("drops a render that a newer one has replaced before it could play", () => {
    const recording = startRecording();
    send(recording.player, 2, tone(0.1), { start: 20000, end: 30000 });
    send(recording.player, 3, tone(0.2));
    send(recording.player, 3, tone(0.2));
    recording.play(20);
    expect(new Set(recording.seqs)).toEqual(new Set([1, 3]));
  });

  it("accepts the same number as a new render, because a value may have been set from Python", () => {
    const recording = startRecording();
    const from = recording.samples.length;
    send(recording.player, 1, tone(0.2, 2), { clipId: 1.5 });
    recording.play(20);
    const at = Math.round(/** @type {number} */ (recording.positions.at(-1)) * RATE);
    expect(recording.samples.at(-1)).toBeCloseTo(tone(0.2, 2)(at - 1), 3);
    expect(recording.maxStep(from - 1)).toBeLessThan(ownStep(0.5) + slack(0.7));
  });

  it("plays it at once while paused", () => {
    const recording = createRecording();
    send(recording.player, 4, tone());
    expect(recording.player.readReport().seq).toBe(4);
    send(recording.player, 5, tone());
    expect(recording.player.readReport().seq).toBe(5);
  });
});

describe("CrossfadePlayer, transport", () => {
  it("bypasses with a crossfade to the input at the same sample, and back", () => {
    const recording = createRecording();
    send(recording.player, 0, tone(0.5), { dry: true });
    send(recording.player, 1, tone(0.1, 2));
    recording.player.handle({ type: "play", on: true });
    recording.play(10);
    const from = recording.samples.length;
    recording.player.handle({ type: "mode", mode: "dry" });
    recording.play(10);
    const at = Math.round(/** @type {number} */ (recording.positions.at(-1)) * RATE);
    expect(recording.samples.at(-1)).toBeCloseTo(tone(0.5)(at - 1), 3);
    expect(recording.seqs.at(-1)).toBe(1);
    send(recording.player, 2, tone(0.2, 1));
    recording.play(2);
    expect(recording.seqs.at(-1)).toBe(2);
    recording.player.handle({ type: "mode", mode: "wet" });
    recording.play(10);
    expect(recording.samples.at(-1)).toBeCloseTo(tone(0.2, 1)(at + 12 * 128 - 1), 3);
    expect(recording.maxStep(from - 1)).toBeLessThan(ownStep(0.5) + slack(0.6));
  });

  it("plays the difference at the same sample, and treats a clip that has ended as silent", () => {
    const recording = createRecording({ outputs: 2 });
    send(recording.player, 0, tone(0.3, 1), { dry: true, frames: FRAMES / 2 });
    send(recording.player, 1, tone(0.5), { channels: 2 });
    recording.player.handle({ type: "play", on: true });
    recording.play(10);
    const from = recording.samples.length;
    recording.player.handle({ type: "mode", mode: "difference" });
    recording.play(10);
    let at = Math.round(/** @type {number} */ (recording.positions.at(-1)) * RATE) - 1;
    expect(recording.out[0][127]).toBeCloseTo(tone(0.5)(at) - tone(0.3, 1)(at), 3);
    // The mono input is subtracted from both channels.
    expect(recording.out[1][127]).toBeCloseTo(-tone(0.5)(at) - tone(0.3, 1)(at), 3);
    expect(recording.seqs.at(-1)).toBe(1);
    expect(recording.maxStep(from - 1)).toBeLessThan(ownStep(0.8) + slack(0.8));
    recording.player.handle({ type: "seek", seconds: 0.75 });
    recording.play(10);
    at = Math.round(/** @type {number} */ (recording.positions.at(-1)) * RATE) - 1;
    expect(recording.out[0][127]).toBeCloseTo(tone(0.5)(at), 3);
    recording.player.handle({ type: "mode", mode: "dry" });
    recording.play(10);
    expect(recording.out[0][127]).toBe(0);
  });

  it("matches the loudness of a render with a crossfade to its gain, and that of the next render too", () => {
    const recording = createRecording();
    const chunk = {
      ...{ frames: FRAMES, channels: 1, rate: RATE, scale: 0.5 / 32767, start: 0, count: FRAMES },
      ...{ dry: false, last: true },
    };
    const samples = () => new Int16Array(FRAMES).fill(32767);
    recording.player.handle({
      type: "chunk",
      chunk: { ...chunk, clipId: 1, seq: 1, matchGainDb: -6 },
      samples: samples(),
    });
    recording.player.handle({ type: "play", on: true });
    recording.play(10);
    expect(recording.samples.at(-1)).toBeCloseTo(0.5, 4);
    expect(recording.player.readReport().matchGainDb).toBe(-6);
    const from = recording.samples.length;
    recording.player.handle({ type: "match", on: true });
    recording.play(10);
    expect(recording.samples.at(-1)).toBeCloseTo(0.5 * 10 ** (-6 / 20), 4);
    recording.player.handle({
      type: "chunk",
      chunk: { ...chunk, clipId: 2, seq: 2, matchGainDb: 3 },
      samples: samples(),
    });
    recording.play(10);
    expect(recording.samples.at(-1)).toBeCloseTo(0.5 * 10 ** (3 / 20), 4);
    recording.player.handle({
      type: "chunk",
      chunk: { ...chunk, clipId: 3, seq: 3, matchGainDb: null },
      samples: samples(),
    });
    recording.play(10);
    expect(recording.samples.at(-1)).toBeCloseTo(0.5, 4);
    // If the gain is not known yet, that of the render before is used until it arrives.
    for (const matchGainDb of [-6, undefined]) {
      const seq = matchGainDb ? 4 : 5;
      recording.player.handle({
        type: "chunk",
        chunk: { ...chunk, clipId: seq, seq, matchGainDb },
        samples: samples(),
      });
      recording.play(10);
      expect(recording.samples.at(-1)).toBeCloseTo(0.5 * 10 ** (-6 / 20), 4);
    }
    recording.player.handle({ type: "match-gain", seq: 5, matchGainDb: -12 });
    recording.play(10);
    expect(recording.samples.at(-1)).toBeCloseTo(0.5 * 10 ** (-12 / 20), 4);
    expect(recording.maxStep(from - 1)).toBeLessThan(slack(0.5));
  });

  it("loops a tone of complete periods as if it never ended", () => {
    const recording = startRecording();
    recording.player.handle({ type: "seek", seconds: 0.9 });
    recording.play(20);
    const from = recording.samples.length;
    const start = Math.round(/** @type {number} */ (recording.positions.at(-1)) * RATE);
    recording.play(60);
    expect(Math.min(...recording.positions)).toBeLessThan(0.1);
    for (let k = 0; k < 60 * 128; k++) expect(recording.samples[from + k]).toBeCloseTo(tone()(start + k), 3);
  });

  it("smooths a seam that does not fit", () => {
    const recording = createRecording();
    send(recording.player, 1, tone(0.5, 0, 100.25));
    recording.player.handle({ type: "play", on: true });
    recording.play(2 * Math.ceil(FRAMES / 128));
    const raw = Math.abs(tone(0.5, 0, 100.25)(FRAMES - 1) - tone(0.5, 0, 100.25)(0));
    expect(raw).toBeGreaterThan(0.4);
    expect(recording.maxStep()).toBeLessThan(ownStep(0.5, 100.25) + 0.5 / (0.005 * RATE) + 1e-3);
  });

  it("loops a selection with a crossfade to its start, with a period that is exact to the sample", () => {
    const hz = 441.7;
    const recording = createRecording();
    send(recording.player, 1, tone(0.5, 0, hz));
    recording.player.handle({ type: "select", start: 0.2, end: 0.3003 });
    recording.player.handle({ type: "seek", seconds: 0.2 });
    recording.player.handle({ type: "play", on: true });
    recording.play(200);
    const [start, end] = [Math.round(0.2 * RATE), Math.round(0.3003 * RATE)];
    const places = recording.positions.map((seconds) => Math.round(seconds * RATE));
    expect(Math.max(...places)).toBeLessThanOrEqual(end);
    expect(Math.min(...places)).toBeGreaterThanOrEqual(start - FADE);
    // The start itself and what follows are played unchanged in each repetition.
    for (const turn of [1, 2, 3]) {
      const from = turn * (end - start);
      for (let k = 0; k < 3000; k++) {
        expect(recording.samples[from + k]).toBeCloseTo(tone(0.5, 0, hz)(start + k), 3);
      }
    }
    expect(recording.maxStep(300)).toBeLessThan(ownStep(0.5, hz) + slack(1));
    // Without the selection it plays on.
    recording.player.handle({ type: "select", start: 0, end: 0 });
    recording.play(200);
    expect(/** @type {number} */ (recording.positions.at(-1)) * RATE).toBeGreaterThan(end + 10000);
  });

  it.each([
    [0, 0.1],
    [0.003, 0.1],
    [0.9, 1],
    [0.001, 1],
    [0.5, 0.51],
    [0.95, 7],
  ])("loops from %d s to %d s without a step, whatever surrounds the part", (start, end) => {
    const recording = createRecording();
    send(recording.player, 1, tone(0.5, 1, 100.25));
    recording.player.handle({ type: "select", start, end });
    recording.player.handle({ type: "seek", seconds: start });
    recording.player.handle({ type: "play", on: true });
    recording.play(900);
    const places = recording.positions.slice(1);
    expect(Math.max(...places)).toBeLessThan(Math.min(end, 1) + 0.016);
    expect(Math.min(...places)).toBeGreaterThanOrEqual(Math.max(0, start - 0.016));
    expect(recording.maxStep(300)).toBeLessThan(ownStep(0.5, 100.25) + 1 / (0.005 * RATE) + slack(1));
  });

  it("switches to new renders while a selection loops", () => {
    const recording = startRecording();
    recording.player.handle({ type: "select", start: 0.4, end: 0.5 });
    recording.player.handle({ type: "seek", seconds: 0.4 });
    recording.play(30);
    const from = recording.samples.length;
    for (let seq = 2; seq < 40; seq++) {
      send(recording.player, seq, tone(0.4, seq));
      recording.play(7);
    }
    expect(recording.seqs.at(-1)).toBe(39);
    expect(Math.max(...recording.positions.slice(40))).toBeLessThan(0.52);
    expect(recording.maxStep(from - 1)).toBeLessThan(ownStep(0.5) + slack(1));
  });

  it("writes the input besides what plays", () => {
    const recording = createRecording();
    send(recording.player, 0, tone(0.5), { dry: true });
    send(recording.player, 1, tone(0.1, 2));
    recording.player.handle({ type: "play", on: true });
    const input = [new Float32Array(128)];
    for (let i = 0; i < 20; i++) recording.player.process(recording.out, 128, input);
    const at = Math.round(recording.player.readReport().position * RATE) - 1;
    expect(input[0][127]).toBeCloseTo(tone(0.5)(at), 3);
    expect(recording.out[0][127]).toBeCloseTo(tone(0.1, 2)(at), 3);
  });

  it("plays a new render across the seam of the loop", () => {
    const recording = startRecording();
    recording.player.handle({ type: "seek", seconds: 0.99 });
    recording.play(8);
    send(recording.player, 2, tone(0.3), { start: 43000, end: FRAMES });
    send(recording.player, 2, tone(0.3), { start: 0, end: 20000 });
    const from = recording.samples.length;
    recording.play(30);
    expect(recording.seqs.at(-1)).toBe(2);
    expect(recording.maxStep(from - 1)).toBeLessThan(ownStep(0.5) + slack(0.8));
  });

  it("stops at the end without a step if it does not loop, reports that, and starts again", () => {
    const recording = createRecording();
    send(recording.player, 1, tone(0.5, 1), { frames: 5000 });
    recording.player.handle({ type: "loop", on: false });
    recording.player.handle({ type: "play", on: true });
    recording.play(60);
    expect(recording.ended).toBe(true);
    expect(recording.player.isPlaying).toBe(false);
    expect(recording.samples.at(-1)).toBe(0);
    expect(recording.maxStep()).toBeLessThan(ownStep(0.5) + 0.5 / (0.005 * RATE) + 1e-3);
    recording.player.handle({ type: "play", on: true });
    recording.play(1);
    expect(/** @type {number} */ (recording.positions.at(-1)) * RATE).toBeCloseTo(128, 6);
  });

  it("starts again at the start of the selection if it stood at the end", () => {
    const recording = createRecording();
    send(recording.player, 1, tone(0.5, 1), { frames: 20_000 });
    recording.player.handle({ type: "select", start: 6000 / RATE, end: 12_000 / RATE });
    recording.player.handle({ type: "seek", seconds: 99 });
    recording.player.handle({ type: "play", on: true });
    recording.play(30);
    expect(Math.min(...recording.positions.slice(1)) * RATE).toBeGreaterThan(6000 - 0.015 * RATE);
  });

  it("seeks with a short crossfade, also during another crossfade", () => {
    const recording = startRecording();
    const from = recording.samples.length;
    send(recording.player, 2, tone(0.5, 1));
    recording.play(1);
    recording.player.handle({ type: "seek", seconds: 0.503 });
    recording.play(20);
    expect(recording.positions.at(-1)).toBeGreaterThan(0.5);
    expect(recording.maxStep(from - 1)).toBeLessThan(ownStep(0.5) + slack(1));
  });

  it("treats a seek to the end or beyond as one to the seam", () => {
    const recording = startRecording();
    recording.player.handle({ type: "seek", seconds: 99 });
    recording.play(2);
    expect(recording.positions.at(-1)).toBeLessThan(0.1);
  });

  it("plays and pauses with short fades, and does not move while paused", () => {
    const recording = createRecording();
    send(recording.player, 1, () => 0.8);
    recording.player.handle({ type: "play", on: true });
    recording.play(10);
    recording.player.handle({ type: "play", on: false });
    recording.play(10);
    const stood = recording.positions.at(-1);
    recording.play(3);
    expect(recording.positions.at(-1)).toBe(stood);
    expect(Math.max(...recording.samples)).toBeCloseTo(0.8, 3);
    expect(recording.maxStep()).toBeLessThan(0.8 / 200);
  });

  it("reports the target of a seek at once, even while a pause still fades out", () => {
    const recording = startRecording();
    recording.player.handle({ type: "play", on: false });
    recording.player.handle({ type: "seek", seconds: 0.5 });
    expect(recording.player.readReport().position).toBe(0.5);
    recording.play(10);
    expect(recording.positions.at(-1)).toBeCloseTo(0.5, 1);
  });

  it("seeks and switches renders while paused, even if the pause came during a crossfade", () => {
    const recording = startRecording();
    send(recording.player, 2, tone(0.5, 1));
    recording.play(1);
    recording.player.handle({ type: "play", on: false });
    recording.play(10);
    recording.player.handle({ type: "seek", seconds: 0.5 });
    send(recording.player, 3, tone(0.5, 2));
    const { position, seq } = recording.player.readReport();
    expect({ position, seq }).toEqual({ position: 0.5, seq: 3 });
    const from = recording.samples.length;
    recording.player.handle({ type: "play", on: true });
    recording.play(10);
    expect(recording.maxStep(from - 1)).toBeLessThan(ownStep(0.5) + 0.5 / 200);
  });

  it("exports its clips to another player", () => {
    const recording = startRecording();
    send(recording.player, 2, tone(0.2), { start: 0, end: 9000 });
    recording.player.handle({ type: "seek", seconds: 0.1 });
    recording.play(1);
    const next = createRecording({ outputs: 1 });
    for (const command of recording.player.exportCommands()) next.player.handle(command);
    expect(next.player.readReport().seq).toBe(2);
    expect(next.player.readReport().position).toBeGreaterThan(0.1);
    next.player.handle({ type: "play", on: true });
    next.play(60);
    expect(next.seqs.at(-1)).toBe(1);
    next.player.handle({ type: "mode", mode: "dry" });
    next.play(10);
    const at = Math.round(/** @type {number} */ (next.positions.at(-1)) * RATE);
    expect(next.samples.at(-1)).toBeCloseTo(tone()(at - 1), 3);
  });
});

describe("CrossfadePlayer, shapes", () => {
  it("plays a mono sound on both outputs, and each channel of a stereo sound on its own", () => {
    const recording = createRecording({ outputs: 2 });
    send(recording.player, 1, () => 0.5);
    recording.player.handle({ type: "play", on: true });
    recording.play(4);
    expect([recording.out[0][0], recording.out[1][0]].map((v) => Number(v.toFixed(3)))).toEqual([0.5, 0.5]);
    send(recording.player, 2, () => 0.5, { channels: 2 });
    recording.play(10);
    expect([recording.out[0][0], recording.out[1][0]].map((v) => Number(v.toFixed(3)))).toEqual([0.5, -0.5]);
  });

  it("folds many channels into two: the mean of the odd ones left, of the even ones right", () => {
    const recording = createRecording({ outputs: 2 });
    send(recording.player, 1, () => 0.5, { channels: 6 });
    recording.player.handle({ type: "play", on: true });
    recording.play(4);
    // Channel 1 is +0.5, all others are −0.5.
    expect(recording.out[0][0]).toBeCloseTo(-0.5 / 3, 3);
    expect(recording.out[1][0]).toBeCloseTo(-0.5, 3);
  });

  it("interpolates a sound of another rate, at its own pitch", () => {
    const recording = createRecording({ rate: 48000 });
    send(recording.player, 1, tone());
    recording.player.handle({ type: "play", on: true });
    recording.play(100);
    const at = /** @type {number} */ (recording.positions.at(-1)) - 1 / 48000;
    expect(recording.samples.at(-1)).toBeCloseTo(0.5 * Math.sin(2 * Math.PI * 100 * at), 3);
  });

  it("plays a render that is longer or shorter than the input", () => {
    const recording = startRecording();
    send(recording.player, 2, tone(0.5), { frames: 2 * FRAMES });
    recording.play(10);
    recording.player.handle({ type: "seek", seconds: 1.5 });
    recording.play(10);
    expect(recording.positions.at(-1)).toBeGreaterThan(1.5);
    send(recording.player, 3, tone(0.5), { frames: FRAMES });
    recording.play(20);
    expect(recording.positions.at(-1)).toBeLessThan(0.2);
    expect(recording.seqs.at(-1)).toBe(3);
  });

  it("plays a sound shorter than one block", () => {
    const recording = createRecording();
    send(recording.player, 1, () => 0.5, { frames: 1 });
    recording.player.handle({ type: "play", on: true });
    recording.play(5);
    expect(recording.samples.at(-1)).toBeCloseTo(0.5, 3);
  });

  it("reuses the memory of renders that are no longer needed", () => {
    const recording = startRecording();
    const pages = new Set();
    for (let seq = 2; seq < 40; seq++) {
      send(recording.player, seq, tone());
      recording.play(12);
      for (const command of recording.player.exportCommands()) {
        if (command.type === "clip") for (const page of command.clip.pages.values()) pages.add(page);
      }
    }
    expect(pages.size).toBeLessThanOrEqual(5 * Math.ceil(FRAMES / PAGE_FRAMES));
  });
});

describe("CrossfadePlayer, a sound that is loaded in part", () => {
  const frames = 600 * RATE;
  const long = { frames };

  /** @param {ReturnType<typeof createRecording>} recording @param {number} seq @param {number} from @param {number} to */
  function part(recording, seq, from, to, dry = false) {
    const sound = tone(dry ? 0.2 : 0.4, seq);
    send(recording.player, seq, sound, {
      ...long,
      dry,
      start: Math.round(from * RATE),
      end: Math.round(to * RATE),
      last: true,
    });
  }

  it("waits in silence after a seek to where nothing is loaded, and continues when a chunk arrives", () => {
    const recording = createRecording();
    part(recording, 1, 0, 2);
    recording.player.handle({ type: "play", on: true });
    recording.play(20);
    recording.player.handle({ type: "seek", seconds: 300 });
    recording.play(20);
    expect(recording.player.readReport()).toMatchObject({ waiting: true, wetAhead: 0 });
    expect(recording.positions.at(-1)).toBeCloseTo(300, 1);
    expect(recording.samples.at(-1)).toBe(0);
    part(recording, 1, 300, 301);
    expect(recording.player.readReport().wetAhead).toBeCloseTo(1, 1);
    recording.play(30);
    const at = Math.round(/** @type {number} */ (recording.positions.at(-1)) * RATE);
    expect(at).toBeGreaterThan(300 * RATE);
    expect(recording.samples.at(-1)).toBeCloseTo(tone(0.4, 1)(at - 1), 3);
    expect(recording.maxStep()).toBeLessThan(ownStep(0.4) + slack(0.8));
  });

  it("falls back to the render before as long as that is loaded, and not to one that has nothing there", () => {
    const recording = createRecording();
    part(recording, 1, 0, 1);
    recording.player.handle({ type: "play", on: true });
    recording.play(20);
    send(recording.player, 2, tone(0.1), { ...long, start: 0, end: 20000 });
    recording.play(200);
    expect(recording.seqs.at(-1)).toBe(1);
    recording.play(200);
    expect(recording.player.readReport().waiting).toBe(true);
    expect(/** @type {number} */ (recording.positions.at(-1))).toBeLessThanOrEqual(1);
    expect(recording.samples.at(-1)).toBe(0);
    expect(recording.maxStep()).toBeLessThan(ownStep(0.4) + slack(0.8));
  });

  it("waits in bypass if the input is not loaded, and does not play the render instead", () => {
    const recording = createRecording();
    part(recording, 0, 0, 1, true);
    part(recording, 1, 0, 4);
    recording.player.handle({ type: "mode", mode: "dry" });
    recording.player.handle({ type: "play", on: true });
    recording.play(400);
    expect(recording.player.readReport()).toMatchObject({ waiting: true });
    expect(recording.samples.at(-1)).toBe(0);
    part(recording, 0, 1, 2, true);
    recording.play(30);
    const at = Math.round(/** @type {number} */ (recording.positions.at(-1)) * RATE);
    expect(recording.samples.at(-1)).toBeCloseTo(tone(0.2)(at - 1), 3);
    expect(recording.maxStep()).toBeLessThan(ownStep(0.2) + slack(0.4));
  });

  it("loops if only the end and the start are loaded", () => {
    const recording = createRecording();
    part(recording, 1, 599, 600);
    part(recording, 1, 0, 1);
    recording.player.handle({ type: "seek", seconds: 599.5 });
    recording.player.handle({ type: "play", on: true });
    expect(recording.player.readReport().wetAhead).toBeCloseTo(1.5, 3);
    recording.play(Math.round(RATE / 128));
    expect(recording.positions.at(-1)).toBeCloseTo(0.5, 2);
    expect(recording.maxStep()).toBeLessThan(ownStep(0.4) + slack(0.8));
  });

  it("exports what is loaded, and what it falls back to", () => {
    const recording = createRecording();
    part(recording, 1, 0, 2);
    const next = createRecording();
    for (const command of recording.player.exportCommands()) next.player.handle(command);
    send(next.player, 2, tone(0.1), { ...long, start: 0, end: 20000 });
    next.player.handle({ type: "play", on: true });
    next.play(200);
    expect(next.seqs.at(-1)).toBe(1);
    expect(next.samples.at(-1)).not.toBe(0);
  });
});

describe("CrossfadePlayer, any command at any time", () => {
  /** Return a generator of pseudo-random integers that is the same in every run. @param {number} seed */
  const dice = (seed) => {
    let state = seed;
    return (/** @type {number} */ sides) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * sides);
    };
  };

  it.each(Array.from({ length: 20 }, (_, i) => i + 1))(
    "never clicks, hangs or leaves the sound (seed %i)",
    (seed) => {
      const roll = dice(seed);
      const recording = startRecording();
      let seq = 1;
      for (let turn = 0; turn < 150; turn++) {
        const choice = roll(9);
        if (choice < 3) {
          seq += roll(3) > 0 ? 1 : 0;
          const start = roll(FRAMES - 4000);
          send(recording.player, seq, tone(0.5, seq), {
            start,
            end: start + 4000 + roll(FRAMES - 4000 - start),
          });
        } else if (choice === 3) send(recording.player, ++seq, tone(0.5, seq));
        else if (choice === 4) recording.player.handle({ type: "seek", seconds: roll(1000) / 1000 });
        else if (choice === 5) recording.player.handle({ type: "mode", mode: MODES[roll(3)] });
        else if (choice === 8) {
          const start = roll(1000) / 1000;
          recording.player.handle({ type: "select", start, end: start + roll(500) / 1000 });
        } else if (choice === 6) recording.player.handle({ type: "play", on: roll(4) > 0 });
        else recording.player.handle({ type: "loop", on: roll(4) > 0 });
        recording.play(1 + roll(12));
      }
      expect(recording.samples.every(Number.isFinite)).toBe(true);
      // The difference of two tones can be twice as high as one tone.
      expect(recording.samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0)).toBeLessThan(1.1);
      // A crossfade is shorter if few frames are left for it; the remaining step is smoothed within 5 ms.
      expect(recording.maxStep()).toBeLessThan(ownStep(1) + 2 / (0.005 * RATE) + slack(2));
      expect(recording.positions.every((at) => at >= 0 && at <= 1)).toBe(true);
    },
  );
});
