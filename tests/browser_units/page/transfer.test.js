import { expect, test } from "vitest";
import { measureTransfer } from "../../../fxlab/browser/src/page/analysis/transfer.js";
import { drawTransfer } from "../../../fxlab/browser/src/page/views/transfer_view.js";

/** A program of half the gain that clips at 0.25, and is late by some frames. @param {number} lag */
const clipper = (lag) =>
  /** @type {any} */ ({
    ...{ rate: 48_000, channels: 2, outputChannels: 2, blockSize: 128, lag },
    createProcessor() {
      const line = Array(lag).fill(0);
      return {
        process(/** @type {Float64Array[]} */ [x], /** @type {Float64Array[]} */ [y]) {
          line.push(...x.map((value) => Math.max(-0.25, Math.min(0.25, value / 2))));
          y.set(line.splice(0, x.length));
        },
      };
    },
  });

/** @param {any} program */
function measure(program) {
  const work = measureTransfer(program, {});
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

test.each([0, 100])("a clipper that is late by %i frames has its characteristic", (lag) => {
  const transfer = measure(clipper(lag));
  expect(transfer).not.toBeNull();
  if (!transfer) return;
  transfer.input.forEach((x, n) => {
    expect(transfer.output[n]).toBeCloseTo(Math.max(-0.25, Math.min(0.25, x / 2)), 6);
  });
  expect(transfer.inputLevels[0]).toBe(-60);
  expect(transfer.outputLevels[0]).toBeCloseTo(-66.02, 2);
  const { fields, vectors } = drawTransfer(transfer, true);
  expect(/** @type {any} */ (fields).forms.map((/** @type {any} */ form) => form.label)).toEqual([
    "Level",
    "Waveform",
  ]);
  expect(vectors.output_level).toHaveLength(21);
});

test("an output that is not finite is an error in the view", () => {
  const program = clipper(0);
  program.createProcessor = () => ({
    process: (/** @type {any} */ _, /** @type {Float64Array[]} */ [y]) => y.fill(Number.NaN),
  });
  expect(drawTransfer(measure(program), false).fields).toHaveProperty("error");
});
