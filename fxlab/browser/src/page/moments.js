import { decibels, multiply, responseOfStage } from "./analysis/complex_response.js";

/**
 * @import { Buffers, Moments, MomentsRequest, Values } from "../types"
 * @import { MovementProgram, StageResponse } from "../engine/program"
 * @import { Design } from "./design.js"
 * @import { Sound } from "./sound.js"
 */

/** The interval between two values, in seconds. */
const VALUE_STEP = 0.01;

/** The interval between two responses, in seconds. */
const CURVE_STEP = 1 / 16;

/** The longest part of the sound that one answer covers, in seconds. */
const MAX_SECONDS = 2;

/** The length of the preceding sound from which a value that follows the sound is computed, in seconds. */
const MEMORY = 5;

/** A level is sent as an integer of 16 bits, in hundredths of a decibel. */
const MAX_LEVEL_DB = 327;

/** The numbers that a movement has at one moment: those of its paths, and then its designs. @typedef {Float64Array} Row */

/**
 * Answer the query `moments` with the values of the parameters that move, and the responses, during a part of the sound.
 *
 * @param {MomentsRequest} request
 * @param {{ design: Design, values: Values, sound: Sound, frequencies: Float64Array }} scene `values` are those of the program
 * @returns {{ moments: Moments, buffers: Buffers }}
 */
export function computeMoments({ start, seconds }, { design, values, sound, frequencies }) {
  const first = Math.max(0, start);
  const duration = Math.max(0, Math.min(seconds, MAX_SECONDS));
  const count = Math.round(duration / VALUE_STEP) + 1;
  const curveCount = Math.round(duration / CURVE_STEP) + 1;
  const { program } = design.program;
  const movement = design.isComputed ? program.movement?.(design.coefficients) : undefined;
  const rowAt = movement && createRows(movement, values, sound, first, first + duration);
  const paths = rowAt ? movement.paths : [];
  /** @type {(step: number, number: number) => Row} */
  const row = (step, number) => /** @type {(time: number) => Row} */ (rowAt)(first + step * number);

  const moved = new Float32Array(paths.length * count);
  for (let n = 0; n < count && rowAt; n++) {
    const numbers = row(VALUE_STEP, n);
    for (let p = 0; p < paths.length; p++) moved[p * count + n] = numbers[3 * p];
  }
  const curves = rowAt && createCurves(movement, design, frequencies, sound.rate);
  /** @type {Float32Array[]} */
  const levels = [];
  for (let n = 0; n < curveCount && curves; n++) levels.push(...curves.at(row(CURVE_STEP, n)));
  const limits = rowAt ? row(VALUE_STEP, 0) : [];
  /** @type {Moments} */
  const moments = {
    ...{ start: first, step: VALUE_STEP, count, paths },
    limits: paths.map((_, p) => [limits[3 * p + 1], limits[3 * p + 2]]),
    ...{ curve_step: CURVE_STEP, curve_count: curveCount },
    has_response: Boolean(curves),
    stage_paths: curves ? curves.stagePaths : [],
  };
  return { moments, buffers: [moved.buffer, toHundredths(levels).buffer] };
}

/**
 * Return the function that gives the numbers of a movement at a time of the sound between `start` and `end`, or null if the
 * values are not valid. Its result is overwritten by the next call.
 *
 * @param {MovementProgram} movement @param {Values} values @param {Sound} sound @param {number} start @param {number} end in seconds
 * @returns {((time: number) => Row) | null}
 */
function createRows({ program, followsInput }, values, sound, start, end) {
  let coefficients;
  try {
    coefficients = program.design(/** @type {any} */ (values));
  } catch {
    return null; // the error is reported with the design of the sound
  }
  const processor = program.createProcessor();
  const size = program.blockSize;
  const input = sound.channels.map(() => new Float64Array(size));
  const row = [new Float64Array(program.outputSize ?? 0)];
  const run = (/** @type {number} */ position) => processor.process(input, row, coefficients, position);
  if (!followsInput) {
    return (time) => {
      run(Math.round(time * sound.rate));
      return row[0];
    };
  }
  const blockAt = (/** @type {number} */ time) => Math.max(0, Math.floor((time * sound.rate) / size));
  const first = blockAt(start);
  /** @type {Row[]} */
  const rows = [];
  for (let block = blockAt(start - MEMORY); block <= blockAt(end); block++) {
    input.forEach((channel, c) => {
      channel.fill(0);
      channel.set(sound.channels[c].subarray(block * size, (block + 1) * size));
    });
    run(block * size);
    if (block >= first) rows.push(row[0].slice());
  }
  return (time) => rows[blockAt(time) - first];
}

/**
 * Return the responses as functions of the numbers of a movement: that of the module, and those of its stages that move; null if
 * it has no designs.
 *
 * @param {MovementProgram} movement @param {Design} design @param {Float64Array} frequencies @param {number} rate
 */
function createCurves({ paths, designs }, design, frequencies, rate) {
  if (designs.length === 0 || !design.hasStages) return null;
  /** @param {StageResponse} stage */
  const responseOf = (stage) => responseOfStage(stage, frequencies, rate);
  const moving = new Set(designs.map(({ path }) => path));
  const active = new Set(design.stages.map(({ path }) => path));
  // The responses of stages that do not move are computed once.
  const rest = design.stages.filter(({ path }) => !moving.has(path)).map(responseOf);
  const stagePaths = designs.map(({ path }) => path).filter((path) => path !== "");
  /** @param {Row} row */
  const at = (row) => {
    let place = 3 * paths.length;
    const stages = designs.map(({ path, kind, size }) => {
      place += size;
      return { path, response: responseOf({ path, [kind]: row.subarray(place - size, place) }) };
    });
    const factors = [
      ...rest,
      ...stages.filter(({ path }) => active.has(path)).map(({ response }) => response),
    ];
    const own = stages.filter(({ path }) => path !== "").map(({ response }) => decibels(response));
    return [decibels(factors.reduce(multiply)), ...own];
  };
  return { stagePaths, at };
}

/** @param {Float32Array[]} levels in dB */
function toHundredths(levels) {
  const size = levels[0]?.length ?? 0;
  const hundredths = new Int16Array(levels.length * size);
  levels.forEach((level, n) => {
    for (let k = 0; k < size; k++) {
      const db = Math.max(-MAX_LEVEL_DB, Math.min(level[k], MAX_LEVEL_DB));
      hundredths[n * size + k] = Math.round(100 * db);
    }
  });
  return hundredths;
}
