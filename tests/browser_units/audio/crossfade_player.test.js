import { describe, expect, it } from "vitest";
import { CrossfadePlayer } from "../../../fxlab/browser/src/audio/crossfade_player.js";
import { PAGE } from "../../../fxlab/browser/src/audio/sample_pages.js";

const RATE = 44100;
const FRAMES = RATE;
const FADE = Math.round(0.015 * RATE);
/** @type {import("../../../fxlab/browser/src/audio/messages").Mode[]} */
const MODES = ["wet", "dry", "difference"];

/** A 100 Hz tone at a level and a phase: what a filter makes of a tone. */
const tone =
  (level = 0.5, phase = 0, hz = 100) =>
  (/** @type {number} */ n) =>
    level * Math.sin((2 * Math.PI * hz * n) / RATE + phase);

/** The largest step from sample to sample that such a tone makes itself. */
const ownStep = (/** @type {number} */ level, hz = 100) => level * 2 * Math.sin((Math.PI * hz) / RATE);

/** What a crossfade may add to it: the difference of the two sounds, spread over the fade. */
const slack = (/** @type {number} */ difference) => difference / FADE + 2 / 32768;

/**
 * @param {CrossfadePlayer} reader
 * @param {number} seq
 * @param {(n: number) => number} sound
 * @param {{ start?: number, end?: number, dry?: boolean, frames?: number, channels?: number, rate?: number,
 *   take?: number, last?: boolean }} [piece]
 */
function send(reader, seq, sound, piece = {}) {
  const { dry = false, frames = FRAMES, channels = 1, rate = RATE, take = dry ? -1 : seq } = piece;
  const { start = 0, end = frames, last = false } = piece;
  const count = end - start;
  const scale = 1 / 32767;
  const samples = new Int16Array(channels * count);
  for (let c = 0; c < channels; c++) {
    for (let k = 0; k < count; k++)
      samples[c * count + k] = Math.round((sound(start + k) / scale) * (c ? -1 : 1));
  }
  const header = { dry, seq, frames, channels, rate, scale, start, count, take, last };
  reader.handle({ type: "piece", piece: header, samples });
}

/** A reader that notes every sample and every position, as a listener and a screen would. */
function listening({ outputs = 1, rate = RATE } = {}) {
  const reader = new CrossfadePlayer({ rate, outputs });
  const out = Array.from({ length: outputs }, () => new Float32Array(128));
  /** @type {number[]} */ const heard = [];
  /** @type {number[]} */ const positions = [];
  /** @type {number[]} */ const seqs = [];
  let ended = false;
  return {
    reader,
    heard,
    positions,
    seqs,
    out,
    get ended() {
      return ended;
    },
    /** @param {number} blocks */
    play(blocks) {
      for (let i = 0; i < blocks; i++) {
        reader.process(out, 128);
        heard.push(...out[0]);
        const report = reader.look();
        positions.push(report.position);
        seqs.push(report.seq);
        ended ||= report.ended;
      }
    },
    /** @param {number} [from] */
    maxStep(from = 0) {
      let most = 0;
      for (let i = from + 1; i < heard.length; i++) most = Math.max(most, Math.abs(heard[i] - heard[i - 1]));
      return most;
    },
  };
}

/** @param {ReturnType<typeof listening>} ear */
function started(ear) {
  send(ear.reader, 0, tone(), { dry: true });
  send(ear.reader, 1, tone());
  ear.reader.handle({ type: "play", on: true });
  ear.play(10);
  return ear;
}

describe("Reader, a new render", () => {
  it("crossfades at the playhead: no step beyond the sounds' own, no jump of the position", () => {
    const ear = started(listening());
    const from = ear.heard.length;
    send(ear.reader, 2, tone(0.5, Math.PI));
    ear.play(20);
    expect(ear.seqs.at(-1)).toBe(2);
    expect(ear.maxStep(from - 1)).toBeLessThan(ownStep(0.5) + slack(1));
    const at = Math.round(/** @type {number} */ (ear.positions.at(-1)) * RATE);
    expect(ear.heard.at(-1)).toBeCloseTo(tone(0.5, Math.PI)(at - 1), 3);
    for (let i = 1; i < ear.positions.length; i++) {
      expect((ear.positions[i] - ear.positions[i - 1]) * RATE).toBeCloseTo(128, 6);
    }
  });

  it("lasts 15 ms and is of equal gain: the same sound comes through it unchanged", () => {
    const ear = started(listening());
    const at = Math.round(/** @type {number} */ (ear.positions.at(-1)) * RATE);
    const from = ear.heard.length;
    send(ear.reader, 2, tone());
    ear.play(12);
    for (let k = 0; k < 12 * 128; k++) expect(ear.heard[from + k]).toBeCloseTo(tone()(at + k), 3);
  });

  it("takes the newest of many, and plays only finished fades between them", () => {
    const ear = started(listening());
    const from = ear.heard.length;
    for (let seq = 2; seq <= 60; seq++) {
      send(ear.reader, seq, tone(0.5, seq));
      ear.play(1);
    }
    ear.play(12);
    expect(ear.seqs.at(-1)).toBe(60);
    expect(ear.maxStep(from - 1)).toBeLessThan(ownStep(0.5) + slack(1));
    expect(new Set(ear.seqs).size).toBeLessThan(25);
  });

  it("swaps as soon as the playhead's own place is there, before the rest", () => {
    const ear = started(listening());
    send(ear.reader, 2, tone(0.25), { start: 30000, end: 40000 });
    ear.play(2);
    expect(ear.seqs.at(-1)).toBe(1);
    send(ear.reader, 2, tone(0.25), { start: 1000, end: 8000 });
    ear.play(1);
    expect(ear.seqs.at(-1)).toBe(2);
  });

  it("takes its pieces in any order", () => {
    const cuts = [0, 7000, 15000, 22000, 30000, 44100];
    const orders = [
      [0, 1, 2, 3, 4],
      [2, 3, 4, 0, 1],
      [4, 3, 2, 1, 0],
    ];
    for (const order of orders) {
      const ear = started(listening());
      for (const i of order) send(ear.reader, 2, tone(0.3), { start: cuts[i], end: cuts[i + 1] });
      ear.play(20);
      expect(ear.seqs.at(-1)).toBe(2);
      const { position } = ear.reader.look();
      ear.play(Math.ceil(FRAMES / 128));
      expect(new Set(ear.seqs.slice(-300))).toEqual(new Set([2]));
      expect(ear.maxStep(20 * 128)).toBeLessThan(ownStep(0.3) + slack(0.6));
      expect(position).toBeGreaterThan(0);
    }
  });

  it("falls back to the last complete render where the new one has a gap, and comes back", () => {
    const ear = started(listening());
    const from = ear.heard.length;
    send(ear.reader, 2, tone(0.25, 1), { start: 1000, end: 8000 });
    ear.play(20);
    expect(ear.seqs.at(-1)).toBe(2);
    ear.play(40);
    expect(ear.seqs.at(-1)).toBe(1);
    send(ear.reader, 2, tone(0.25, 1), { start: 8000, end: FRAMES });
    ear.play(20);
    expect(ear.seqs.at(-1)).toBe(2);
    expect(ear.maxStep(from - 1)).toBeLessThan(ownStep(0.5) + slack(0.75));
  });

  it("waits in silence where there is nothing to fall back on, and goes on where it stood", () => {
    const ear = listening();
    ear.reader.handle({ type: "play", on: true });
    ear.play(2);
    expect(ear.reader.look().waiting).toBe(true);
    expect(Math.max(...ear.heard)).toBe(0);
    send(ear.reader, 1, tone(), { end: 6000 });
    ear.play(60);
    const stood = /** @type {number} */ (ear.positions.at(-1));
    expect(stood * RATE).toBeLessThanOrEqual(6000);
    expect(ear.heard.at(-1)).toBe(0);
    ear.play(5);
    expect(ear.positions.at(-1)).toBe(stood);
    send(ear.reader, 1, tone(), { start: 6000 });
    ear.play(40);
    expect(ear.positions.at(-1)).toBeGreaterThan(stood);
    expect(ear.maxStep()).toBeLessThan(ownStep(0.5) + slack(0.5));
  });

  it("mends the break where there is nothing left to fade out", () => {
    const ear = listening();
    send(ear.reader, 1, () => 0.4);
    ear.reader.handle({ type: "loop", on: false });
    ear.reader.handle({ type: "play", on: true });
    ear.play(5);
    send(ear.reader, 2, () => -0.4, { start: 500 });
    ear.play(Math.floor(FRAMES / 128) - 5);
    // Now it loops, and the start of the newest render is not there.
    ear.reader.handle({ type: "loop", on: true });
    ear.play(3);
    expect(ear.seqs.at(-1)).toBe(1);
    expect(ear.heard.at(-1)).toBeCloseTo(0.4, 3);
    expect(ear.maxStep()).toBeLessThan(0.8 / 200);
  });

  it("drops a render that a newer one overtook before it was heard", () => {
    const ear = started(listening());
    send(ear.reader, 2, tone(0.1), { start: 20000, end: 30000 });
    send(ear.reader, 3, tone(0.2));
    send(ear.reader, 3, tone(0.2));
    ear.play(20);
    expect(new Set(ear.seqs)).toEqual(new Set([1, 3]));
  });

  it("takes the same number again as a new render: a value may have been set from Python", () => {
    const ear = started(listening());
    const from = ear.heard.length;
    send(ear.reader, 1, tone(0.2, 2), { take: 1.5 });
    ear.play(20);
    const at = Math.round(/** @type {number} */ (ear.positions.at(-1)) * RATE);
    expect(ear.heard.at(-1)).toBeCloseTo(tone(0.2, 2)(at - 1), 3);
    expect(ear.maxStep(from - 1)).toBeLessThan(ownStep(0.5) + slack(0.7));
  });

  it("is there at once while paused", () => {
    const ear = listening();
    send(ear.reader, 4, tone());
    expect(ear.reader.look().seq).toBe(4);
    send(ear.reader, 5, tone());
    expect(ear.reader.look().seq).toBe(5);
  });
});

describe("Reader, transport", () => {
  it("bypasses by a crossfade to the input at the same sample, and back", () => {
    const ear = listening();
    send(ear.reader, 0, tone(0.5), { dry: true });
    send(ear.reader, 1, tone(0.1, 2));
    ear.reader.handle({ type: "play", on: true });
    ear.play(10);
    const from = ear.heard.length;
    ear.reader.handle({ type: "mode", mode: "dry" });
    ear.play(10);
    const at = Math.round(/** @type {number} */ (ear.positions.at(-1)) * RATE);
    expect(ear.heard.at(-1)).toBeCloseTo(tone(0.5)(at - 1), 3);
    expect(ear.seqs.at(-1)).toBe(1);
    send(ear.reader, 2, tone(0.2, 1));
    ear.play(2);
    expect(ear.seqs.at(-1)).toBe(2);
    ear.reader.handle({ type: "mode", mode: "wet" });
    ear.play(10);
    expect(ear.heard.at(-1)).toBeCloseTo(tone(0.2, 1)(at + 12 * 128 - 1), 3);
    expect(ear.maxStep(from - 1)).toBeLessThan(ownStep(0.5) + slack(0.6));
  });

  it("plays the difference at the same sample, and nothing where one of the two has ended", () => {
    const ear = listening({ outputs: 2 });
    send(ear.reader, 0, tone(0.3, 1), { dry: true, frames: FRAMES / 2 });
    send(ear.reader, 1, tone(0.5), { channels: 2 });
    ear.reader.handle({ type: "play", on: true });
    ear.play(10);
    const from = ear.heard.length;
    ear.reader.handle({ type: "mode", mode: "difference" });
    ear.play(10);
    let at = Math.round(/** @type {number} */ (ear.positions.at(-1)) * RATE) - 1;
    expect(ear.out[0][127]).toBeCloseTo(tone(0.5)(at) - tone(0.3, 1)(at), 3);
    // Two channels less one: the one goes from both.
    expect(ear.out[1][127]).toBeCloseTo(-tone(0.5)(at) - tone(0.3, 1)(at), 3);
    expect(ear.seqs.at(-1)).toBe(1);
    expect(ear.maxStep(from - 1)).toBeLessThan(ownStep(0.8) + slack(0.8));
    ear.reader.handle({ type: "seek", seconds: 0.75 });
    ear.play(10);
    at = Math.round(/** @type {number} */ (ear.positions.at(-1)) * RATE) - 1;
    expect(ear.out[0][127]).toBeCloseTo(tone(0.5)(at), 3);
    ear.reader.handle({ type: "mode", mode: "dry" });
    ear.play(10);
    expect(ear.out[0][127]).toBe(0);
  });

  it("matches the loudness of the render by a crossfade to its gain, and of the next one with it", () => {
    const ear = listening();
    const piece = {
      ...{ frames: FRAMES, channels: 1, rate: RATE, scale: 0.5 / 32767, start: 0, count: FRAMES },
      ...{ dry: false, last: true },
    };
    const samples = () => new Int16Array(FRAMES).fill(32767);
    ear.reader.handle({
      type: "piece",
      piece: { ...piece, take: 1, seq: 1, match: -6 },
      samples: samples(),
    });
    ear.reader.handle({ type: "play", on: true });
    ear.play(10);
    expect(ear.heard.at(-1)).toBeCloseTo(0.5, 4);
    expect(ear.reader.look().match).toBe(-6);
    const from = ear.heard.length;
    ear.reader.handle({ type: "match", on: true });
    ear.play(10);
    expect(ear.heard.at(-1)).toBeCloseTo(0.5 * 10 ** (-6 / 20), 4);
    ear.reader.handle({
      type: "piece",
      piece: { ...piece, take: 2, seq: 2, match: 3 },
      samples: samples(),
    });
    ear.play(10);
    expect(ear.heard.at(-1)).toBeCloseTo(0.5 * 10 ** (3 / 20), 4);
    ear.reader.handle({
      type: "piece",
      piece: { ...piece, take: 3, seq: 3, match: null },
      samples: samples(),
    });
    ear.play(10);
    expect(ear.heard.at(-1)).toBeCloseTo(0.5, 4);
    // Not known yet: as the one before, until it is told.
    for (const match of [-6, undefined]) {
      const seq = match ? 4 : 5;
      ear.reader.handle({ type: "piece", piece: { ...piece, take: seq, seq, match }, samples: samples() });
      ear.play(10);
      expect(ear.heard.at(-1)).toBeCloseTo(0.5 * 10 ** (-6 / 20), 4);
    }
    ear.reader.handle({ type: "matched", seq: 5, match: -12 });
    ear.play(10);
    expect(ear.heard.at(-1)).toBeCloseTo(0.5 * 10 ** (-12 / 20), 4);
    expect(ear.maxStep(from - 1)).toBeLessThan(slack(0.5));
  });

  it("loops a tone of whole periods sample by sample, as if it never ended", () => {
    const ear = started(listening());
    ear.reader.handle({ type: "seek", seconds: 0.9 });
    ear.play(20);
    const from = ear.heard.length;
    const start = Math.round(/** @type {number} */ (ear.positions.at(-1)) * RATE);
    ear.play(60);
    expect(Math.min(...ear.positions)).toBeLessThan(0.1);
    for (let k = 0; k < 60 * 128; k++) expect(ear.heard[from + k]).toBeCloseTo(tone()(start + k), 3);
  });

  it("mends a seam that does not fit", () => {
    const ear = listening();
    send(ear.reader, 1, tone(0.5, 0, 100.25));
    ear.reader.handle({ type: "play", on: true });
    ear.play(2 * Math.ceil(FRAMES / 128));
    const raw = Math.abs(tone(0.5, 0, 100.25)(FRAMES - 1) - tone(0.5, 0, 100.25)(0));
    expect(raw).toBeGreaterThan(0.4);
    expect(ear.maxStep()).toBeLessThan(ownStep(0.5, 100.25) + 0.5 / (0.005 * RATE) + 1e-3);
  });

  it("goes round in a selection with a crossfade to its start, its period kept to the sample", () => {
    const hz = 441.7;
    const ear = listening();
    send(ear.reader, 1, tone(0.5, 0, hz));
    ear.reader.handle({ type: "select", start: 0.2, end: 0.3003 });
    ear.reader.handle({ type: "seek", seconds: 0.2 });
    ear.reader.handle({ type: "play", on: true });
    ear.play(200);
    const [start, end] = [Math.round(0.2 * RATE), Math.round(0.3003 * RATE)];
    const places = ear.positions.map((seconds) => Math.round(seconds * RATE));
    expect(Math.max(...places)).toBeLessThanOrEqual(end);
    expect(Math.min(...places)).toBeGreaterThanOrEqual(start - FADE);
    // The start itself is heard as it is, and so is what follows, each time round.
    for (const turn of [1, 2, 3]) {
      const from = turn * (end - start);
      for (let k = 0; k < 3000; k++) {
        expect(ear.heard[from + k]).toBeCloseTo(tone(0.5, 0, hz)(start + k), 3);
      }
    }
    expect(ear.maxStep(300)).toBeLessThan(ownStep(0.5, hz) + slack(1));
    // Without the loop it plays on, and without the selection.
    ear.reader.handle({ type: "select", start: 0, end: 0 });
    ear.play(200);
    expect(/** @type {number} */ (ear.positions.at(-1)) * RATE).toBeGreaterThan(end + 10000);
  });

  it.each([
    [0, 0.1],
    [0.003, 0.1],
    [0.9, 1],
    [0.001, 1],
    [0.5, 0.51],
    [0.95, 7],
  ])("goes round from %d s to %d s without a step, whatever lies beside it", (start, end) => {
    const ear = listening();
    send(ear.reader, 1, tone(0.5, 1, 100.25));
    ear.reader.handle({ type: "select", start, end });
    ear.reader.handle({ type: "seek", seconds: start });
    ear.reader.handle({ type: "play", on: true });
    ear.play(900);
    const places = ear.positions.slice(1);
    expect(Math.max(...places)).toBeLessThan(Math.min(end, 1) + 0.016);
    expect(Math.min(...places)).toBeGreaterThanOrEqual(Math.max(0, start - 0.016));
    expect(ear.maxStep(300)).toBeLessThan(ownStep(0.5, 100.25) + 1 / (0.005 * RATE) + slack(1));
  });

  it("takes a new render while it goes round", () => {
    const ear = started(listening());
    ear.reader.handle({ type: "select", start: 0.4, end: 0.5 });
    ear.reader.handle({ type: "seek", seconds: 0.4 });
    ear.play(30);
    const from = ear.heard.length;
    for (let seq = 2; seq < 40; seq++) {
      send(ear.reader, seq, tone(0.4, seq));
      ear.play(7);
    }
    expect(ear.seqs.at(-1)).toBe(39);
    expect(Math.max(...ear.positions.slice(40))).toBeLessThan(0.52);
    expect(ear.maxStep(from - 1)).toBeLessThan(ownStep(0.5) + slack(1));
  });

  it("gives the input beside what is heard", () => {
    const ear = listening();
    send(ear.reader, 0, tone(0.5), { dry: true });
    send(ear.reader, 1, tone(0.1, 2));
    ear.reader.handle({ type: "play", on: true });
    const input = [new Float32Array(128)];
    for (let i = 0; i < 20; i++) ear.reader.process(ear.out, 128, input);
    const at = Math.round(ear.reader.look().position * RATE) - 1;
    expect(input[0][127]).toBeCloseTo(tone(0.5)(at), 3);
    expect(ear.out[0][127]).toBeCloseTo(tone(0.1, 2)(at), 3);
  });

  it("keeps a new render's number and the position through the loop's seam", () => {
    const ear = started(listening());
    ear.reader.handle({ type: "seek", seconds: 0.99 });
    ear.play(8);
    send(ear.reader, 2, tone(0.3), { start: 43000, end: FRAMES });
    send(ear.reader, 2, tone(0.3), { start: 0, end: 20000 });
    const from = ear.heard.length;
    ear.play(30);
    expect(ear.seqs.at(-1)).toBe(2);
    expect(ear.maxStep(from - 1)).toBeLessThan(ownStep(0.5) + slack(0.8));
  });

  it("stops at the end without a step when it does not loop, says so, and starts anew", () => {
    const ear = listening();
    send(ear.reader, 1, tone(0.5, 1), { frames: 5000 });
    ear.reader.handle({ type: "loop", on: false });
    ear.reader.handle({ type: "play", on: true });
    ear.play(60);
    expect(ear.ended).toBe(true);
    expect(ear.reader.playing).toBe(false);
    expect(ear.heard.at(-1)).toBe(0);
    expect(ear.maxStep()).toBeLessThan(ownStep(0.5) + 0.5 / (0.005 * RATE) + 1e-3);
    ear.reader.handle({ type: "play", on: true });
    ear.play(1);
    expect(/** @type {number} */ (ear.positions.at(-1)) * RATE).toBeCloseTo(128, 6);
  });

  it("starts anew in the part that goes round, where it stood at the end", () => {
    const ear = listening();
    send(ear.reader, 1, tone(0.5, 1), { frames: 20_000 });
    ear.reader.handle({ type: "select", start: 6000 / RATE, end: 12_000 / RATE });
    ear.reader.handle({ type: "seek", seconds: 99 });
    ear.reader.handle({ type: "play", on: true });
    ear.play(30);
    expect(Math.min(...ear.positions.slice(1)) * RATE).toBeGreaterThan(6000 - 0.015 * RATE);
  });

  it("seeks with a short fade, also where a fade is under way", () => {
    const ear = started(listening());
    const from = ear.heard.length;
    send(ear.reader, 2, tone(0.5, 1));
    ear.play(1);
    ear.reader.handle({ type: "seek", seconds: 0.503 });
    ear.play(20);
    expect(ear.positions.at(-1)).toBeGreaterThan(0.5);
    expect(ear.maxStep(from - 1)).toBeLessThan(ownStep(0.5) + slack(1));
  });

  it("seeks to the end and beyond as to the seam", () => {
    const ear = started(listening());
    ear.reader.handle({ type: "seek", seconds: 99 });
    ear.play(2);
    expect(ear.positions.at(-1)).toBeLessThan(0.1);
  });

  it("plays and pauses with short fades, and stands still while paused", () => {
    const ear = listening();
    send(ear.reader, 1, () => 0.8);
    ear.reader.handle({ type: "play", on: true });
    ear.play(10);
    ear.reader.handle({ type: "play", on: false });
    ear.play(10);
    const stood = ear.positions.at(-1);
    ear.play(3);
    expect(ear.positions.at(-1)).toBe(stood);
    expect(Math.max(...ear.heard)).toBeCloseTo(0.8, 3);
    expect(ear.maxStep()).toBeLessThan(0.8 / 200);
  });

  it("says where it was sought at once, though the pause before it still fades out", () => {
    const ear = started(listening());
    ear.reader.handle({ type: "play", on: false });
    ear.reader.handle({ type: "seek", seconds: 0.5 });
    expect(ear.reader.look().position).toBe(0.5);
    ear.play(10);
    expect(ear.positions.at(-1)).toBeCloseTo(0.5, 1);
  });

  it("seeks and swaps while paused, though the pause came within a fade", () => {
    const ear = started(listening());
    send(ear.reader, 2, tone(0.5, 1));
    ear.play(1);
    ear.reader.handle({ type: "play", on: false });
    ear.play(10);
    ear.reader.handle({ type: "seek", seconds: 0.5 });
    send(ear.reader, 3, tone(0.5, 2));
    const { position, seq } = ear.reader.look();
    expect({ position, seq }).toEqual({ position: 0.5, seq: 3 });
    const from = ear.heard.length;
    ear.reader.handle({ type: "play", on: true });
    ear.play(10);
    expect(ear.maxStep(from - 1)).toBeLessThan(ownStep(0.5) + 0.5 / 200);
  });

  it("hands its sound over to another reader", () => {
    const ear = started(listening());
    send(ear.reader, 2, tone(0.2), { start: 0, end: 9000 });
    ear.reader.handle({ type: "seek", seconds: 0.1 });
    ear.play(1);
    const next = listening({ outputs: 1 });
    for (const command of ear.reader.release()) next.reader.handle(command);
    expect(next.reader.look().seq).toBe(2);
    expect(next.reader.look().position).toBeGreaterThan(0.1);
    next.reader.handle({ type: "play", on: true });
    next.play(60);
    expect(next.seqs.at(-1)).toBe(1);
    next.reader.handle({ type: "mode", mode: "dry" });
    next.play(10);
    const at = Math.round(/** @type {number} */ (next.positions.at(-1)) * RATE);
    expect(next.heard.at(-1)).toBeCloseTo(tone()(at - 1), 3);
  });
});

describe("Reader, shapes", () => {
  it("gives one channel to both ears, and two to their own", () => {
    const ear = listening({ outputs: 2 });
    send(ear.reader, 1, () => 0.5);
    ear.reader.handle({ type: "play", on: true });
    ear.play(4);
    expect([ear.out[0][0], ear.out[1][0]].map((v) => Number(v.toFixed(3)))).toEqual([0.5, 0.5]);
    send(ear.reader, 2, () => 0.5, { channels: 2 });
    ear.play(10);
    expect([ear.out[0][0], ear.out[1][0]].map((v) => Number(v.toFixed(3)))).toEqual([0.5, -0.5]);
  });

  it("folds many channels into two: odd ones left, even ones right, at their mean", () => {
    const ear = listening({ outputs: 2 });
    send(ear.reader, 1, () => 0.5, { channels: 6 });
    ear.reader.handle({ type: "play", on: true });
    ear.play(4);
    // Channel 1 is +0.5, all others are −0.5.
    expect(ear.out[0][0]).toBeCloseTo(-0.5 / 3, 3);
    expect(ear.out[1][0]).toBeCloseTo(-0.5, 3);
  });

  it("reads a sound of another rate between its samples, at its own pitch", () => {
    const ear = listening({ rate: 48000 });
    send(ear.reader, 1, tone());
    ear.reader.handle({ type: "play", on: true });
    ear.play(100);
    const at = /** @type {number} */ (ear.positions.at(-1)) - 1 / 48000;
    expect(ear.heard.at(-1)).toBeCloseTo(0.5 * Math.sin(2 * Math.PI * 100 * at), 3);
  });

  it("follows a render that is longer or shorter than the input", () => {
    const ear = started(listening());
    send(ear.reader, 2, tone(0.5), { frames: 2 * FRAMES });
    ear.play(10);
    ear.reader.handle({ type: "seek", seconds: 1.5 });
    ear.play(10);
    expect(ear.positions.at(-1)).toBeGreaterThan(1.5);
    send(ear.reader, 3, tone(0.5), { frames: FRAMES });
    ear.play(20);
    expect(ear.positions.at(-1)).toBeLessThan(0.2);
    expect(ear.seqs.at(-1)).toBe(3);
  });

  it("plays a sound shorter than one block", () => {
    const ear = listening();
    send(ear.reader, 1, () => 0.5, { frames: 1 });
    ear.reader.handle({ type: "play", on: true });
    ear.play(5);
    expect(ear.heard.at(-1)).toBeCloseTo(0.5, 3);
  });

  it("reuses the storage of renders that are gone", () => {
    const ear = started(listening());
    const before = new Set();
    for (let seq = 2; seq < 40; seq++) {
      send(ear.reader, seq, tone());
      ear.play(12);
      for (const command of ear.reader.release()) {
        if (command.type === "take") for (const page of command.take.held.values()) before.add(page);
      }
    }
    expect(before.size).toBeLessThanOrEqual(5 * Math.ceil(FRAMES / PAGE));
  });
});

describe("Reader, of a sound that is there in part", () => {
  const frames = 600 * RATE;
  const long = { frames };

  /** @param {ReturnType<typeof listening>} ear @param {number} seq @param {number} from @param {number} to */
  function part(ear, seq, from, to, dry = false) {
    const sound = tone(dry ? 0.2 : 0.4, seq);
    send(ear.reader, seq, sound, {
      ...long,
      dry,
      start: Math.round(from * RATE),
      end: Math.round(to * RATE),
      last: true,
    });
  }

  it("waits in silence where it was sought and nothing is, and goes on there when it comes", () => {
    const ear = listening();
    part(ear, 1, 0, 2);
    ear.reader.handle({ type: "play", on: true });
    ear.play(20);
    ear.reader.handle({ type: "seek", seconds: 300 });
    ear.play(20);
    expect(ear.reader.look()).toMatchObject({ waiting: true, wetAhead: 0 });
    expect(ear.positions.at(-1)).toBeCloseTo(300, 1);
    expect(ear.heard.at(-1)).toBe(0);
    part(ear, 1, 300, 301);
    expect(ear.reader.look().wetAhead).toBeCloseTo(1, 1);
    ear.play(30);
    const at = Math.round(/** @type {number} */ (ear.positions.at(-1)) * RATE);
    expect(at).toBeGreaterThan(300 * RATE);
    expect(ear.heard.at(-1)).toBeCloseTo(tone(0.4, 1)(at - 1), 3);
    expect(ear.maxStep()).toBeLessThan(ownStep(0.4) + slack(0.8));
  });

  it("falls back on the render before as far as that goes, and never on one that has nothing here", () => {
    const ear = listening();
    part(ear, 1, 0, 1);
    ear.reader.handle({ type: "play", on: true });
    ear.play(20);
    send(ear.reader, 2, tone(0.1), { ...long, start: 0, end: 20000 });
    ear.play(200);
    expect(ear.seqs.at(-1)).toBe(1);
    ear.play(200);
    expect(ear.reader.look().waiting).toBe(true);
    expect(/** @type {number} */ (ear.positions.at(-1))).toBeLessThanOrEqual(1);
    expect(ear.heard.at(-1)).toBe(0);
    expect(ear.maxStep()).toBeLessThan(ownStep(0.4) + slack(0.8));
  });

  it("waits with bypass on where the input is not there, and plays no render instead", () => {
    const ear = listening();
    part(ear, 0, 0, 1, true);
    part(ear, 1, 0, 4);
    ear.reader.handle({ type: "mode", mode: "dry" });
    ear.reader.handle({ type: "play", on: true });
    ear.play(400);
    expect(ear.reader.look()).toMatchObject({ waiting: true });
    expect(ear.heard.at(-1)).toBe(0);
    part(ear, 0, 1, 2, true);
    ear.play(30);
    const at = Math.round(/** @type {number} */ (ear.positions.at(-1)) * RATE);
    expect(ear.heard.at(-1)).toBeCloseTo(tone(0.2)(at - 1), 3);
    expect(ear.maxStep()).toBeLessThan(ownStep(0.2) + slack(0.4));
  });

  it("loops over the end of what it has of either", () => {
    const ear = listening();
    part(ear, 1, 599, 600);
    part(ear, 1, 0, 1);
    ear.reader.handle({ type: "seek", seconds: 599.5 });
    ear.reader.handle({ type: "play", on: true });
    expect(ear.reader.look().wetAhead).toBeCloseTo(1.5, 3);
    ear.play(Math.round(RATE / 128));
    expect(ear.positions.at(-1)).toBeCloseTo(0.5, 2);
    expect(ear.maxStep()).toBeLessThan(ownStep(0.4) + slack(0.8));
  });

  it("hands over what it has, and what it falls back on", () => {
    const ear = listening();
    part(ear, 1, 0, 2);
    const next = listening();
    for (const command of ear.reader.release()) next.reader.handle(command);
    send(next.reader, 2, tone(0.1), { ...long, start: 0, end: 20000 });
    next.reader.handle({ type: "play", on: true });
    next.play(200);
    expect(next.seqs.at(-1)).toBe(1);
    expect(next.heard.at(-1)).not.toBe(0);
  });
});

describe("Reader, anything at any time", () => {
  /** Numbers that look random and are the same in every run. @param {number} seed */
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
      const ear = started(listening());
      let seq = 1;
      for (let turn = 0; turn < 150; turn++) {
        const choice = roll(9);
        if (choice < 3) {
          seq += roll(3) > 0 ? 1 : 0;
          const start = roll(FRAMES - 4000);
          send(ear.reader, seq, tone(0.5, seq), { start, end: start + 4000 + roll(FRAMES - 4000 - start) });
        } else if (choice === 3) send(ear.reader, ++seq, tone(0.5, seq));
        else if (choice === 4) ear.reader.handle({ type: "seek", seconds: roll(1000) / 1000 });
        else if (choice === 5) ear.reader.handle({ type: "mode", mode: MODES[roll(3)] });
        else if (choice === 8) {
          const start = roll(1000) / 1000;
          ear.reader.handle({ type: "select", start, end: start + roll(500) / 1000 });
        } else if (choice === 6) ear.reader.handle({ type: "play", on: roll(4) > 0 });
        else ear.reader.handle({ type: "loop", on: roll(4) > 0 });
        ear.play(1 + roll(12));
      }
      expect(ear.heard.every(Number.isFinite)).toBe(true);
      // The difference of two tones may be twice as high as one.
      expect(ear.heard.reduce((most, value) => Math.max(most, Math.abs(value)), 0)).toBeLessThan(1.1);
      // A fade that has little sound left to fade is shorter; what is left of it is mended within 5 ms.
      expect(ear.maxStep()).toBeLessThan(ownStep(1) + 2 / (0.005 * RATE) + slack(2));
      expect(ear.positions.every((at) => at >= 0 && at <= 1)).toBe(true);
    },
  );
});
