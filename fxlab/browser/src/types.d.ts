/**
 * The messages between the kernel and the page, and what the kernel part of the page keeps of them.
 *
 * The messages are those of `fxlab/panel/protocol.py`, under the same names; its docstrings and docs/panel-protocol.md
 * explain them. `tests/panel/test_protocol.py` compares the keys.
 */

export type Value = number | string | boolean;
export type Values = Record<string, Value>;
export type RenderState = "idle" | "rendering" | "error";

// -- the trait `spec`, kernel → page -----------------------------------------------------------------------------------

export interface ShownWhen {
  path: string;
  values: string[];
}

export interface Param {
  path: string;
  name: string;
  label: string;
  /** A "coordinate" belongs to a pole or zero and has no control. */
  kind: "number" | "count" | "choice" | "switch" | "coordinate" | "fixed";
  value: Value;
  default: Value;
  unit: string;
  role: string | null;
  /** Its index in an array; null outside an array. */
  index: number | null;
  /** It acts at a frequency that the page cannot set: `center_frequencies` of the curves has it. */
  has_center_frequency: boolean;
  doc: string;
  step: number | null;
  /** When it is shown; null: always. */
  shown_when: ShownWhen | null;
  low: number;
  high: number;
  scale: "log" | "linear";
  choices?: string[];
}

export interface Stage {
  path: string;
  name: string;
  /** The number in front of its name and on its handle; null where there is only one stage. */
  number: number | null;
  /** Its index in the chain; null: it is not a stage of the edited chain. */
  index: number | null;
  /** What identifies it after other stages have moved. */
  id: number | null;
  color: number | null;
  params: Param[];
}

export interface ViewTab {
  name: string;
  label: string;
  kind: string;
}

export interface PreviewCurve {
  frequency: number[];
  db: number[];
}

export interface Spec {
  version: number;
  title: string;
  rate: number;
  channels: number;
  frames: number;
  /** Whether there is an exact response to draw. */
  lti: boolean;
  /** The lowest and the highest frequency of the curves, in Hz. */
  frequency_range: [number, number];
  /** Whether there is sound to play. */
  has_output: boolean;
  /** Whether it processes an input, to compare the output with. */
  takes_input: boolean;
  /** It has views of its own and cannot become a stage of a chain. */
  standalone: boolean;
  /** Whether there is a finite impulse response to draw. */
  has_taps: boolean;
  views: ViewTab[];
  /** The views that are open at first. */
  open_views: string[];
  devices: string[];
  device: string;
  stages: Stage[];
  preview: PreviewCurve | null;
  /** The revision of the values in it; not in the first spec. */
  revision?: number | null;
}

// -- the trait `params`, page → kernel ---------------------------------------------------------------------------------

export interface Playhead {
  /** In seconds. */
  position: number;
  /** The start and the end of the loop in seconds; null: it plays to the end. */
  loop: [number, number] | null;
  playing: boolean;
}

export interface Params extends Playhead {
  seq: number;
  client: string;
  values: Values;
  /** The revision of the values that the page received last. */
  revision: number;
  device: string;
  views: string[];
  /** The ids of the last audio messages that arrived. */
  received: number[];
  /** For each of them, the milliseconds between its arrival and this message. */
  ack_delays: number[];
}

// -- messages, page → kernel -------------------------------------------------------------------------------------------

/** The part of an axis that a page shows; what is missing is the full range, on the axis's own scale. */
export interface AxisRange {
  low?: number;
  high?: number;
  scale?: "log" | "linear";
}

/** The visible ranges by the unit of the axis. */
export type Axes = Record<string, AxisRange>;

/** What each view is asked to show, by the name of the view. */
export type ViewOptions = Record<string, Record<string, unknown>>;

export interface BundleRequest {
  type: "bundle";
}

export interface ReadyMessage extends Playhead {
  type: "ready";
  client: string;
  views: string[];
  options: ViewOptions;
  axes: Axes;
}

export interface AxesMessage {
  type: "axes";
  client: string;
  axes: Axes;
}

export interface AckMessage {
  type: "ack";
  client: string;
  received: number[];
  ack_delays: number[];
}

export interface BufferedMessage extends Playhead {
  type: "buffered";
  client: string;
  /** The seconds that the page has from `position` on, of the newest render and of the input; JSON has null for all. */
  wet: number | null;
  dry: number | null;
}

export interface ViewsMessage {
  type: "views";
  client: string;
  views: string[];
  options: ViewOptions;
  axes: Axes;
  changed?: string[];
}

export interface ClosedMessage {
  type: "closed";
  client: string;
}

export interface PingMessage {
  type: "ping";
  client: string;
}

/** The fields of the command are beside these. */
export interface CommandMessage extends Playhead {
  type: "command";
  client: string;
  name: string;
  seq: number;
}

/** The fields of the query are beside these. */
export interface QueryMessage {
  type: "query";
  client: string;
  name: string;
  request: string;
}

export type PageMessage =
  | BundleRequest
  | ReadyMessage
  | AxesMessage
  | AckMessage
  | BufferedMessage
  | ViewsMessage
  | ClosedMessage
  | PingMessage
  | CommandMessage
  | QueryMessage;

/** A message to which the client is still to be added. */
export type Unaddressed<M> = M extends unknown ? Omit<M, "client"> : never;

// -- the fields of commands and queries --------------------------------------------------------------------------------

export interface AddStage {
  kind: string;
  index?: number | null;
}

export interface StageRef {
  index: number;
  id?: number | null;
}

export interface MoveStage extends StageRef {
  to: number;
}

export interface SetStageState extends StageRef {
  state: "bypassed" | "soloed";
  on: boolean;
}

export interface RootRef {
  path: string;
}

export interface SettingsRef {
  letter: string;
}

export interface PresetRef {
  preset: string;
}

export interface PlayUpload {
  upload: number;
}

export interface UploadSound {
  file: string;
  upload: number;
  first: boolean;
  last: boolean;
}

export interface Download {
  format: "wav" | "flac";
  part: number;
  download: number;
}

export interface CatalogEntry {
  name: string;
  family: string;
  doc: string;
}

export interface AnswerFields {
  error?: string;
  text?: string;
  stages?: CatalogEntry[];
  note?: string;
  mime?: string;
  more?: boolean;
}

export interface AnswerMessage extends AnswerFields {
  type: "answer";
  request: string;
}

// -- messages, kernel → page -------------------------------------------------------------------------------------------

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

// -- the fields of a view message, by the kind of the view -------------------------------------------------------------

export interface NoDrawing {
  error?: string;
}

export interface Axis {
  unit: string;
  scale?: "log" | "linear" | "mel";
  low?: number;
  high?: number;
  steps?: number[] | undefined;
}

export interface TraceLine {
  x: string;
  y: string;
  label: string;
  style?: "line" | "stem" | "dashed";
  color?: string;
}

export interface TraceForm {
  label: string;
  x?: Axis;
  y: Axis;
  lines: TraceLine[];
  diagonal?: boolean;
  closed?: boolean;
}

export interface TraceFields {
  x: Axis;
  forms: TraceForm[];
  note?: string;
}

export interface ViewChoice {
  name: string;
  label: string;
  value: string;
  values: string[];
}

export interface ImageFields {
  x: Axis;
  y: Axis;
  level: Axis;
  rows: number;
  columns: number;
  note: string;
  x_is_time: boolean;
  choices?: ViewChoice[];
}

export interface RootControls {
  frequency?: string;
  q?: string;
}

export interface Root extends RootControls {
  kind: "pole" | "zero";
  stage: string;
  re: number;
  im: number;
  pair: boolean;
  path?: string;
}

export interface RootArray {
  path: string;
  kind: "pole" | "zero";
}

export interface PlaneFields {
  roots: Root[];
  rate: number;
  stable: boolean;
  arrays: RootArray[];
}

export interface WaveformFields {
  start: number;
  step: number;
  samples: boolean;
}

export interface LevelsFields {
  input: number | null;
  output: number | null;
  input_peak: number | null;
  output_peak: number | null;
}

// -- what the page keeps -----------------------------------------------------------------------------------------------

/** The fields of each command. */
export interface CommandFields {
  add_stage: AddStage;
  remove_stage: StageRef;
  move_stage: MoveStage;
  set_stage_state: SetStageState;
  add_root: RootRef;
  remove_root: RootRef;
  undo: Record<string, never>;
  redo: Record<string, never>;
  select_settings: SettingsRef;
  recall_preset: PresetRef;
  play_upload: PlayUpload;
}

/** The fields of each query. */
export interface QueryFields {
  copy_settings: SettingsRef;
  save_preset: PresetRef;
  delete_preset: PresetRef;
  module_catalog: Record<string, never>;
  code: Record<string, never>;
  upload_sound: UploadSound;
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
  /** The impulse response; of very many taps the lowest and the highest of each few, in turns. */
  taps: Float32Array | null;
  tapCount: number;
}

/** What one view beside the magnitude draws. */
export interface ViewData {
  // biome-ignore lint/suspicious/noExplicitAny: each kind of view has its own
  fields: Record<string, any>;
  arrays: Record<string, Float32Array>;
  bytes: Record<string, Uint8Array>;
}
