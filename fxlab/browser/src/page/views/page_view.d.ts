/** A view that a page computes itself. */

import type { StageResponse } from "../../engine/program";
import type { Axes } from "../../types";
import type { Description } from "../description";

export interface ViewScene {
  rate: number;
  /** In Hz. */
  frequencies: Float64Array;
  stages: StageResponse[];
  /** Return the impulse response. */
  impulse: () => Float64Array;
  axes: Axes;
  description: Description;
}

/** The fields and the vectors of a view's drawing, or why there is none. */
export interface PageDrawing {
  fields: object;
  vectors: Record<string, Float32Array | Uint8Array>;
}

export type PageView = (scene: ViewScene) => PageDrawing;
