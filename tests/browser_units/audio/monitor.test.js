import { describe, expect, it } from "vitest";
import { CEILING } from "../../../fxlab/browser/src/audio/limiter.js";
import { weighting } from "../../../fxlab/browser/src/audio/meter.js";
import { Monitor } from "../../../fxlab/browser/src/audio/monitor.js";

const RATE = 48000;

/** @param {Monitor} monitor @param {number} level @param {{ dry?: boolean, channels?: number, hz?: number }} [options] */
function send(monitor, level, { dry = false, channels = 1, hz = 997 } = {}) {
  const frames = RATE;
  const samples = Int16Array.from({ length: frames * channels }, (_, i) =>
    Math.round(32767 * Math.sin((2 * Math.PI * hz * (i % frames)) / RATE)),
  );
  const place = { seq: 1, take: dry ? 1 : 2, start: 0, count: frames, last: true };
  const piece = { ...place, dry, frames, channels, rate: RATE, scale: level / 32767 };
  monitor.handle({ type: "piece", piece, samples });
}

/** @param {Monitor} monitor @param {number} blocks */
function play(monitor, blocks) {
  const out = Array.from({ length: monitor.outputs }, () => new Float32Array(128));
  /** @type {number[]} */
  const heard = [];
  for (let i = 0; i < blocks; i++) {
    monitor.process(out, 128);
    heard.push(...out[0]);
  }
  return heard;
}

const top = (/** @type {number[]} */ x) => x.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
const db = (/** @type {number} */ power) => 10 * Math.log10(power);

describe("Monitor", () => {
  it("measures what is heard and what went in: peak, mean square, and loudness as the standard has it", () => {
    const monitor = new Monitor({ rate: RATE, outputs: 2 });
    send(monitor, 0.5, { dry: true, channels: 2 });
    send(monitor, 0.1);
    monitor.handle({ type: "volume", gain: 0.25 });
    monitor.handle({ type: "play", on: true });
    play(monitor, 50);
    monitor.look();
    play(monitor, 300);
    const { input, output } = monitor.look();
    expect(output.seconds).toBeCloseTo((300 * 128) / RATE, 9);
    expect(output.peak).toBeCloseTo(0.1, 4);
    expect(db(output.square)).toBeCloseTo(-20 - 3.01, 1);
    // BS.1770-4: a sine of 997 Hz and full scale in one channel is −3.01 LUFS; two such channels are 0.
    expect(-0.691 + db(output.weighted)).toBeCloseTo(-20 - 3.01, 1);
    expect(-0.691 + db(input.weighted)).toBeCloseTo(-6.02, 1);
    expect(db(input.square)).toBeCloseTo(-6.02 - 3.01, 1);
  });

  it("weighs as the standard's table at 48 kHz", () => {
    const table = [
      ...[1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585],
      ...[1, -2, 1, -1.99004745483398, 0.99007225036621],
    ];
    for (const [i, value] of weighting(RATE).entries()) expect(value).toBeCloseTo(table[i], 10);
    expect(weighting(3000)).toEqual([1, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
  });

  it("turns the volume by a ramp, to silence and back, and leaves the meters alone", () => {
    const monitor = new Monitor({ rate: RATE, outputs: 1 });
    send(monitor, 0.5, { hz: 100 });
    monitor.handle({ type: "play", on: true });
    const heard = play(monitor, 30);
    for (const gain of [0, 0.5, 2, 1]) {
      monitor.handle({ type: "volume", gain });
      heard.push(...play(monitor, 30));
      monitor.look();
      const settled = play(monitor, 12);
      heard.push(...settled);
      expect(top(settled)).toBeCloseTo(Math.min(0.5 * gain, CEILING), 2);
      expect(monitor.look().output.peak).toBeCloseTo(0.5, 3);
    }
    const steps = heard.map((value, i) => (i > 0 ? Math.abs(value - heard[i - 1]) : 0));
    expect(top(steps)).toBeLessThan(2 * 0.5 * 2 * Math.sin((Math.PI * 100) / RATE) + 1.6 / (0.03 * RATE));
  });

  it("limits at first, says by how much, and only says what clips when told not to", () => {
    const monitor = new Monitor({ rate: RATE, outputs: 2 });
    send(monitor, 4);
    monitor.handle({ type: "play", on: true });
    play(monitor, 60);
    monitor.look();
    expect(top(play(monitor, 60))).toBeLessThanOrEqual(CEILING);
    const limited = monitor.look();
    expect(20 * Math.log10(limited.gain)).toBeCloseTo(-12.1, 0);
    expect(limited.peak).toBeCloseTo(4, 2);
    monitor.handle({ type: "limiter", on: false });
    play(monitor, 600);
    monitor.look();
    expect(top(play(monitor, 60))).toBeCloseTo(4, 1);
    expect(monitor.look().peak).toBeCloseTo(4, 2);
  });

  it("is silent where a piece holds no numbers, and says so once", () => {
    const monitor = new Monitor({ rate: RATE, outputs: 1 });
    send(monitor, 0.5);
    monitor.handle({ type: "play", on: true });
    const heard = play(monitor, 10);
    const place = { seq: 2, take: 3, start: 0, count: RATE, last: true };
    const piece = { ...place, dry: false, frames: RATE, channels: 1, rate: RATE };
    const samples = new Int16Array(RATE).fill(9000);
    monitor.handle({ type: "piece", piece: { ...piece, scale: Number.NaN }, samples });
    expect(monitor.look().faulty).toBe(true);
    expect(monitor.look().faulty).toBe(false);
    heard.push(...play(monitor, 20));
    expect(heard.at(-1)).toBe(0);
    const steps = heard.map((value, i) => (i > 0 ? Math.abs(value - heard[i - 1]) : 0));
    expect(top(steps)).toBeLessThan(0.5 * 2 * Math.sin((Math.PI * 997) / RATE) + 0.5 / (0.015 * RATE));
  });

  it("hands everything over", () => {
    const monitor = new Monitor({ rate: RATE, outputs: 2 });
    send(monitor, 4, { dry: true });
    send(monitor, 2);
    monitor.handle({ type: "volume", gain: 0.1 });
    monitor.handle({ type: "limiter", on: false });
    monitor.handle({ type: "mode", mode: "dry" });
    const next = new Monitor({ rate: RATE, outputs: 2 });
    for (const command of monitor.release()) next.handle(command);
    next.handle({ type: "play", on: true });
    play(next, 30);
    next.look();
    expect(top(play(next, 30))).toBeCloseTo(0.4, 2);
    expect(next.limiter.on).toBe(false);
  });
});
