/** The traits of the widget: `spec`, what the page draws, and `params`, the values of all controls. */

/** The points of an automation: the time in seconds and the value of each. */
export type Points = [number, number][];
export type Value = number | string | boolean | Points;
export type Values = Record<string, Value>;

export interface ShownWhen {
  path: string;
  values: string[];
}

export interface Param {
  path: string;
  name: string;
  label: string;
  /** A "coordinate" belongs to a pole or zero and has no control; a "draw" is a count with a button that adds 1. */
  kind: "number" | "count" | "draw" | "choice" | "switch" | "coordinate" | "points" | "fixed";
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
  /** Whether its value can be a control, such as an LFO. */
  movable: boolean;
  /** The control that is its value; null: it does not move. */
  movement: Movement | null;
  low: number;
  high: number;
  scale: "log" | "linear";
  /** 0 stands for a value that follows from others, and is shown as "auto". */
  zero_is_automatic?: boolean;
  choices?: string[];
}

export interface Movement {
  /** The name of the control's class. */
  kind: string;
  params: Param[];
  /** The parameters that are hidden until the user opens them with the button "More". */
  more: Param[];
  /** The choice with which the value of a point holds until the next one; null: it has no points. */
  holds: ShownWhen | null;
  /** The choice with which the value jumps, so that the filter clicks; null: it does not click. */
  clicks: ShownWhen | null;
}

export interface Stage {
  path: string;
  name: string;
  /** The number in front of its name and on its handle; null where there is only one stage. */
  number: number | null;
  /** Its index in the chain; null: it is not a stage of the edited chain. */
  index: number | null;
  /** An identifier that stays the same when other stages move. */
  id: number | null;
  color: number | null;
  params: Param[];
}

export interface ViewTab {
  name: string;
  label: string;
  kind: string;
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
  /** Whether the type is large and the contrast high initially. */
  projector: boolean;
  devices: string[];
  device: string;
  stages: Stage[];
  /** The magnitude response in dB for a page without a kernel, evenly spaced on a log axis over `frequency_range`. */
  preview: number[] | null;
  /** The revision of the values in it; not in the first spec. */
  revision?: number | null;
}

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
