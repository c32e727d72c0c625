/** The messages from the kernel to the pages. */

import type { AnswerMessage } from "./requests";
import type { Values } from "./spec";

export type RenderState = "idle" | "rendering" | "error";

export interface BundleMessage {
  type: "bundle";
  hash: string;
}

export interface PongMessage {
  type: "pong";
}

export interface ValuesMessage {
  type: "values";
  seq: number;
  values: Values;
  revision: number;
  /** Whether the page is to answer with `params`. */
  request_params: boolean;
}

/** The state of the buttons that edit the module as a whole. */
export interface EditorState {
  can_undo: boolean;
  can_redo: boolean;
  /** The letter of the settings that play, and those that hold settings. */
  selected: string;
  used: string[];
  presets: string[];
  /** Stages by their index. */
  bypassed: number[];
  soloed: number[];
  /** Whether the module is a chain, so that stages can be edited. */
  is_chain: boolean;
}

export interface EditorMessage extends EditorState {
  type: "editor";
}

export interface LearningState {
  running: boolean;
  /** The name of the target; empty: there is none. */
  target: string;
  /** What the target is, such as the length of a sound; may be empty. */
  about: string;
  /** How far the fit is, or how the last one ended. */
  message: string;
  /** Whether `message` is an error. */
  failed: boolean;
}

export interface LearningMessage extends LearningState {
  type: "learning";
}

export interface StatusMessage {
  type: "status";
  seq: number;
  state: RenderState;
  message: string;
  /** The path of the parameter with the invalid value. */
  path: string | null;
  /** From 0 to 1; null: not known. */
  progress?: number | null;
}

export interface StageInfo {
  color: number;
  label: string;
  /** It is bypassed, or another stage is soloed. */
  inactive?: boolean;
}

export interface CurveNotes {
  lti?: boolean;
  stage_info?: StageInfo[];
  center_frequencies?: Record<string, number>;
  tap_count?: number;
  measurement_level?: number;
}

export interface CurvesMessage extends CurveNotes {
  type: "curves";
  seq: number;
  names: string[];
  stage_paths: string[] | null;
}

/** The fields of the view's kind are beside these. */
export interface ViewMessage {
  type: "view";
  seq: number;
  view: string;
  names: string[];
  uint8_names: string[];
  error?: string;
}

export interface MatchGain {
  /** The gain that makes the render as loud as the input; null: there is none; missing: a `match` message follows. */
  match_gain_db?: number | null;
}

export interface ClipChunk extends MatchGain {
  seq: number;
  /** The number of the sound: chunks of the same clip belong together. */
  clip: number;
  dry: boolean;
  rate: number;
  frames: number;
  start: number;
  /** Nothing more is sent for now. */
  last: boolean;
}

export interface AudioMessage extends ClipChunk {
  type: "audio";
  id: number;
  channels: number;
  count: number;
  scale: number;
}

export interface OverviewMessage {
  type: "overview";
  seq: number;
  dry: boolean;
  rate: number;
  frames: number;
}

export interface MatchMessage {
  type: "match";
  seq: number;
  match_gain_db: number | null;
}

export type KernelMessage =
  | BundleMessage
  | PongMessage
  | ValuesMessage
  | EditorMessage
  | LearningMessage
  | AnswerMessage
  | StatusMessage
  | CurvesMessage
  | ViewMessage
  | AudioMessage
  | OverviewMessage
  | MatchMessage;

export interface BatchMessage {
  type: "batch";
  messages: KernelMessage[];
  /** How many of the buffers belong to each message. */
  buffer_counts: number[];
}
