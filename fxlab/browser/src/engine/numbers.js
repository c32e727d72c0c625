/** Numbers in and out of compiled programs, and functions of single numbers that `Math` does not have. */

/**
 * The value of a parameter.
 *
 * @param {Record<string, import("./program.js").ParameterValue>} values
 * @param {string} path
 * @param {number} missing the value if there is none
 */
export function number(values, path, missing) {
  const value = values[path];
  return value === undefined ? missing : Number(value);
}

/**
 * The values of an array, given as an array or entry by entry under `path.0`, `path.1` and so on.
 *
 * @param {Record<string, import("./program.js").ParameterValue>} values
 * @param {string} path
 * @param {Float64Array} missing
 */
export function numbers(values, path, missing) {
  const whole = values[path];
  const found = Array.isArray(whole) ? Float64Array.from(whole) : Float64Array.from(missing);
  for (let i = 0; i < found.length; i++) {
    const value = values[`${path}.${i}`];
    if (value !== undefined) found[i] = Number(value);
  }
  return found;
}

/** Return 0, 1, 2 … divided by a number. @param {number} length @param {number} divisor */
export function ramp(length, divisor) {
  return Float64Array.from({ length }, (_, i) => i / divisor);
}

/**
 * Copy a channel of the input; a block that is shorter is continued with silence.
 *
 * @param {Float64Array} x
 * @param {number} start
 * @param {ArrayLike<number> & { length: number }} channel
 * @param {number} frames
 */
export function readInput(x, start, channel, frames) {
  x.set(channel, start);
  if (channel.length < frames) x.fill(0, start + channel.length, start + frames);
}

/**
 * Throw the error for values of parameters for which the program is not valid.
 *
 * @param {string} message
 * @returns {never}
 */
export function refuse(message) {
  throw new Error(message);
}

/** @param {number} x */
export function square(x) {
  return x * x;
}

/**
 * @param {number} size
 * @param {number} sign
 */
export function copySign(size, sign) {
  const isNegative = sign < 0 || Object.is(sign, -0);
  return isNegative ? -Math.abs(size) : Math.abs(size);
}

/**
 * Round to the nearest whole number, and halves to the even one, as PyTorch does.
 *
 * @param {number} x
 */
export function roundHalfToEven(x) {
  const below = Math.floor(x);
  const rest = x - below;
  if (rest < 0.5) return below;
  if (rest > 0.5) return below + 1;
  return below % 2 === 0 ? below : below + 1;
}

/**
 * The modified Bessel function of the first kind and order 0, by its power series.
 *
 * @param {number} x
 */
export function besselI0(x) {
  const quarter = (x * x) / 4;
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= quarter / (k * k);
    sum += term;
  }
  return sum;
}

/**
 * The error function, by its power series where it converges fast and by a continued fraction beyond.
 *
 * @param {number} x
 */
export function erf(x) {
  const size = Math.abs(x);
  if (size > 6) return Math.sign(x);
  if (size < 2.5) {
    let term = x;
    let sum = x;
    for (let k = 1; Math.abs(term) > 1e-17 * Math.abs(sum); k++) {
      term *= (-x * x) / k;
      sum += term / (2 * k + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = size;
  for (let k = 60; k > 0; k--) fraction = size + k / 2 / fraction;
  return Math.sign(x) * (1 - Math.exp(-x * x) / Math.sqrt(Math.PI) / fraction);
}

/**
 * An array that begins with a number, and grows by steps that repeat.
 *
 * @param {number} count
 * @param {number} first
 * @param {number[]} steps
 */
export function accumulate(count, first, steps) {
  const values = new Float64Array(count);
  for (let i = 0, value = first; i < count; i++) {
    values[i] = value;
    value += steps[i % steps.length];
  }
  return values;
}

/**
 * An array of zeros with some other numbers.
 *
 * @param {number} length
 * @param {number[]} places
 * @param {number[]} numbers
 */
export function sparse(length, places, numbers) {
  const values = new Float64Array(length);
  for (const [i, place] of places.entries()) values[place] = numbers[i];
  return values;
}

/** The digits of base64. */
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/**
 * Decode little-endian numbers in base64; an audio worklet has no `atob`.
 *
 * @param {string} text
 * @param {Float64ArrayConstructor | Float32ArrayConstructor} [kind] how the numbers are stored
 */
export function unpack(text, kind = Float64Array) {
  const size = kind.BYTES_PER_ELEMENT;
  const bytes = new Uint8Array(size * Math.floor((text.length * 3) / 4 / size));
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const character of text) {
    if (character === "=" || at === bytes.length) break;
    held = (held << 6) | DIGITS.indexOf(character);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (held >> bits) & 255;
    }
    held &= 0xffff;
  }
  return Float64Array.from(new kind(bytes.buffer));
}
