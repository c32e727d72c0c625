import { expect, it } from "vitest";
import text from "../../fxlab/browser/dist/panel.js?raw";

it("runs without a document, because the audio thread loads it too, and registers its processors there", () => {
  // A function cannot contain `export` and `import.meta`; neither matters here.
  const body = text.replace(/export\{[^}]*\};?\s*$/, "").replaceAll("import.meta.url", "''");
  /** @type {[string, any][]} */
  const registered = [];
  class AudioWorkletProcessor {
    port = { postMessage: () => {}, onmessage: null };
  }
  const names = ["AudioWorkletProcessor", "registerProcessor", "sampleRate"];
  const values = [
    AudioWorkletProcessor,
    (/** @type {string} */ name, /** @type {any} */ type) => registered.push([name, type]),
    48000,
  ];
  new Function(...names, "document", "window", "self", body)(...values);
  expect(registered.map(([name]) => name)).toEqual(["fxlab-monitor", "fxlab-recorder"]);
  const processor = new registered[0][1]({ outputChannelCount: [2] });
  const outputs = [2, 1, 1, 1, 1].map((count) => Array.from({ length: count }, () => new Float32Array(128)));
  expect(processor.process([], outputs)).toBe(true);
});
