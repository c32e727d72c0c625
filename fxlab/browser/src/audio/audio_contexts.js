/**
 * One AudioContext per sample rate for all panels of the page. A context is suspended while none of its users plays, and
 * closed when the last one releases it.
 *
 * @typedef {{ context: AudioContext, worklet: Promise<boolean>, users: Set<object>, playing: Set<object>,
 *   suspendTimer: number }} Entry
 */

/** How long after the last pause a context is suspended, in ms. */
const SUSPEND_DELAY = 3000;

/** @type {Map<number, Entry>} */
const entries = new Map();

/** @param {number} rate */
function createContext(rate) {
  try {
    return new AudioContext({ sampleRate: rate, latencyHint: "interactive" });
  } catch {
    // The browser does not support this rate. The player interpolates instead.
    return new AudioContext({ latencyHint: "interactive" });
  }
}

/** Load the processors of worklet.js, and return whether they can be used. @param {AudioContext} context */
export async function loadWorklet(context) {
  if (!context.audioWorklet || typeof AudioWorkletNode === "undefined") return false;
  try {
    // In the bundle this is the URL of the bundle itself, which contains worklet.js.
    await context.audioWorklet.addModule(import.meta.url);
    return true;
  } catch {
    return false;
  }
}

/**
 * Return the context of a sample rate for a user. It must be called in a click or key handler: otherwise the browser does
 * not let the context play.
 *
 * @param {number} rate
 * @param {object} user
 * @returns {Entry}
 */
export function acquire(rate, user) {
  let entry = entries.get(rate);
  if (!entry) {
    const context = createContext(rate);
    entry = {
      context,
      worklet: loadWorklet(context),
      users: new Set(),
      playing: new Set(),
      suspendTimer: 0,
    };
    entries.set(rate, entry);
  }
  entry.users.add(user);
  return entry;
}

/**
 * Resume the context for a user that plays, or suspend it after a while if no user does.
 *
 * @param {Entry} entry
 * @param {object} user
 * @param {boolean} isPlaying
 * @returns {Promise<void>} settles when the context runs
 */
export function setPlaying(entry, user, isPlaying) {
  clearTimeout(entry.suspendTimer);
  if (isPlaying) {
    entry.playing.add(user);
    return entry.context.resume();
  }
  entry.playing.delete(user);
  if (entry.playing.size === 0) {
    entry.suspendTimer = setTimeout(() => {
      if (entry.context.state === "running") entry.context.suspend();
    }, SUSPEND_DELAY);
  }
  return Promise.resolve();
}

/** Release the context of a user, and close it if it was the last one. @param {Entry} entry @param {object} user */
export function release(entry, user) {
  entry.users.delete(user);
  entry.playing.delete(user);
  if (entry.users.size > 0) return;
  clearTimeout(entry.suspendTimer);
  for (const [rate, other] of entries) if (other === entry) entries.delete(rate);
  entry.context.close();
}
