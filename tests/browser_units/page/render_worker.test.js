// The worker that renders the complete output: of several requests that wait, only the last one is computed.
import { expect, test } from "vitest";

const FRAMES = 64;
const gains = /** @type {number[]} */ ([]);
const program = {
  ...{ rate: 8000, channels: 1, outputChannels: 1, blockSize: FRAMES, live: false, response: () => [] },
  createProcessor: () => ({
    /** @param {Float64Array[]} input @param {Float64Array[]} output @param {{ gain: number }} coefficients */
    process([input], [output], { gain }) {
      gains.push(gain);
      output.set(input.map((value) => gain * value));
    },
  }),
};

test("requests that arrive during a render are not queued", async () => {
  const scope = /** @type {any} */ (globalThis);
  scope.importScripts = () => {};
  scope.fxlabPrograms = { gain: () => program };
  const done = new Promise((resolve) => {
    scope.postMessage = (/** @type {any} */ message) => resolve(message);
  });
  await import("../../../fxlab/browser/src/page/render_worker.js");
  const sound = { rate: 8000, frames: FRAMES, channels: [new Float32Array(FRAMES).fill(1)] };
  scope.onmessage({ data: { type: "start", program: "gain", url: "", sound } });
  for (const gain of [1, 2, 3]) {
    const request = { coefficients: { gain }, levels: false, transfer: false, spectrogram: null };
    scope.onmessage({ data: { type: "render", job: gain, request } });
  }
  const { job, result } = /** @type {any} */ (await done);
  expect(job).toBe(3);
  expect(result.output[0][0]).toBe(3);
  expect(gains).toEqual([3]);
});
