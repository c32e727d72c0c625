/** The messages between the page and the audio thread. */

import type { Coefficients } from "../engine/program";

/** A compiled module that a monitor runs block by block instead of playing renders; see live_player.js. */
export interface LivePlayback {
  handle(command: Command): void;
  exportCommands(): Command[];
  readReport(report?: PlayerReport): PlayerReport;
  process(out: Float32Array[], count: number, input?: Float32Array[]): void;
  /** Whether the module has returned values that cannot be played, since the last call. */
  takeFailure(): boolean;
  readonly seq: number;
  readonly isPlaying: boolean;
  readonly channels: number;
  readonly inputChannels: number;
}

/** A compiled module in the page, for the player. */
export interface LiveModule {
  /** Load it on the audio thread; return whether it can run there. */
  load(context: AudioContext): Promise<boolean>;
  /** The processor on the audio thread, and its options. */
  readonly processor: { name: string; options: unknown };
  /** Create a player with the current design. */
  createPlayer(rate: number, outputs: number): LivePlayback;
  /** Have a player get the commands of new designs. */
  listen(player: (command: Command) => void): void;
  unlisten(player: (command: Command) => void): void;
  /** The sample rate in Hz at which it runs. */
  readonly rate: number;
}

/** What is played: the output, the input, or the output minus the input. */
export type Mode = "wet" | "dry" | "difference";

/** The part of an audio message of the kernel that the player needs; see docs/panel-protocol.md. */
export interface Chunk {
  dry: boolean;
  seq: number;
  /** The number of the clip that it belongs to. */
  clipId: number;
  /** Length, channels and sample rate of the clip. */
  frames: number;
  channels: number;
  rate: number;
  scale: number;
  /** The first frame of the chunk. */
  start: number;
  /** Frames in the chunk. */
  count: number;
  /** The gain in dB that makes the render as loud as the input; null if there is none, undefined if it is not known yet. */
  matchGainDb?: number | null | undefined;
  /** Whether nothing more is sent for now. */
  last: boolean;
}

/** What the page sends to the player: through the port of a worklet, or by a plain call. */
export type Command =
  | { type: "chunk"; chunk: Chunk; samples: Int16Array }
  | { type: "clip"; role: "dry" | "complete" | "newest"; clip: ClipData }
  | { type: "play"; on: boolean }
  | { type: "loop"; on: boolean }
  | { type: "mode"; mode: Mode }
  /** Whether the output is played as loud as the input. */
  | { type: "match"; on: boolean }
  /** The gain in dB that makes a render as loud as the input, if its chunks were sent without it. */
  | { type: "match-gain"; seq: number; matchGainDb: number | null }
  /** The part to loop, in seconds; the entire sound if it is empty. */
  | { type: "select"; start: number; end: number }
  | { type: "volume"; gain: number }
  | { type: "limiter"; on: boolean }
  | { type: "seek"; seconds: number }
  /** The coefficients of a compiled module that plays live; null: it is muted. */
  | { type: "design"; seq: number; coefficients: Coefficients | null }
  | { type: "close" };

/** A range of loaded frames; its samples are multiplied by `scale`. */
export interface Segment {
  start: number;
  end: number;
  scale: number;
}

/** A clip on its way to another thread, see clip.js. */
export interface ClipData {
  seq: number;
  clipId: number;
  frames: number;
  channels: number;
  rate: number;
  /** Pages of samples by number. */
  pages: Map<number, Int16Array>;
  segments: Segment[];
  matchGainDb?: number | null | undefined;
  isDelivered: boolean;
}

/** The levels since the last report, see meter.js. */
export interface Level {
  peak: number;
  square: number;
  weighted: number;
  /** The time that was measured. */
  seconds: number;
}

/** The state of a CrossfadePlayer. */
export interface PlayerReport {
  /** The playhead, in seconds. */
  position: number;
  /** The number of the render that plays, or would play in the mode "wet". */
  seq: number;
  /** Playback reached the end since the last report, and stopped. */
  ended: boolean;
  /** Playback is halted until the kernel sends what comes next. */
  waiting: boolean;
  /** The gain in dB that makes that render as loud as the input, if it is known. */
  matchGainDb: number | null;
  /** Seconds of the newest render that can be played from the playhead on; infinite if all of it can. */
  wetAhead: number;
  /** Seconds of the input that can be played from the playhead on; infinite if all of it can. */
  dryAhead: number;
}

/** What the monitor reports, some thirty times per second during playback. */
export interface Report extends PlayerReport {
  /** A clip contained values that are not finite; they are silent. */
  hasInvalidSamples: boolean;
  /** The highest sample at the input of the limiter since the last report; 1 is full scale. */
  peak: number;
  /** The lowest gain of the limiter since the last report. */
  gain: number;
  /** The levels of what is played, before the volume control. */
  output: Level;
  /** The levels of the input at the playhead. */
  input: Level;
  /** The time of the report in ms by the system clock, which the page and the audio thread share. */
  time: number;
}
