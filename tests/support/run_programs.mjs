// Runs compiled programs on sounds: `node run_programs.mjs jobs.json results.json`.
import { readFile, writeFile } from "node:fs/promises";
import * as engine from "../../fxlab/browser/src/engine/index.js";
import { computeMoments } from "../../fxlab/browser/src/page/moments.js";
import { decode, encode, runJob } from "./run_job.js";

/** Answer a query `moments` as the page does; null: none is asked. @param {any} program @param {any} query */
function momentsOf(program, query) {
  if (!query) return null;
  const coefficients = program.design(query.values);
  const stages = program.response(coefficients);
  const design = { program: { program }, isComputed: true, coefficients, stages, hasStages: stages.length > 0 };
  const sound = { rate: program.rate, channels: query.sound.map(decode) };
  const scene = /** @type {any} */ ({ design, sound, values: query.values, frequencies: decode(query.frequencies) });
  const { moments, buffers } = computeMoments(query, scene);
  const [values, levels] = [new Float32Array(buffers[0]), new Int16Array(buffers[1])];
  return { ...moments, values: encode(Float64Array.from(values)), levels: encode(Float64Array.from(levels)) };
}

const jobs = JSON.parse(await readFile(process.argv[2], "utf8"));
const results = jobs.map((/** @type {any} */ job) => {
  try {
    const program = new Function(`return ${job.program}`)()(engine);
    return { runs: runJob(program, job.runs), moments: momentsOf(program, job.moments) };
  } catch (error) {
    return { error: `${error.stack}` };
  }
});
await writeFile(process.argv[3], JSON.stringify(results));
