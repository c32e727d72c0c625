import { bytes, float32 } from "./buffers.js";

/** @import { Buffers, ViewData, ViewMessage } from "../types" */

/** @param {ViewMessage} message @param {Buffers} buffers @returns {ViewData} */
export function decodeView({ names, uint8_names: uint8Names, ...fields }, buffers) {
  /** @type {ViewData} */
  const data = { fields, arrays: {}, bytes: {} };
  names.forEach((name, i) => {
    if (uint8Names.includes(name)) data.bytes[name] = bytes(buffers[i]);
    else data.arrays[name] = float32(buffers[i]);
  });
  return data;
}
