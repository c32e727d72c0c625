/** The protocol of docs/panel-protocol.md, as types. */

export type Value = number | string | boolean;
export type Values = Record<string, Value>;

export interface Param {
  path: string;
  name: string;
  label: string;
  /** A "coordinate" is where a root stands, and has no control. */
  kind: "number" | "count" | "choice" | "switch" | "fixed" | "coordinate";
  value: Value;
  default: Value;
  low: number;
  high: number;
  scale: "log" | "linear";
  unit: string;
  role: string | null;
  /** Its place in an array; null: it is none of an array. */
  index: number | null;
  /** It acts at a frequency of its own, which the curves tell. */
  placed: boolean;
  step: number | null;
  choices?: string[];
  /** The choice and those of its names for which this parameter means something; null: for all. */
  only: { path: string; names: string[] } | null;
  doc: string;
}

export interface Stage {
  path: string;
  name: string;
  /** The number of its colour; null where there is but one. */
  color: number | null;
  /** What stands before its name and on its handle; null where it is alone. */
  number: number | null;
  /** Its place in the chain that the panel edits; null for what is no stage of it. */
  index: number | null;
  /** What the stage is called by, wherever it is by now. */
  key: number | null;
  params: Param[];
}

export interface Spec {
  version: number;
  title: string;
  rate: number;
  channels: number;
  frames: number;
  lti: boolean;
  /** There is a sound to play. */
  heard: boolean;
  /** It has an input to compare with. */
  fed: boolean;
  /** It has views of its own, and is not to be made part of a chain. */
  whole: boolean;
  /** The frequencies from and to which curves go, in Hz. */
  band: [number, number];
  /** There are taps to draw. */
  taps: boolean;
  /** The views that this module offers, and those to be open at first. */
  views: { name: string; label: string; kind: string }[];
  open: string[];
  devices: string[];
  device: string;
  stages: Stage[];
  curve: { frequency: number[]; db: number[] } | null;
  /** Of the values, where it is not the first spec. */
  edition?: number;
}

/** What may be done to the module as a whole. */
export interface EditorState {
  undo: boolean;
  redo: boolean;
  /** The letter that is heard, and those that hold something. */
  selected: string;
  used: string[];
  presets: string[];
  /** Stages by their index. */
  bypassed: number[];
  soloed: number[];
  /** The module is a chain, whose stages can be edited. */
  chain: boolean;
}

/** What anywidget hands to initialize and render. */
export interface Model {
  // biome-ignore lint/suspicious/noExplicitAny: a trait may hold anything
  get(name: string): any;
  set(name: string, value: unknown): void;
  save_changes(): void;
  // biome-ignore lint/suspicious/noExplicitAny: callbacks of several shapes
  on(event: string, callback: (...args: any[]) => void): void;
  // biome-ignore lint/suspicious/noExplicitAny: callbacks of several shapes
  off(event: string, callback?: (...args: any[]) => void): void;
  send(content: unknown, callbacks?: unknown, buffers?: ArrayBuffer[]): void;
}

/** Header of an `audio` message. */
export interface Piece {
  dry: boolean;
  seq: number;
  frames: number;
  channels: number;
  rate: number;
  scale: number;
  start: number;
  count: number;
  /** The gain in dB that makes the render as loud as the input; null: there is none; not there: it is told later. */
  match?: number | null | undefined;
  /** The sound that it belongs to: of one number are the pieces of one render, or of the input. */
  take: number;
  /** All that is to come for now is there with it. */
  last: boolean;
}

export type State = "loading" | "idle" | "rendering" | "error";

export interface Curves {
  seq: number;
  frequency: Float32Array;
  response: Float32Array | null;
  input: Float32Array | null;
  output: Float32Array | null;
  /** Of a module that has no response: what was measured, NaN where nothing was, and after which move. */
  measured: Float32Array | null;
  measuredAt: number;
  /** The level of the measurement, in dBFS. */
  level: number;
  /** `left` is what is bypassed, or not soloed. */
  stages: { path: string; db: Float32Array; color: number; label: string; left?: boolean }[];
  /** Where in Hz the numbers of arrays act that have a place each, by path. */
  places: Record<string, number>;
  /** Of a finite impulse response; of very many what they reach, low and high in turns. */
  taps: Float32Array | null;
  /** How many there are. */
  tapCount: number;
}

/** What the page shows of an axis; what is missing is all of it, on the axis's own scale. */
export interface AxisRange {
  low?: number;
  high?: number;
  scale?: "log" | "linear";
}

/** What one view beside the magnitude draws. */
export interface ViewData {
  // biome-ignore lint/suspicious/noExplicitAny: each view knows its own
  fields: Record<string, any>;
  arrays: Record<string, Float32Array>;
  /** Vectors of bytes. */
  bytes: Record<string, Uint8Array>;
}
