import { describe, expect, it } from "vitest";
import {
  createRecording,
  ownStep,
  RATE,
  send,
  slack,
  tone,
} from "../../../support/browser/recorded_player.js";

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
