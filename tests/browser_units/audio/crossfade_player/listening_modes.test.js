import { describe, expect, it } from "vitest";
import {
  createRecording,
  FRAMES,
  ownStep,
  RATE,
  send,
  slack,
  tone,
} from "../../../support/browser/recorded_player.js";

describe("CrossfadePlayer, listening modes", () => {
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
});
