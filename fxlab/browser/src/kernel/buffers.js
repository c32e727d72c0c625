/** @param {ArrayBuffer | ArrayBufferView} buffer @returns {Uint8Array} a copy, which is aligned and not shared */
export function bytes(buffer) {
  const view = ArrayBuffer.isView(buffer)
    ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
    : new Uint8Array(buffer);
  return view.slice();
}

/** @param {ArrayBuffer | ArrayBufferView} buffer */
export const int16 = (buffer) => new Int16Array(bytes(buffer).buffer);

/** @param {ArrayBuffer | ArrayBufferView} buffer */
export const float32 = (buffer) => new Float32Array(bytes(buffer).buffer);
