/** The random numbers of `torch.rand` and `torch.randn` on the CPU, for a generator with a seed. */

const SIZE = 624;

/**
 * Return a function that gives the next whole number of 32 bits: MT19937 (Matsumoto and Nishimura, 1998).
 *
 * @param {number} seed a whole number of 32 bits
 */
function createTwister(seed) {
  const state = new Uint32Array(SIZE);
  state[0] = seed;
  for (let i = 1; i < SIZE; i++) {
    const last = state[i - 1] ^ (state[i - 1] >>> 30);
    state[i] = Math.imul(1812433253, last) + i;
  }
  let at = SIZE;
  return () => {
    if (at === SIZE) {
      for (let i = 0; i < SIZE; i++) {
        const bits = (state[i] & 0x80000000) | (state[(i + 1) % SIZE] & 0x7fffffff);
        state[i] = state[(i + 397) % SIZE] ^ (bits >>> 1) ^ (bits & 1 ? 0x9908b0df : 0);
      }
      at = 0;
    }
    let y = state[at++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  };
}

/**
 * Return a function that gives the next number from 0 to 1, without 1.
 *
 * @param {number} seed
 * @param {number} bits 24 for numbers of PyTorch's float32, 53 for those of float64
 */
function createUniform(seed, bits) {
  const next = createTwister(seed);
  if (bits === 24) return () => (next() & 0xffffff) / 2 ** 24;
  return () => ((next() & 0x1fffff) * 2 ** 32 + next()) / 2 ** 53;
}

/**
 * Numbers that are uniform from 0 to 1, as `torch.rand` gives them.
 *
 * @param {Float64Array} y
 * @param {number} count
 * @param {number} seed
 * @param {number} bits see `createUniform`
 */
export function uniformNumbers(y, count, seed, bits) {
  const next = createUniform(seed, bits);
  for (let i = 0; i < count; i++) y[i] = next();
}

/**
 * Numbers with the normal distribution, as `torch.randn` gives them for 16 numbers or more (Box and Muller, 1958).
 *
 * @param {Float64Array} y
 * @param {number} count at least 16
 * @param {number} seed
 * @param {number} bits see `createUniform`
 */
export function normalNumbers(y, count, seed, bits) {
  const next = createUniform(seed, bits);
  for (let i = 0; i < count; i++) y[i] = next();
  for (let start = 0; start + 16 <= count; start += 16) toNormal(y, start);
  if (count % 16 === 0) return;
  for (let i = count - 16; i < count; i++) y[i] = next();
  toNormal(y, count - 16);
}

/** Make 16 uniform numbers normal. @param {Float64Array} y @param {number} start */
function toNormal(y, start) {
  for (let i = start; i < start + 8; i++) {
    const radius = Math.sqrt(-2 * Math.log(1 - y[i]));
    const angle = 2 * Math.PI * y[i + 8];
    y[i] = radius * Math.cos(angle);
    y[i + 8] = radius * Math.sin(angle);
  }
}
