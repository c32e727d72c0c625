import { MIN_LEVEL } from "../analysis/transfer.js";

/** @import { Transfer } from "../analysis/transfer.js" */
/** @import { PageDrawing } from "./page_view" */

/** The axes extend beyond the largest sample by this factor. */
const MARGIN = 1.08;

/**
 * Draw the output over the input, as `fxlab/panel/views/transfer.py`.
 *
 * @param {Transfer | null} transfer
 * @param {boolean} levelsFirst whether the levels come first, as for a dynamics effect
 * @returns {PageDrawing}
 */
export function drawTransfer(transfer, levelsFirst) {
  if (!transfer) return { fields: { error: "The output for the test tone is not finite." }, vectors: {} };
  const { input, output, inputLevels, outputLevels } = transfer;
  const peak = (/** @type {Float32Array} */ values) => values.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  const limit = MARGIN * Math.max(peak(input), peak(output));
  const axis = { unit: "", low: -limit, high: limit };
  const highest = Math.max(3, outputLevels.reduce((a, b) => Math.max(a, b)) + 3);
  const waveform = {
    ...{ label: "Waveform", x: axis, y: axis, diagonal: true, closed: true },
    lines: [{ x: "input", y: "output", label: "Output over input" }],
    dots: [
      { y: "output", follows: "peak" },
      { y: "output", follows: "trough" },
    ],
  };
  const level = {
    label: "Level",
    x: { unit: "dB", low: MIN_LEVEL, high: 0, steps: [6, 12] },
    y: { unit: "dB", low: MIN_LEVEL - 3, high: highest, steps: [6, 12, 24] },
    lines: [{ x: "input_level", y: "output_level", label: "Output over input level" }],
    diagonal: true,
    dots: [{ y: "output_level", follows: "levels" }],
  };
  const forms = levelsFirst ? [level, waveform] : [waveform, level];
  const vectors = { input, output, input_level: inputLevels, output_level: outputLevels };
  return { fields: { x: axis, forms }, vectors };
}
