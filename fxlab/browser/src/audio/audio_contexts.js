/**
 * One AudioContext per sample rate for all panels of the page. It is closed when its last user leaves,
 * and rests while none of them plays.
 *
 * @typedef {{ context: AudioContext, worklet: Promise<boolean>, users: Set<object>, playing: Set<object>, rest: number }} Entry
 */

/** How long a context goes on after the last pause, in ms. */
const REST_AFTER = 3000;

/** @type {Map<number, Entry>} */
const entries = new Map();

/** @param {number} rate */
function open(rate) {
  /** @type {AudioContext} */
  let context;
  try {
    context = new AudioContext({ sampleRate: rate, latencyHint: "interactive" });
  } catch {
    // A rate that this browser will not open: the reader then reads between samples.
    context = new AudioContext({ latencyHint: "interactive" });
  }
  return context;
}

/** @param {AudioContext} context */
export async function loadWorklet(context) {
  if (!context.audioWorklet || typeof AudioWorkletNode === "undefined") return false;
  try {
    // This very file, see worklet.js.
    await context.audioWorklet.addModule(import.meta.url);
    return true;
  } catch {
    return false;
  }
}

/**
 * Must be called inside a click or a key press, else the browser keeps the context silent.
 *
 * @param {number} rate
 * @param {object} user
 * @returns {Entry}
 */
export function acquire(rate, user) {
  let entry = entries.get(rate);
  if (!entry) {
    const context = open(rate);
    entry = { context, worklet: loadWorklet(context), users: new Set(), playing: new Set(), rest: 0 };
    entries.set(rate, entry);
  }
  entry.users.add(user);
  return entry;
}

/** @param {Entry} entry @param {object} user @param {boolean} playing */
export function wake(entry, user, playing) {
  clearTimeout(entry.rest);
  if (playing) {
    entry.playing.add(user);
    return entry.context.resume();
  }
  entry.playing.delete(user);
  if (entry.playing.size === 0) {
    entry.rest = setTimeout(() => {
      if (entry.context.state === "running") entry.context.suspend();
    }, REST_AFTER);
  }
  return Promise.resolve();
}

/** @param {Entry} entry @param {object} user */
export function release(entry, user) {
  entry.users.delete(user);
  entry.playing.delete(user);
  if (entry.users.size > 0) return;
  clearTimeout(entry.rest);
  for (const [rate, other] of entries) if (other === entry) entries.delete(rate);
  entry.context.close();
}
