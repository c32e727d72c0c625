/** A `CrossfadePlayer` whose output is recorded, test tones for it, and bounds for the steps between samples. */
import { CrossfadePlayer } from "../../../fxlab/browser/src/audio/crossfade_player.js";

export const RATE = 44100;
export const FRAMES = RATE;
export const FADE = Math.round(0.015 * RATE);

/** A tone of 100 Hz with a level and a phase: what a filter turns a tone into. */
export const tone =
  (level = 0.5, phase = 0, hz = 100) =>
  (/** @type {number} */ n) =>
    level * Math.sin((2 * Math.PI * hz * n) / RATE + phase);

/** The largest step between neighboring samples of such a tone. */
export const ownStep = (/** @type {number} */ level, hz = 100) => level * 2 * Math.sin((Math.PI * hz) / RATE);

/** How much a crossfade can add to it: the difference of the two sounds, spread over the fade. */
export const slack = (/** @type {number} */ difference) => difference / FADE + 2 / 32768;

/**
 * Send a chunk to a player; without options the entire sound.
 *
 * @param {CrossfadePlayer} player
 * @param {number} seq
 * @param {(n: number) => number} sound
 * @param {{ start?: number, end?: number, dry?: boolean, frames?: number, channels?: number, rate?: number,
 *   clipId?: number, last?: boolean }} [chunk]
 */
export function send(player, seq, sound, chunk = {}) {
  const { dry = false, frames = FRAMES, channels = 1, rate = RATE, clipId = dry ? -1 : seq } = chunk;
  const { start = 0, end = frames, last = false } = chunk;
  const count = end - start;
  const scale = 1 / 32767;
  const samples = new Int16Array(channels * count);
  for (let c = 0; c < channels; c++) {
    for (let k = 0; k < count; k++)
      samples[c * count + k] = Math.round((sound(start + k) / scale) * (c ? -1 : 1));
  }
  const header = { dry, seq, frames, channels, rate, scale, start, count, clipId, last };
  player.handle({ type: "chunk", chunk: header, samples });
}

/** A player whose samples, positions and render numbers are recorded. */
export function createRecording({ outputs = 1, rate = RATE } = {}) {
  const player = new CrossfadePlayer({ rate, outputs });
  const out = Array.from({ length: outputs }, () => new Float32Array(128));
  /** @type {number[]} */ const samples = [];
  /** @type {number[]} */ const positions = [];
  /** @type {number[]} */ const seqs = [];
  let ended = false;
  return {
    player,
    samples,
    positions,
    seqs,
    out,
    get ended() {
      return ended;
    },
    /** @param {number} blocks */
    play(blocks) {
      for (let i = 0; i < blocks; i++) {
        player.process(out, 128);
        samples.push(...out[0]);
        const report = player.readReport();
        positions.push(report.position);
        seqs.push(report.seq);
        ended ||= report.ended;
      }
    },
    /** @param {number} [from] */
    maxStep(from = 0) {
      let most = 0;
      for (let i = from + 1; i < samples.length; i++) {
        most = Math.max(most, Math.abs(samples[i] - samples[i - 1]));
      }
      return most;
    },
  };
}

/** Play an input and a render, and record some blocks. */
export function startRecording() {
  const recording = createRecording();
  send(recording.player, 0, tone(), { dry: true });
  send(recording.player, 1, tone());
  recording.player.handle({ type: "play", on: true });
  recording.play(10);
  return recording;
}
