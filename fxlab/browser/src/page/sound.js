import { loadBeside } from "./scripts.js";

/** @import { SoundDescription } from "./description" */

/** The integers of a chunk of sound reach so far. */
const FULL_SCALE = 32767;

/** @param {string} text in base64 @returns {ArrayBuffer} */
export function decodeBase64(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes.buffer;
}

/** The sound of a panel. @typedef {{ rate: number, frames: number, channels: Float32Array[] }} Sound */

/** The sounds of a site's scripts, in base64, by name. */
const page = /** @type {{ fxlabSounds?: Record<string, string> }} */ (globalThis);

/** The sounds that several panels of a page play. @type {Map<string, Promise<Sound>>} */
const shared = new Map();

/**
 * Decode the sound of a panel, at its own sample rate. That of a site's panel is loaded first, and decoded once for the page.
 *
 * @param {SoundDescription} description
 * @returns {Promise<Sound>}
 */
export function decodeSound(description) {
  const { data, name } = description;
  if (data) return decode(description);
  const sound = shared.get(name) ?? loadAndDecode(name, description);
  shared.set(name, sound);
  sound.catch(() => shared.delete(name));
  return sound;
}

/** @param {string} name @param {SoundDescription} description */
async function loadAndDecode(name, description) {
  await loadBeside(`${name}.js`);
  return decode({ ...description, data: page.fxlabSounds?.[name] ?? "" });
}

/** @param {SoundDescription} description @returns {Promise<Sound>} */
async function decode({ data, rate, channels, frames, scale }) {
  const context = new OfflineAudioContext(channels, 1, rate);
  const buffer = await context.decodeAudioData(decodeBase64(data));
  const decoded = Array.from({ length: channels }, (_, c) => {
    const channel = new Float32Array(frames);
    channel.set(buffer.getChannelData(c).subarray(0, frames));
    if (scale !== 1) for (let i = 0; i < frames; i++) channel[i] *= scale;
    return channel;
  });
  return { rate, frames, channels: decoded };
}

/**
 * Return part of a sound as 16-bit integers, one channel after the other, and what they are to be multiplied by.
 *
 * @param {Float32Array[]} channels @param {number} start @param {number} end
 */
export function encodeChunk(channels, start, end) {
  const count = end - start;
  let peak = 0;
  for (const channel of channels) {
    for (let i = start; i < end; i++) peak = Math.max(peak, Math.abs(channel[i]));
  }
  // Sounds up to full scale keep the grid of a 16-bit file, so that such a file is played exactly.
  const scale = peak <= FULL_SCALE / 32768 ? 1 / 32768 : peak / FULL_SCALE;
  const samples = new Int16Array(channels.length * count);
  channels.forEach((channel, c) => {
    for (let i = 0; i < count; i++) samples[c * count + i] = Math.round(channel[start + i] / scale);
  });
  return { samples, scale };
}

/** The lowest and the highest sample in each of `columns` equal parts. @param {Float32Array[]} channels @param {number} columns */
export function overview(channels, columns) {
  const frames = channels[0].length;
  const low = new Float32Array(columns);
  const high = new Float32Array(columns);
  for (let column = 0; column < columns; column++) {
    const from = Math.floor((column * frames) / columns);
    const to = Math.max(from + 1, Math.floor(((column + 1) * frames) / columns));
    let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const channel of channels) {
      for (let i = from; i < to && i < frames; i++) {
        if (channel[i] < lowest) lowest = channel[i];
        if (channel[i] > highest) highest = channel[i];
      }
    }
    low[column] = Number.isFinite(lowest) ? lowest : 0;
    high[column] = Number.isFinite(highest) ? highest : 0;
  }
  return { low, high };
}
