/** A module, compiled by `fxlab/page/compiler/` for one sample rate and number of channels. */

/** A value of a parameter; an array has its entries in order, as in the paths `gains_db.0`, `gains_db.1`. */
export type ParameterValue = number | string | boolean | number[];

export type Coefficients = Record<string, Float64Array>;

/** A filter of a module: sections of six numbers, `b0 b1 b2 a0 a1 a2`, or taps. */
export interface StageResponse {
  /** The path of the stage in the module, such as `"0"`; empty for the module itself. */
  path: string;
  sections?: Float64Array;
  taps?: Float64Array;
}

/** A plot or picture of a function: the fields and vectors of the kinds `trace` and `image` in docs/panel-protocol.md. */
export interface ProgramDrawing {
  view: string;
  fields: object;
  vectors: Record<string, Float32Array | Uint8Array>;
}

/** The parameters of a module that move, at any position in the sound. */
export interface MovementProgram {
  /** The paths of these parameters. */
  paths: string[];
  /** The path of each filter that moves, the kind of its design, and how many numbers it has. */
  designs: { path: string; kind: "sections" | "taps"; size: number }[];
  /** Whether a value depends on the sound before it, so that the blocks have to be run in order, with the sound. */
  followsInput: boolean;
  /**
   * A program whose blocks have one channel of `outputSize` numbers at `position`: for each path its value, its lowest and its highest
   * value, and then the designs.
   */
  program: Program;
}

export interface Processor {
  /** The plots that belong to the last block; only of a program that is a function. */
  drawings?: ProgramDrawing[];
  /**
   * Process one block of exactly `program.blockSize` frames, planar. Only the last block of a sound may be shorter.
   *
   * @param coefficients what `design` returned, or values between two such results
   * @param position where the block begins in the sound, in frames, a multiple of `program.blockSize`, for what depends
   *   on the time; undefined: behind the last block
   */
  process(input: Float64Array[], output: Float64Array[], coefficients: Coefficients, position?: number): void;
  /** The arrays that hold what a block leaves to the next one. */
  states: Float64Array[];
  /** Copy the state of another processor of the same program. */
  copyState(other: Processor): void;
  /** Return to the state before the first block. */
  reset(): void;
}

export interface Program {
  rate: number;
  channels: number;
  outputChannels: number;
  /** The delay of the output in samples. */
  latency: number;
  /** How much later than the module's own the output of a live program is, in frames; the module may look ahead. */
  lag?: number;
  /** Whether the module runs block by block; if not, a block is the whole sound. */
  live: boolean;
  /** Whether it is a function of its parameters, whose plots and sound are computed anew after each change. */
  isFunction?: boolean;
  /** 128 frames, or for a module that is not live the length of the sound that it was compiled for. */
  blockSize: number;
  /** The frames that a block gives: `blockSize`, or for a module that is not live the length of its output. */
  outputSize?: number;
  /** The frames of the output that are not padding, of a module whose parameters change its length. */
  outputLength?(coefficients: Coefficients): number;
  /** Paths of the parameters that `design` reads, as in the panel's spec: "cutoff", "0.cutoff", "0.gains_db.3". */
  parameters: string[];
  /** Why a parameter keeps the value that it had when the program was compiled, by path. */
  fixed: Record<string, string>;
  /** The names of coefficients that must not be interpolated, such as a delay in whole samples. */
  steps: string[];
  /** Return the coefficients for these values. Values that are missing are those that the program was compiled with. */
  design(values: Record<string, ParameterValue>): Coefficients;
  /** Return the filters that the module consists of, if its response follows from them, and else an empty array. */
  response(coefficients: Coefficients): StageResponse[];
  createProcessor(): Processor;
  /** Return the program of the parameters that move, for the variant of these coefficients, or undefined if there is none. */
  movement?(coefficients: Coefficients): MovementProgram | undefined;
}

/**
 * The text that the compiler writes evaluates to such a function. `engine` is the module `engine/index.js`, as the
 * page's bundle imports it, or the global `fxlabEngine` of `dist/engine.js`.
 */
export type ProgramFactory = (engine: typeof import("./index.js")) => Program;
