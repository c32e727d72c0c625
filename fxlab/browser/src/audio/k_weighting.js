// The analog prototypes of the K-weighting filters of ITU-R BS.1770-4, which tabulates only their coefficients at
// 48 kHz. With the prototypes the filters can be designed at any sample rate.
const SHELF = {
  frequency: 1681.974450955533, // Hz
  gainDb: 3.999843853973347,
  q: 0.7071752369554196,
  bandExponent: 0.4996667741545416,
};
const HIGH_PASS = { frequency: 38.13547087602444, q: 0.5003270373238773 };

/**
 * Design the K-weighting of ITU-R BS.1770-4: a high shelf, which models the head, followed by a high-pass.
 *
 * @param {number} rate Hz
 * @returns {number[]} b0 b1 b2 a1 a2 of the shelf, then those of the high-pass
 */
export function kWeighting(rate) {
  // The corner of the shelf has to lie below half the sample rate; otherwise the sound is measured unweighted.
  if (rate <= 2 * SHELF.frequency) return [1, 0, 0, 0, 0, 1, 0, 0, 0, 0];
  const bilinear = (/** @type {{ frequency: number, q: number }} */ { frequency, q }) => {
    const w = Math.tan((Math.PI * frequency) / rate);
    return [w * w, w / q, 1 + w / q + w * w];
  };
  const [shelfSquare, shelfWidth, shelfA0] = bilinear(SHELF);
  const gain = 10 ** (SHELF.gainDb / 20);
  const bandTerm = gain ** SHELF.bandExponent * shelfWidth;
  const shelf = [
    ...[gain + bandTerm + shelfSquare, 2 * (shelfSquare - gain), gain - bandTerm + shelfSquare],
    ...[2 * (shelfSquare - 1), 1 - shelfWidth + shelfSquare],
  ];
  const [passSquare, passWidth, passA0] = bilinear(HIGH_PASS);
  return [
    ...shelf.map((value) => value / shelfA0),
    ...[1, -2, 1, (2 * (passSquare - 1)) / passA0, (1 - passWidth + passSquare) / passA0],
  ];
}
