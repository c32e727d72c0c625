import { describe, expect, it } from "vitest";
import {
  createRecording,
  FRAMES,
  ownStep,
  RATE,
  send,
  slack,
  startRecording,
  tone,
} from "../../../support/browser/recorded_player.js";

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
