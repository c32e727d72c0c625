import { MAX_TAPS, pairRoots, rootsOfStage } from "../analysis/roots.js";
import { findUnstable } from "../analysis/stability.js";

/** @import { PageView } from "./page_view" */

/** The poles and zeros of each stage, one for each conjugate pair. @type {PageView} */
export function drawPlane({ stages, rate, description }) {
  const longest = Math.max(0, ...stages.map(({ taps }) => taps?.length ?? 0));
  if (longest > MAX_TAPS) {
    const error = `The filter has ${longest} taps; the zeros of up to ${MAX_TAPS} are drawn in this page.`;
    return { fields: { error }, vectors: {} };
  }
  const roots = stages.flatMap((stage) => {
    const info = description.roots[stage.path];
    const { zeros, poles } = rootsOfStage(stage);
    const name = info?.stage ?? description.spec.title;
    /** @param {"pole" | "zero"} kind */
    const describe = (kind) =>
      pairRoots(kind === "pole" ? poles : zeros).map((root) => ({
        ...{ kind, stage: name, ...root },
        // A pair on the real axis has no angle that the frequency could change.
        ...(root.pair && root.im !== 0 ? info?.controls : {}),
      }));
    return [...describe("pole"), ...describe("zero")];
  });
  return { fields: { roots, rate, stable: findUnstable(stages) === null, arrays: [] }, vectors: {} };
}
