import { describe, expect, it } from "vitest";
import {
  createRecording,
  ownStep,
  RATE,
  send,
  slack,
  startRecording,
  tone,
} from "../../../support/browser/recorded_player.js";

describe("CrossfadePlayer, seek and pause", () => {
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
