// Runs a compiled program on sounds, under Node and in a browser's worker. Numbers travel in base64.

/** @param {string} text */
export function decode(text) {
  return new Float64Array(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
}

/** @param {Float64Array} values */
export function encode(values) {
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
    // A program that looks ahead gives its last samples for the silence behind the sound.
    const lag = program.live ? (program.lag ?? 0) : 0;
    const frames = channels[0].length + lag;
    channels.forEach((channel, c) => {
      channels[c] = new Float64Array(frames);
      channels[c].set(channel);
    });
    const size = program.live ? frames : (program.outputLength?.(coefficients) ?? program.outputSize);
    const outputs = Array.from({ length: program.outputChannels }, () => new Float64Array(size));
    processor.reset();
    for (let start = 0; start < frames; start += program.blockSize) {
      const part = (/** @type {Float64Array} */ sound) => sound.subarray(start, start + program.blockSize);
      processor.process(channels.map(part), program.live ? outputs.map(part) : outputs, coefficients);
    }
    const responses = program.response(coefficients);
    const drawings = (processor.drawings ?? []).map(({ view, fields, vectors }) => {
      const packed = Object.entries(vectors).map(([name, values]) => [name, encode(Float64Array.from(values))]);
      return { view, fields, vectors: Object.fromEntries(packed) };
    });
    return {
      drawings,
      output: outputs.map((row) => encode(row.slice(lag))),
      responses: responses.map((r) => ({ path: r.path, values: encode(r.sections ?? r.taps) })),
    };
  });
}
