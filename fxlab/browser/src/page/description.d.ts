/** The description of a panel that `fxlab/page/description.py` writes into a page. */

import type { RootControls, Spec, StageInfo } from "../types";

export interface SoundDescription {
  /** "flac", "opus" or "wav". */
  format: string;
  /** The factor of decoded samples. */
  scale: number;
  rate: number;
  channels: number;
  frames: number;
  /** The file, in base64; empty in a site, where a script beside the bundle holds it. */
  data: string;
  /** The same for equal sounds; in a site the name of the script, without ".js". */
  name: string;
}

/** The values that a parameter accepts; an end that is null is not limited. */
export interface Limits {
  /** The class and the name of the parameter, as errors name it. */
  name: string;
  unit: string;
  above: number | null;
  at_least: number | null;
  below: number | null;
  at_most: number | null;
  /** The same in words. */
  allowed: string;
}

export interface Description {
  /** Identifies the program and the panel in the page. */
  id: string;
  spec: Spec;
  /** How the curve of each stage of a chain is drawn, by its path. */
  stage_info: Record<string, StageInfo>;
  center_frequencies: Record<string, number>;
  /** The name of each stage, and the parameters that move its roots, by its path. */
  roots: Record<string, { stage: string; controls: RootControls }>;
  limits: Record<string, Limits>;
  /** Whether the transfer view shows levels first, as for a dynamics effect. */
  levels_first: boolean;
  /** The stages that are bypassed and soloed at first. */
  left_out: { bypassed: number[]; soloed: number[] };
  sound: SoundDescription;
  /** The spectrum of the input in dB, on the frequency grid of the full range. */
  input_spectrum: number[];
  /** Sentences that say what this page does not have. */
  notes: string[];
}
