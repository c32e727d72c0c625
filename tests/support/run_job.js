// Runs a compiled program on sounds, under Node and in a browser's worker. Numbers travel in base64.

/** @param {string} text */
function decode(text) {
  return new Float64Array(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
}

/** @param {Float64Array} values */
function encode(values) {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

/**
 * Design and process each run, block by block, from the same processor.
 *
 * @param {import("../../fxlab/browser/src/engine/program").Program} program
 * @param {{ values: Record<string, any>, input: string[] }[]} runs
 */
export function runJob(program, runs) {
  const processor = program.createProcessor();
  return runs.map(({ values, input }) => {
    const channels = input.map(decode);
    const coefficients = program.design(values);
    const frames = channels[0].length;
    const outputs = Array.from({ length: program.outputChannels }, () => new Float64Array(program.live ? frames : program.outputSize));
    processor.reset();
    for (let start = 0; start < frames; start += program.blockSize) {
      const part = (/** @type {Float64Array} */ sound) => sound.subarray(start, start + program.blockSize);
      processor.process(channels.map(part), program.live ? outputs.map(part) : outputs, coefficients);
    }
    const responses = program.response(coefficients);
    return {
      output: outputs.map(encode),
      responses: responses.map((r) => ({ path: r.path, values: encode(r.sections ?? r.taps) })),
    };
  });
}
