/** Parallel combs with a one-pole low-pass in each loop, as `fxlab.engine.delay.comb_bank`. */

/**
 * Run `w[n] = x[n] + e[n]` with `e[n] = pole e[n - 1] + (1 - pole) gain w[n - delay]`, and add all `weight w[n - delay]`.
 *
 * @param {Float64Array} y `(rows, time)`
 * @param {Float64Array} after the lines after the block, `(rows, combs, history)`: the last e, then the last samples w
 * @param {Float64Array} x
 * @param {Float64Array} lines before the block; the longest delay is `history - 1`
 * @param {Float64Array} delays `(rows, combs)`
 * @param {Float64Array} gain `(rows, combs)`
 * @param {Float64Array} pole `(rows, combs)`
 * @param {Float64Array} weights `(rows, combs)`
 * @param {number} rows
 * @param {number} combs
 * @param {number} time
 * @param {number} history
 */
export function combBank(y, after, x, lines, delays, gain, pole, weights, rows, combs, time, history) {
  y.fill(0);
  for (let row = 0; row < rows; row++) {
    for (let comb = 0; comb < combs; comb++) {
      const own = row * combs + comb;
      const start = own * history;
      const [delay, p, weight] = [delays[own], pole[own], weights[own]];
      const feedback = (1 - p) * gain[own];
      let echo = lines[start];
      after.set(lines.subarray(start + Math.min(time, history - 1) + 1, start + history), start + 1);
      // The samples before the block are in `lines`, and those of the block at the end of `after`.
      const end = start + history;
      for (let n = 0; n < time; n++) {
        const place = n - delay;
        const past = place < 0 ? lines[end + place] : after[end - time + place];
        y[row * time + n] += weight * past;
        echo = p * echo + feedback * past;
        if (time - n < history) after[end - time + n] = x[row * time + n] + echo;
      }
      after[start] = echo;
    }
  }
}
