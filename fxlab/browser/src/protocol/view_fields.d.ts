/** The fields of a view message, by the kind of the view. */

export interface NoDrawing {
  error?: string;
}

export interface Axis {
  unit: string;
  scale?: "log" | "linear" | "mel";
  low?: number;
  high?: number;
  steps?: number[] | undefined;
  labels?: string[];
}

export interface TraceLine {
  x: string;
  y: string;
  label: string;
  style?: "line" | "stem" | "dashed";
  color?: string;
}

export interface TraceDot {
  y: string;
  follows: "levels" | "peak" | "trough" | "phase";
  color?: string;
  time?: string;
  phase?: string;
}

export interface TraceForm {
  label: string;
  x?: Axis;
  y: Axis;
  lines: TraceLine[];
  diagonal?: boolean;
  closed?: boolean;
  dots?: TraceDot[];
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
  spans_all_levels?: boolean;
}

export interface RootControls {
  frequency?: string;
  q?: string;
  width?: "cookbook" | "exact" | "octaves";
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
  /** In LU. */
  input_range: number | null;
  output_range: number | null;
  /** In dBFS. */
  input_peak: number | null;
  output_peak: number | null;
  /** In dBTP. */
  input_true_peak: number | null;
  output_true_peak: number | null;
}
