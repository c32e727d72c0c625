/** The fields of each command and query, and the answer to a query. */

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

export interface SetMovement {
  path: string;
  /** null: it does not move. */
  kind: string | null;
}

export interface MomentsRequest {
  /** In seconds. */
  start: number;
  seconds: number;
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

export interface UploadPart {
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

export interface Moments {
  /** In seconds. */
  start: number;
  /** Seconds between two values. */
  step: number;
  count: number;
  /** The paths of the parameters that move. */
  paths: string[];
  /** The lowest and the highest value of each. */
  limits: [number, number][];
  /** Seconds between two responses. */
  curve_step: number;
  curve_count: number;
  has_response: boolean;
  /** The stages whose response moves. */
  stage_paths: string[];
}

export interface AnswerFields {
  error?: string;
  text?: string;
  stages?: CatalogEntry[];
  note?: string;
  mime?: string;
  more?: boolean;
  moments?: Moments;
}

export interface AnswerMessage extends AnswerFields {
  type: "answer";
  request: string;
}
