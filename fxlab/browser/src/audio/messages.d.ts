/** The messages between the page and the audio thread, as types. */

import type { Piece } from "../types";

/** What is heard: the output, the input, or the output less the input. */
export type Mode = "wet" | "dry" | "difference";

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
