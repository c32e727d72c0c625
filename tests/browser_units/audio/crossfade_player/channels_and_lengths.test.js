import { describe, expect, it } from "vitest";
import { PAGE_FRAMES } from "../../../../fxlab/browser/src/audio/sample_pages.js";
import {
  createRecording,
  FRAMES,
  send,
  startRecording,
  tone,
} from "../../../support/browser/recorded_player.js";

describe("CrossfadePlayer, channels, rates and lengths", () => {
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
