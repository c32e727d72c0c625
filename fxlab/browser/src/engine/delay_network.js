/** Delay lines that feed each other through a lossless matrix, as `fxlab.engine.delay.delay_network`. */

/**
 * Each line is read, filtered by its section, mixed with the others by `lossless`, and written together with the input.
 *
 * @param {Float64Array} wet `(examples, channels, time)`
 * @param {Float64Array} after the lines after the block, `(examples, count, history)`
 * @param {Float64Array} last the states of the sections after the block, `(examples, count, 2)`
 * @param {Float64Array} entering `(examples, count, time)`
 * @param {Float64Array} lines the samples written before, newest last
 * @param {Float64Array} state
 * @param {Float64Array} delays `(count)`
 * @param {Float64Array} sections `(examples, count, 6)`
 * @param {Float64Array} lossless `(count, count)`
 * @param {Float64Array} outputs the share of each line in each channel, `(examples, channels, count)`
 * @param {number} examples
 * @param {number} count
 * @param {number} time
 * @param {number} history
 * @param {number} channels
 */
export function delayNetwork(
  wet,
  after,
  last,
  entering,
  lines,
  state,
  delays,
  sections,
  lossless,
  outputs,
  examples,
  count,
  time,
  history,
  channels,
) {
  const read = new Float64Array(count);
  const absorbed = new Float64Array(count);
  const kept = Math.max(0, history - time);
  last.set(state);
  for (let example = 0; example < examples; example++) {
    const first = example * count;
    for (let line = 0; line < count; line++) {
      const start = (first + line) * history;
      after.set(lines.subarray(start + history - kept, start + history), start);
    }
    for (let n = 0; n < time; n++) {
      for (let line = 0; line < count; line++) {
        const own = first + line;
        const place = n - delays[line];
        const end = (own + 1) * history;
        read[line] = place < 0 ? lines[end + place] : after[end - time + place];
        const at = 6 * own;
        const a0 = sections[at + 3];
        const x = read[line];
        const y = (sections[at] / a0) * x + last[2 * own];
        last[2 * own] = (sections[at + 1] / a0) * x - (sections[at + 4] / a0) * y + last[2 * own + 1];
        last[2 * own + 1] = (sections[at + 2] / a0) * x - (sections[at + 5] / a0) * y;
        absorbed[line] = y;
      }
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0;
        const shares = (example * channels + channel) * count;
        for (let line = 0; line < count; line++) sum += outputs[shares + line] * read[line];
        wet[(example * channels + channel) * time + n] = sum;
      }
      for (let line = 0; line < count; line++) {
        let sum = entering[(first + line) * time + n];
        for (let k = 0; k < count; k++) sum += lossless[line * count + k] * absorbed[k];
        after[(first + line + 1) * history - time + n] = sum;
      }
    }
  }
}
