/** A part with at most twice as many samples is drawn sample by sample. */
const COLUMNS = 1200;

/**
 * Return a part of the input and the output, from `start` to `stop` in seconds: the samples of the first channel, or for a
 * longer part the lowest and the highest sample of all channels in each column.
 *
 * @param {Float32Array[]} dry @param {Float32Array[] | null} wet null: it is not known yet
 * @param {number} rate @param {unknown} start @param {unknown} stop
 */
export function drawWaveformPart(dry, wet, rate, start, stop) {
  if (typeof start !== "number" || typeof stop !== "number" || !wet) return { fields: {}, vectors: {} };
  const first = Math.max(0, Math.floor(start * rate));
  const count = Math.min(Math.ceil(stop * rate) + 1, wet[0].length) - first;
  if (count <= 0) return { fields: {}, vectors: {} };
  const samples = count <= 2 * COLUMNS;
  const block = samples ? 1 : Math.ceil(count / COLUMNS);
  /** @type {Record<string, Float32Array>} */
  const vectors = {};
  for (const [name, channels] of /** @type {[string, Float32Array[]][]} */ ([
    ["dry", dry],
    ["wet", wet],
  ])) {
    const parts = channels.map((channel) => channel.subarray(first, first + count));
    if (samples) vectors[name] = parts[0].slice();
    else {
      const columns = Math.ceil(parts[0].length / block);
      const low = new Float32Array(columns).fill(Number.POSITIVE_INFINITY);
      const high = new Float32Array(columns).fill(Number.NEGATIVE_INFINITY);
      for (const part of parts) {
        part.forEach((value, i) => {
          const column = Math.floor(i / block);
          if (value < low[column]) low[column] = value;
          if (value > high[column]) high[column] = value;
        });
      }
      vectors[`${name}_low`] = low;
      vectors[`${name}_high`] = high;
    }
  }
  return { fields: { start: first / rate, step: block / rate, samples }, vectors };
}
