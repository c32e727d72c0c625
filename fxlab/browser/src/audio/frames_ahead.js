/** @import { Clip } from "./clip.js" */
/** @import { LoopRegion } from "./loop_region.js" */

/**
 * Return how many output frames of a clip can be played from `position` on, across the seam of the loop; infinity if the
 * loaded frames suffice for all that is to be played.
 *
 * @param {Clip | null} clip
 * @param {number} position in output frames
 * @param {number} rate of the output
 * @param {LoopRegion} loopRegion
 */
export function framesAhead(clip, position, rate, loopRegion) {
  if (!clip) return Number.POSITIVE_INFINITY;
  const ratio = clip.rate / rate;
  const frame = Math.floor(position * ratio);
  if (frame >= clip.frames) return Number.POSITIVE_INFINITY;
  const seam = Math.max(frame, Math.floor(loopRegion.seam(position) * ratio));
  // The crossfade at the seam of a part reads beyond the seam.
  const end = Math.min(clip.frames, seam + Math.ceil(loopRegion.fade * ratio));
  const loadedEnd = clip.loadedUntil(frame);
  if (loadedEnd < end) return (loadedEnd - frame) / ratio;
  if (!loopRegion.enabled) return Number.POSITIVE_INFINITY;
  const start = Math.floor(loopRegion.resumeFrame(position) * ratio);
  const loadedEndAfterSeam = clip.loadedUntil(start);
  if (loadedEndAfterSeam >= end) return Number.POSITIVE_INFINITY;
  return (seam - frame + loadedEndAfterSeam - start) / ratio;
}
