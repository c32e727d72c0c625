/**
 * The messages between the kernel and the page, and what the page keeps of them.
 *
 * The messages are those of `fxlab/panel/protocol/`, under the same names; its docstrings and docs/panel-protocol.md explain
 * them. `tests/panel/test_protocol.py` compares the keys.
 */

import type { RenderState, StageInfo, ViewMessage } from "./protocol/kernel_messages";
import type {
  AddStage,
  AnswerFields,
  Download,
  MomentsRequest,
  MoveStage,
  PlayUpload,
  PresetRef,
  RootRef,
  SetMovement,
  SetStageState,
  SettingsRef,
  StageRef,
  UploadPart,
} from "./protocol/requests";

export * from "./protocol/kernel_messages";
export * from "./protocol/page_messages";
export * from "./protocol/requests";
export * from "./protocol/spec";
export * from "./protocol/view_fields";

/** The fields of each command. */
export interface CommandFields {
  add_stage: AddStage;
  remove_stage: StageRef;
  move_stage: MoveStage;
  set_stage_state: SetStageState;
  add_root: RootRef;
  remove_root: RootRef;
  set_movement: SetMovement;
  undo: Record<string, never>;
  redo: Record<string, never>;
  select_settings: SettingsRef;
  recall_preset: PresetRef;
  play_upload: PlayUpload;
  start_learning: Record<string, never>;
  stop_learning: Record<string, never>;
}

/** The fields of each query. */
export interface QueryFields {
  copy_settings: SettingsRef;
  save_preset: PresetRef;
  delete_preset: PresetRef;
  module_catalog: Record<string, never>;
  moments: MomentsRequest;
  code: Record<string, never>;
  upload_sound: UploadPart;
  upload_target: UploadPart;
  forget_target: Record<string, never>;
  download: Download;
}

/** The buffers of a message. */
export type Buffers = (ArrayBuffer | ArrayBufferView<ArrayBuffer>)[];

/** The answer to a query, with its buffers. */
export type Answer = AnswerFields & { buffers: Buffers };

/** The state of a panel: a render's, or that none was answered yet. */
export type State = RenderState | "loading";

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

/** The curves of the newest render. */
export interface Curves {
  seq: number;
  frequency: Float32Array;
  response: Float32Array | null;
  input: Float32Array | null;
  output: Float32Array | null;
  /** The measured response of a module without an exact one, NaN where nothing was measured. */
  measured: Float32Array | null;
  /** The number of the render that it was measured after. */
  measuredAt: number;
  /** The level of the measurement, in dBFS. */
  level: number;
  stages: ({ path: string; db: Float32Array } & StageInfo)[];
  /** The frequencies in Hz at which numbers of arrays act, by parameter path. */
  centerFrequencies: Record<string, number>;
  /** The target of a fit as a response in dB, and as the spectrum of a sound in dBFS; at most one of them. */
  target: Float32Array | null;
  targetSpectrum: Float32Array | null;
  /** The impulse response; of very many taps the lowest and the highest of each few, in turns. */
  taps: Float32Array | null;
  tapCount: number;
}

/** The lowest and the highest value of an axis. */
export interface ValueRange {
  low: number;
  high: number;
}

/** The data of one view beside the magnitude: the fields of its kind, or an `error` instead of them, and vectors. */
// biome-ignore lint/suspicious/noExplicitAny: each kind of view has its own
export interface ViewData<Fields = any> {
  fields: Fields & Pick<ViewMessage, "seq" | "error">;
  arrays: Record<string, Float32Array>;
  bytes: Record<string, Uint8Array>;
}
