/** Feedback delay lines, as `delay_recurrence`, `damped_recurrence` and `moving_comb` of `fxlab.engine.delay`. */

/**
 * Run `y[n] = a[n] y[n - delay] + u[n]`.
 *
 * @param {Float64Array} y `(rows, time)`
 * @param {Float64Array} after `(rows, delay)`, the last samples of y; may be `before`
 * @param {Float64Array} u
 * @param {Float64Array} a `(rows, 1)` or `(rows, time)`
 * @param {Float64Array} before
 * @param {number} rows
 * @param {number} time
 * @param {number} delay
 * @param {number} count the values of `a` per row, 1 or `time`
 */
export function delayRecurrence(y, after, u, a, before, rows, time, delay, count) {
  for (let row = 0; row < rows; row++) {
    const start = row * time;
    for (let n = 0; n < time; n++) {
      const past = n < delay ? before[row * delay + n] : y[start + n - delay];
      y[start + n] = u[start + n] + a[row * count + (count === 1 ? 0 : n)] * past;
    }
    keepLast(after, before, y, row, time, delay);
  }
}

/**
 * Run `y[n] = pole y[n - 1] + gain y[n - delay] + u[n]`.
 *
 * @param {Float64Array} y `(rows, time)`
 * @param {Float64Array} after `(rows, delay)`; may be `before`
 * @param {Float64Array} u
 * @param {Float64Array} pole `(rows)`
 * @param {Float64Array} gain `(rows)`
 * @param {Float64Array} before
 * @param {number} rows
 * @param {number} time
 * @param {number} delay
 */
export function dampedRecurrence(y, after, u, pole, gain, before, rows, time, delay) {
  for (let row = 0; row < rows; row++) {
    const start = row * time;
    let last = before[(row + 1) * delay - 1];
    for (let n = 0; n < time; n++) {
      const past = n < delay ? before[row * delay + n] : y[start + n - delay];
      last = pole[row] * last + gain[row] * past + u[start + n];
      y[start + n] = last;
    }
    keepLast(after, before, y, row, time, delay);
  }
}

/**
 * @param {Float64Array} after
 * @param {Float64Array} before
 * @param {Float64Array} y
 * @param {number} row
 * @param {number} time
 * @param {number} delay
 */
function keepLast(after, before, y, row, time, delay) {
  const [own, start] = [row * delay, row * time];
  if (time >= delay) {
    after.set(y.subarray(start + time - delay, start + time), own);
    return;
  }
  if (after === before) after.copyWithin(own, own + time, own + delay);
  else after.set(before.subarray(own + time, own + delay), own);
  after.set(y.subarray(start, start + time), own + delay - time);
}

/**
 * Return the interpolated sample of a line that is read at time n.
 *
 * @param {Float64Array} line the samples before the block, `(rows, history)`
 * @param {Float64Array} written the samples of the block so far, `(rows, time)`
 * @param {Float64Array} whole the whole samples of the delay, `(rows, time)`
 * @param {Float64Array} weights `(taps, rows, time)`
 * @param {number} row
 * @param {number} n
 * @param {number} rows
 * @param {number} time
 * @param {number} history
 * @param {number} taps
 */
function readLine(line, written, whole, weights, row, n, rows, time, history, taps) {
  const at = row * time + n;
  let sum = 0;
  for (let tap = 0; tap < taps; tap++) {
    const place = n - whole[at] - tap;
    const sample = place < 0 ? line[(row + 1) * history + place] : written[row * time + place];
    sum += weights[tap * rows * time + at] * sample;
  }
  return sum;
}

/**
 * Run the comb `w[n] = x[n] + gain w[n - delay]` whose delay is interpolated and may move from sample to sample.
 *
 * @param {Float64Array} read the delayed samples, `(rows, time)`
 * @param {Float64Array} written the samples w, `(rows, time)`
 * @param {Float64Array} x
 * @param {Float64Array} line the samples w before the block, `(rows, history)`
 * @param {Float64Array} whole the whole samples of the delay, `(rows, time)`
 * @param {Float64Array} weights `(taps, rows, time)`
 * @param {Float64Array} gain `(rows, time)`
 * @param {number} rows
 * @param {number} time
 * @param {number} history
 * @param {number} taps
 */
export function movingComb(read, written, x, line, whole, weights, gain, rows, time, history, taps) {
  for (let row = 0; row < rows; row++) {
    for (let n = 0; n < time; n++) {
      const at = row * time + n;
      const sum = readLine(line, written, whole, weights, row, n, rows, time, history, taps);
      read[at] = sum;
      written[at] = x[at] + gain[at] * sum;
    }
  }
}

/**
 * Run the line of a `Delay`: `movingComb` with a one-pole low-pass in its loop, whose output may enter the next channel.
 *
 * @param {Float64Array} read the delayed samples, `(rows, time)`
 * @param {Float64Array} written the samples that enter the line, `(rows, time)`
 * @param {Float64Array} after the last output of the low-pass of each row; may be `before`
 * @param {Float64Array} x
 * @param {Float64Array} line `(rows, history)`
 * @param {Float64Array} whole `(rows, time)`
 * @param {Float64Array} weights `(taps, rows, time)`
 * @param {Float64Array} gain `(rows, time)`
 * @param {Float64Array} pole of each row
 * @param {Float64Array} before
 * @param {number} rows
 * @param {number} time
 * @param {number} history
 * @param {number} taps
 * @param {number} channels the number of rows among which echoes move on; 1 if they do not
 */
export function dampedEcho(
  read,
  written,
  after,
  x,
  line,
  whole,
  weights,
  gain,
  pole,
  before,
  rows,
  time,
  history,
  taps,
  channels,
) {
  if (after !== before) after.set(before);
  for (let n = 0; n < time; n++) {
    for (let row = 0; row < rows; row++) {
      const at = row * time + n;
      const sum = readLine(line, written, whole, weights, row, n, rows, time, history, taps);
      read[at] = sum;
      after[row] = pole[row] * after[row] + (1 - pole[row]) * gain[at] * sum;
    }
    for (let row = 0; row < rows; row++) {
      const channel = row % channels;
      const source = row - channel + ((channel + channels - 1) % channels);
      written[row * time + n] = x[row * time + n] + after[source];
    }
  }
}
