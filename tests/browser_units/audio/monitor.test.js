import { describe, expect, it } from "vitest";
import { kWeighting } from "../../../fxlab/browser/src/audio/k_weighting.js";
import { CEILING } from "../../../fxlab/browser/src/audio/limiter.js";
import { Monitor } from "../../../fxlab/browser/src/audio/monitor.js";

const RATE = 48000;

/**
 * Send a complete tone.
 *
 * @param {Monitor} monitor @param {number} level
 * @param {{ dry?: boolean, channels?: number, hz?: number }} [options]
 */
function send(monitor, level, { dry = false, channels = 1, hz = 997 } = {}) {
  const frames = RATE;
  const samples = Int16Array.from({ length: frames * channels }, (_, i) =>
    Math.round(32767 * Math.sin((2 * Math.PI * hz * (i % frames)) / RATE)),
  );
  const header = { seq: 1, clipId: dry ? 1 : 2, start: 0, count: frames, last: true };
  const chunk = { ...header, dry, frames, channels, rate: RATE, scale: level / 32767 };
  monitor.handle({ type: "chunk", chunk, samples });
}

/** Return what the first output plays. @param {Monitor} monitor @param {number} blocks */
function play(monitor, blocks) {
  const out = Array.from({ length: monitor.outputs }, () => new Float32Array(128));
  /** @type {number[]} */
  const played = [];
  for (let i = 0; i < blocks; i++) {
    monitor.process(out, 128);
    played.push(...out[0]);
  }
  return played;
}

const maximum = (/** @type {number[]} */ x) => x.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
const db = (/** @type {number} */ power) => 10 * Math.log10(power);

describe("Monitor", () => {
  it("measures what is played and the input: peak, mean square, and loudness as the standard defines it", () => {
    const monitor = new Monitor({ rate: RATE, outputs: 2 });
    send(monitor, 0.5, { dry: true, channels: 2 });
    send(monitor, 0.1);
    monitor.handle({ type: "volume", gain: 0.25 });
    monitor.handle({ type: "play", on: true });
    play(monitor, 50);
    monitor.readReport();
    play(monitor, 300);
    const { input, output } = monitor.readReport();
    expect(output.seconds).toBeCloseTo((300 * 128) / RATE, 9);
    expect(output.peak).toBeCloseTo(0.1, 4);
    expect(db(output.square)).toBeCloseTo(-20 - 3.01, 1);
    // BS.1770-4: a full-scale sine of 997 Hz in one channel has −3.01 LUFS; in two channels it has 0.
    expect(-0.691 + db(output.weighted)).toBeCloseTo(-20 - 3.01, 1);
    expect(-0.691 + db(input.weighted)).toBeCloseTo(-6.02, 1);
    expect(db(input.square)).toBeCloseTo(-6.02 - 3.01, 1);
  });

  it("has the coefficients that the standard tabulates for 48 kHz", () => {
    const table = [
      ...[1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585],
      ...[1, -2, 1, -1.99004745483398, 0.99007225036621],
    ];
    for (const [i, value] of kWeighting(RATE).entries()) expect(value).toBeCloseTo(table[i], 10);
    expect(kWeighting(3000)).toEqual([1, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
  });

  it("changes the volume with a ramp, to silence and back, which the meters do not see", () => {
    const monitor = new Monitor({ rate: RATE, outputs: 1 });
    send(monitor, 0.5, { hz: 100 });
    monitor.handle({ type: "play", on: true });
    const played = play(monitor, 30);
    for (const gain of [0, 0.5, 2, 1]) {
      monitor.handle({ type: "volume", gain });
      played.push(...play(monitor, 30));
      monitor.readReport();
      const settled = play(monitor, 12);
      played.push(...settled);
      expect(maximum(settled)).toBeCloseTo(Math.min(0.5 * gain, CEILING), 2);
      expect(monitor.readReport().output.peak).toBeCloseTo(0.5, 3);
    }
    const steps = played.map((value, i) => (i > 0 ? Math.abs(value - played[i - 1]) : 0));
    expect(maximum(steps)).toBeLessThan(2 * 0.5 * 2 * Math.sin((Math.PI * 100) / RATE) + 1.6 / (0.03 * RATE));
  });

  it("limits by default and reports by how much, and reports only the peak when the limiter is off", () => {
    const monitor = new Monitor({ rate: RATE, outputs: 2 });
    send(monitor, 4);
    monitor.handle({ type: "play", on: true });
    play(monitor, 60);
    monitor.readReport();
    expect(maximum(play(monitor, 60))).toBeLessThanOrEqual(CEILING);
    const limited = monitor.readReport();
    expect(20 * Math.log10(limited.gain)).toBeCloseTo(-12.1, 0);
    expect(limited.peak).toBeCloseTo(4, 2);
    monitor.handle({ type: "limiter", on: false });
    play(monitor, 600);
    monitor.readReport();
    expect(maximum(play(monitor, 60))).toBeCloseTo(4, 1);
    expect(monitor.readReport().peak).toBeCloseTo(4, 2);
  });

  it("is silent where a chunk contains invalid values, and reports that once", () => {
    const monitor = new Monitor({ rate: RATE, outputs: 1 });
    send(monitor, 0.5);
    monitor.handle({ type: "play", on: true });
    const played = play(monitor, 10);
    const header = { seq: 2, clipId: 3, start: 0, count: RATE, last: true };
    const chunk = { ...header, dry: false, frames: RATE, channels: 1, rate: RATE };
    const samples = new Int16Array(RATE).fill(9000);
    monitor.handle({ type: "chunk", chunk: { ...chunk, scale: Number.NaN }, samples });
    expect(monitor.readReport().hasInvalidSamples).toBe(true);
    expect(monitor.readReport().hasInvalidSamples).toBe(false);
    played.push(...play(monitor, 20));
    expect(played.at(-1)).toBe(0);
    const steps = played.map((value, i) => (i > 0 ? Math.abs(value - played[i - 1]) : 0));
    expect(maximum(steps)).toBeLessThan(0.5 * 2 * Math.sin((Math.PI * 997) / RATE) + 0.5 / (0.015 * RATE));
  });

  it("exports everything to another monitor", () => {
    const monitor = new Monitor({ rate: RATE, outputs: 2 });
    send(monitor, 4, { dry: true });
    send(monitor, 2);
    monitor.handle({ type: "volume", gain: 0.1 });
    monitor.handle({ type: "limiter", on: false });
    monitor.handle({ type: "mode", mode: "dry" });
    const next = new Monitor({ rate: RATE, outputs: 2 });
    for (const command of monitor.exportCommands()) next.handle(command);
    next.handle({ type: "play", on: true });
    play(next, 30);
    next.readReport();
    expect(maximum(play(next, 30))).toBeCloseTo(0.4, 2);
    expect(next.limiter.enabled).toBe(false);
  });
});
