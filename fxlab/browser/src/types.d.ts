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

/** What is heard: the output, the input, or the output less the input. */
export type Mode = "wet" | "dry" | "difference";

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

/** What a page tells the reader of its sound; the same by a worklet's port or by a plain call. */
export type Command =
  | { type: "piece"; piece: Piece; samples: Int16Array }
  | { type: "take"; role: "dry" | "complete" | "newest"; take: ClipData }
  | { type: "play"; on: boolean }
  | { type: "loop"; on: boolean }
  | { type: "mode"; mode: Mode }
  /** Whether the output is heard as loud as the input. */
  | { type: "match"; on: boolean }
  /** What is to be known of a render that was sent without it. */
  | { type: "matched"; seq: number; match: number | null }
  /** The part that goes round, in seconds; none where it is empty. */
  | { type: "select"; start: number; end: number }
  | { type: "volume"; gain: number }
  | { type: "limiter"; on: boolean }
  | { type: "seek"; seconds: number }
  | { type: "close" };

export interface Segment {
  start: number;
  end: number;
  scale: number;
}

export interface ClipData {
  seq: number;
  take: number;
  frames: number;
  channels: number;
  rate: number;
  /** Its pages by number. */
  held: Map<number, Int16Array>;
  segments: Segment[];
  match?: number | null | undefined;
  settled: boolean;
}

/** What went by since the last report, see meter.js. */
export interface Level {
  peak: number;
  square: number;
  weighted: number;
  /** How long that was. */
  seconds: number;
}

/** What the reader knows of itself. */
export interface PlayerReport {
  position: number;
  /** The number of the render that sounds, or would if the mode were so. */
  seq: number;
  /** It came to the end since the last report, and stopped. */
  ended: boolean;
  /** It stands still until the kernel sends what comes next. */
  waiting: boolean;
  /** What makes that render as loud as the input, in dB, where it is known. */
  match: number | null;
  /** Seconds that can be read on from the playhead, of the newest render and of the input; without end if all. */
  wetAhead: number;
  dryAhead: number;
}

/** What the monitor says back, some thirty times a second while it plays. */
export interface Report extends PlayerReport {
  /** A sound held what is no number, and is silent there. */
  faulty: boolean;
  /** The highest sample that came to the limiter since the last report; 1 is full scale. */
  peak: number;
  /** The lowest gain of the limiter since then. */
  gain: number;
  /** Before the volume. */
  output: Level;
  input: Level;
  /** When this was so, in ms of the system's clock, the one that the page and the audio thread share. */
  time: number;
}
