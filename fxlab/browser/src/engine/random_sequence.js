/** The reproducible random numbers of controls, as `fxlab.control.random_sequence.uniform_at`. */

/** @param {bigint} z */
const wrap = (z) => BigInt.asUintN(64, z);

/**
 * The number at one position of the sequence, from 0 to 1: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
 *
 * @param {number} index a whole number
 * @param {number} seed
 */
function numberAt(index, seed) {
  let z = wrap(BigInt(index + 1 + seed * 1_000_003) * 0x9e3779b97f4a7c15n);
  z = wrap((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
  z = wrap((z ^ (z >> 27n)) * 0x94d049bb133111ebn);
  z ^= z >> 31n;
  return Number(z >> 11n) / 2 ** 53;
}

/**
 * @param {Float64Array} y
 * @param {Float64Array} index positions; neighbours are mostly equal
 * @param {number} count
 * @param {number} seed
 */
export function uniformAt(y, index, count, seed) {
  for (let i = 0; i < count; i++) {
    y[i] = i > 0 && index[i] === index[i - 1] ? y[i - 1] : numberAt(index[i], seed);
  }
}
