import { describe, expect, it } from "vitest";
import {
  createRecording,
  FADE,
  FRAMES,
  ownStep,
  RATE,
  send,
  slack,
  startRecording,
  tone,
} from "../../../support/browser/recorded_player.js";

describe("CrossfadePlayer, the loop and the end", () => {
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
});
