"""A filter's mask: where its level must not go, and how much is left to there."""

from __future__ import annotations

from fxlab.display.canvas import colors
from fxlab.display.canvas.colors import Pen
from fxlab.display.canvas.frame import Frame
from fxlab.display.cards.legend import Entry
from fxlab.display.cards.number_format import hertz
from fxlab.errors import FxlabError
from fxlab.filters import Margins, Mask
from fxlab.filters.design.mask import TOLERANCE_DB
from fxlab.module import LinearAnalysis

_EDGE = Pen(colors.TEXT)
_SHADE = 0.2


def mask_of(module: LinearAnalysis, rate: float) -> tuple[Mask, Margins] | None:
    """The mask that `module` was given, with its margins; None without one, or where this rate has no room for it."""
    mask = module.mask
    if not isinstance(mask, Mask):
        return None
    try:
        return mask, mask.margins(module, rate)
    except FxlabError:
        return None


def draw_mask(frame: Frame, mask: Mask, rate: float) -> None:
    """Shade what is forbidden: below the ripple and above 0 dB where it passes, above the attenuation elsewhere."""
    passes, stops = mask.bands(rate)
    for low, high in passes:
        _forbidden(frame, (low, high), frame.y.low, -mask.ripple_db)
        _forbidden(frame, (low, high), 0.0, frame.y.high, edged=False)
    for low, high in stops:
        _forbidden(frame, (low, high), -mask.attenuation_db, frame.y.high)


def mask_entry(margins: Margins) -> Entry:
    """One line for the picture."""
    if margins.met:
        if max(margins.pass_db, margins.stop_db) < TOLERANCE_DB:
            return Entry("mask met, nothing to spare")
        return Entry(f"mask met, {_db(margins.pass_db)} and {_db(margins.stop_db)} dB to spare")
    return Entry(f"mask missed by {_db(-margins.worst_db)} dB", hue=colors.ALARM)


def mask_note(margins: Margins) -> str:
    """One line for beside the picture."""
    if margins.met:
        left = f"{_db(margins.pass_db)} dB to spare where it passes, {_db(margins.stop_db)} dB where it stops"
        return f"Mask met: {left}."
    return f"Mask missed by {_db(-margins.worst_db)} dB, at {hertz(margins.worst_hz)}."


def _forbidden(frame: Frame, span: tuple[float, float], low: float, high: float, *, edged: bool = True) -> None:
    ends = (max(span[0], frame.x.low), min(span[1], frame.x.high))
    if ends[0] >= ends[1] or low >= high:
        return
    left, right = (float(place) for place in frame.across(ends))
    bottom, top = (float(height) for height in frame.up((low, high)))
    frame.sheet.area(
        [(left, bottom), (right, bottom), (right, top), (left, top)], colors.TEXT, alpha=_SHADE, clip=frame.box
    )
    if edged:
        limit = top if high <= 0 else bottom
        frame.sheet.line([left, right], [limit, limit], _EDGE, clip=frame.box)


def _db(value: float) -> str:
    """In as few digits as tell it from nothing; what is rounding is nothing."""
    if value < TOLERANCE_DB:
        return "0"
    return f"{value:.1f}" if 0.1 <= value < 1000 else f"{value:.1g}" if value < 0.1 else "over 1000"
