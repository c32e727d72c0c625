// Runs compiled programs on sounds: `node run_programs.mjs jobs.json results.json`. Numbers travel in base64.
import { readFile, writeFile } from "node:fs/promises";
import * as engine from "../../fxlab/browser/src/engine/index.js";

/** @param {string} text */
function decode(text) {
  const bytes = Buffer.from(text, "base64");
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

/** @param {Float64Array} values */
function encode(values) {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("base64");
}

/** @param {{ program: string, runs: { values: Record<string, any>, input: string[] }[] }} job */
function runJob(job) {
  const program = new Function(`return ${job.program}`)()(engine);
  const processor = program.createProcessor();
  return job.runs.map(({ values, input }) => {
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

const jobs = JSON.parse(await readFile(process.argv[2], "utf8"));
const results = jobs.map((/** @type {any} */ job) => {
  try {
    return { runs: runJob(job) };
  } catch (error) {
    return { error: `${error.stack}` };
  }
});
await writeFile(process.argv[3], JSON.stringify(results));
