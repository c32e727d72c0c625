"""The mask of a filter in its magnitude plot: drawing of the forbidden areas, and the margins as text."""

from __future__ import annotations

from fxlab.display.canvas import colors
from fxlab.display.canvas.colors import LineStyle
from fxlab.display.canvas.frame import Frame
from fxlab.display.canvas.legend import LegendEntry
from fxlab.display.number_format import format_frequency
from fxlab.errors import FxlabError
from fxlab.filters import Margins, Mask
from fxlab.filters.design.mask import TOLERANCE_DB
from fxlab.module import LinearAnalysis

_EDGE = LineStyle(colors.TEXT)
_SHADE_ALPHA = 0.2


def mask_of(module: LinearAnalysis, rate: float) -> tuple[Mask, Margins] | None:
    """Return the mask of `module` with its margins, or None if there is no mask that fits the sample rate `rate`."""
    mask = module.mask
    if not isinstance(mask, Mask):
        return None
    try:
        return mask, mask.margins(module, rate)
    except FxlabError:
        return None


def draw_mask(frame: Frame, mask: Mask, rate: float) -> None:
    """Shade the forbidden areas of a mask at the sample rate `rate`.

    In the passbands, the areas are below −`ripple_db` and above 0 dB; in the stopbands, above −`attenuation_db`.
    """
    passbands, stopbands = mask.bands(rate)
    for band in passbands:
        _shade(frame, band, frame.y.low, -mask.ripple_db)
        _shade(frame, band, 0.0, frame.y.high, edge=False)
    for band in stopbands:
        _shade(frame, band, -mask.attenuation_db, frame.y.high)


def mask_entry(margins: Margins) -> LegendEntry:
    """Return the legend entry that states by how many dB the mask is met or missed."""
    if margins.met:
        if max(margins.pass_db, margins.stop_db) < TOLERANCE_DB:
            return LegendEntry("mask met, no margin")
        return LegendEntry(f"mask met, margins {_format_db(margins.pass_db)} and {_format_db(margins.stop_db)} dB")
    return LegendEntry(f"mask missed by {_format_db(-margins.worst_db)} dB", color=colors.ALARM)


def mask_note(margins: Margins) -> str:
    """Return the sentence below the picture that states by how many dB the mask is met or missed."""
    if margins.met:
        passband, stopband = _format_db(margins.pass_db), _format_db(margins.stop_db)
        return f"Mask met: margin {passband} dB in the passband, {stopband} dB in the stopband."
    return f"Mask missed by {_format_db(-margins.worst_db)} dB, at {format_frequency(margins.worst_hz)}."


def _shade(frame: Frame, band: tuple[float, float], low: float, high: float, *, edge: bool = True) -> None:
    """Shade the area over the frequencies `band` in Hz, between the levels `low` and `high` in dB.

    If `edge` is true, a line marks the side of the area that is the limit of the mask: the upper side if `high` is at
    most 0 dB, and the lower side otherwise.
    """
    ends = (max(band[0], frame.x.low), min(band[1], frame.x.high))
    if ends[0] >= ends[1] or low >= high:
        return
    left, right = (float(x) for x in frame.canvas_x(ends))
    bottom, top = (float(y) for y in frame.canvas_y((low, high)))
    frame.canvas.fill_polygon(
        [(left, bottom), (right, bottom), (right, top), (left, top)], colors.TEXT, alpha=_SHADE_ALPHA, clip=frame.box
    )
    if edge:
        limit = top if high <= 0 else bottom
        frame.canvas.draw_line([left, right], [limit, limit], _EDGE, clip=frame.box)


def _format_db(value: float) -> str:
    """Return a margin in dB with few digits: "0" below the tolerance for rounding, "over 1000" from 1000 dB."""
    if value < TOLERANCE_DB:
        return "0"
    return f"{value:.1f}" if 0.1 <= value < 1000 else f"{value:.1g}" if value < 0.1 else "over 1000"
