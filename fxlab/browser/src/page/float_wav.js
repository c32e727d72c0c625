/** A WAV file of floats. */
const FLOAT_FORMAT = 3;

/**
 * Encode a sound as a WAV file of 32-bit floats, which holds values beyond full scale.
 *
 * @param {Float32Array[]} channels @param {number} rate
 * @returns {ArrayBuffer}
 */
export function encodeFloatWav(channels, rate) {
  const count = channels.length;
  const frames = channels[0].length;
  const bytes = 4 * count * frames;
  const view = new DataView(new ArrayBuffer(44 + bytes));
  const writeText = (/** @type {number} */ offset, /** @type {string} */ text) => {
    for (let i = 0; i < text.length; i++) view.setUint8(offset + i, text.charCodeAt(i));
  };
  writeText(0, "RIFF");
  view.setUint32(4, 36 + bytes, true);
  writeText(8, "WAVEfmt ");
  view.setUint32(16, 16, true); // size of the format chunk
  view.setUint16(20, FLOAT_FORMAT, true);
  view.setUint16(22, count, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, 4 * count * rate, true); // bytes per second
  view.setUint16(32, 4 * count, true); // bytes per frame
  view.setUint16(34, 32, true); // bits per sample
  writeText(36, "data");
  view.setUint32(40, bytes, true);
  for (let i = 0; i < frames; i++) {
    for (let c = 0; c < count; c++) view.setFloat32(44 + 4 * (i * count + c), channels[c][i], true);
  }
  return view.buffer;
}
