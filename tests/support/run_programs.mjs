// Runs compiled programs on sounds: `node run_programs.mjs jobs.json results.json`.
import { readFile, writeFile } from "node:fs/promises";
import * as engine from "../../fxlab/browser/src/engine/index.js";
import { runJob } from "./run_job.js";

const jobs = JSON.parse(await readFile(process.argv[2], "utf8"));
const results = jobs.map((/** @type {any} */ job) => {
  try {
    return { runs: runJob(new Function(`return ${job.program}`)()(engine), job.runs) };
  } catch (error) {
    return { error: `${error.stack}` };
  }
});
await writeFile(process.argv[3], JSON.stringify(results));
