import { ImageView } from "./image_view.js";
import { LevelsView } from "./levels_view.js";
import { PoleZeroView } from "./poles/pole_zero_view.js";
import { TraceView } from "./trace_view.js";
import { WaveformView } from "./waveform_view.js";

/** @import { Session } from "../kernel/session.js" */
/** @import { ViewData, ViewTab } from "../types" */
/** @import { Palette } from "./drawing/theme.js" */

/**
 * The class for each kind of view that the kernel may ask for.
 *
 * `position` is called when the playhead moves, `restyle` when the colors or the visible range of an axis have changed.
 *
 * @typedef {{ root: HTMLElement, show: (data: ViewData) => void, restyle: () => void, position?: () => void,
 *   close: () => void }} View
 * @type {Record<string, new (palette: Palette, tab: ViewTab, session: Session) => View>}
 */
export const VIEW_TYPES = {
  image: ImageView,
  levels: LevelsView,
  plane: PoleZeroView,
  trace: TraceView,
  waveform: WaveformView,
};
