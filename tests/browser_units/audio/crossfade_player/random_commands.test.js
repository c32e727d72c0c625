import { describe, expect, it } from "vitest";
import {
  FRAMES,
  ownStep,
  RATE,
  send,
  slack,
  startRecording,
  tone,
} from "../../../support/browser/recorded_player.js";

/** @type {import("../../../../fxlab/browser/src/audio/messages").Mode[]} */
const MODES = ["wet", "dry", "difference"];

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
