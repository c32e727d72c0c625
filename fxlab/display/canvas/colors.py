"""The colours of the cards: mid-tones on a transparent ground, so that one picture serves light and dark pages.

Only a narrow band of lightness has a contrast of 4 : 1 both to white and to the near-black of a dark page; every ink
lies in it. Curves therefore differ in hue, chosen to stay apart in the common kinds of colour blindness, and in dash.
"""

from __future__ import annotations

from typing import NamedTuple

LIGHT_PAGE, DARK_PAGE = "#ffffff", "#111111"

TEXT = "#787878"
GRID = "#80808040"
MAIN = "#2479e0"
INPUT = TEXT
ACCENT = "#d1551a"
ALARM = "#db3f4d"

_APART = (ACCENT, "#0f8a62")
_ALIKE = ("#a75bd0", "#9a7500")
"""To some eyes the first of these looks like the main ink, the second like the accent: their dash is their own."""

Dash = tuple[float, ...] | None
_DASHES: tuple[Dash, ...] = (None, (5.0, 2.0), (1.5, 1.5), (6.0, 2.0, 1.5, 2.0), (10.0, 3.0), (3.0, 3.0))


class Pen(NamedTuple):
    """A colour, and lengths of strokes and gaps in pixels (None: one stroke)."""

    ink: str
    dash: Dash = None


def stage_pen(number: int) -> Pen:
    """The pen of a chain's stage `number`: the hue changes first, then the dash."""
    return _pen(_APART, number)


def example_pen(number: int) -> Pen:
    """The pen of example `number` of a batch; the first is the main curve's."""
    return _pen((MAIN, *_APART), number)


def _pen(apart: tuple[str, ...], number: int) -> Pen:
    round_, place = divmod(number, len(apart) + len(_ALIKE))
    alike = place >= len(apart)
    hue = _ALIKE[place - len(apart)] if alike else apart[place]
    return Pen(hue, _DASHES[(2 * round_ + alike) % len(_DASHES)])


def luminance(ink: str) -> float:
    """The relative luminance of `"#rrggbb"`, from 0 for black to 1 for white.

    Source:
        W3C, Web Content Accessibility Guidelines 2.2, "relative luminance".

    >>> luminance("#ffffff")
    1.0
    """
    channels = [int(ink[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return round(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2], 12)


def contrast(first: str, second: str) -> float:
    """The contrast of two colours, from 1 for equal ones to 21 for black on white.

    >>> contrast("#000000", "#ffffff")
    21.0
    """
    darker, lighter = sorted((luminance(first), luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)
