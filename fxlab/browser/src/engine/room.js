/** The impulse response of a rectangular room, as `fxlab.effects.space.shoebox`. */

/** In m/s, at 20 °C. */
const SPEED_OF_SOUND = 343;
/** In m; closer to the source the level does not rise further. */
const NEAREST = 0.1;

/** Return the images of a source along one axis, with the number of reflections of each. @param {number} order */
function imagesOfAxis(order) {
  const images = [];
  for (let rooms = Math.floor(-(order + 1) / 2); rooms <= Math.floor((order + 1) / 2); rooms++) {
    for (const flip of [0, 1]) {
      const count = Math.abs(rooms - flip) + Math.abs(rooms);
      if (count <= order) images.push({ flip, rooms, count });
    }
  }
  return images.sort((a, b) => a.count - b.count);
}

/**
 * Sum the reflections of each row, which arrive between samples, by cubic interpolation.
 *
 * @param {Float64Array} taps `(rows, size)`
 * @param {Float64Array} room `(rows, 3)`, in m
 * @param {Float64Array} source `(rows, 3)`
 * @param {Float64Array} listener `(rows, 3)`
 * @param {Float64Array} absorption `(rows,)`
 * @param {number} rows
 * @param {number} size
 * @param {number} order the most reflections of a sound
 * @param {number} rate in Hz
 */
export function shoeboxResponse(taps, room, source, listener, absorption, rows, size, order, rate) {
  taps.fill(0);
  const images = imagesOfAxis(order);
  for (let row = 0; row < rows; row++) {
    const squares = [0, 1, 2].map((axis) => {
      const at = 3 * row + axis;
      return images.map(({ flip, rooms }) => {
        const place = (flip ? -source[at] : source[at]) + 2 * rooms * room[at];
        return (place - listener[at]) ** 2;
      });
    });
    const losses = Array.from({ length: order + 1 }, (_, count) => (1 - absorption[row]) ** (count / 2));
    const own = taps.subarray(row * size, (row + 1) * size);
    for (let i = 0; i < images.length; i++) {
      for (let j = 0; j < images.length && images[i].count + images[j].count <= order; j++) {
        const [met, square] = [images[i].count + images[j].count, squares[0][i] + squares[1][j]];
        for (let k = 0; k < images.length && met + images[k].count <= order; k++) {
          const distance = Math.max(NEAREST, Math.sqrt(square + squares[2][k]));
          addImpulse(own, (distance / SPEED_OF_SOUND) * rate, losses[met + images[k].count] / distance);
        }
      }
    }
  }
}

/** @param {Float64Array} taps @param {number} delay in samples @param {number} level */
function addImpulse(taps, delay, level) {
  const whole = Math.max(0, Math.floor(delay) - 1);
  const d = delay - whole;
  taps[whole] -= (level * (d - 1) * (d - 2) * (d - 3)) / 6;
  taps[whole + 1] += (level * d * (d - 2) * (d - 3)) / 2;
  taps[whole + 2] -= (level * d * (d - 1) * (d - 3)) / 2;
  taps[whole + 3] += (level * d * (d - 1) * (d - 2)) / 6;
}
