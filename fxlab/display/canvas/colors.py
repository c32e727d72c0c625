"""The colors and line styles of the cards: mid-tones on a transparent background, for light and dark pages alike.

Only a narrow range of lightness has a contrast of 4 : 1 both to white and to the near-black of a dark page; every color
except that of the grid is in this range. Curves therefore differ in hue, chosen to be distinguishable with the common
kinds of color blindness, and in dash.
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

_DISTINCT = (ACCENT, "#0f8a62")
_SIMILAR = ("#a75bd0", "#9a7500")
"""Colors for dashed lines: with some kinds of color blindness the first looks like MAIN, and the second like ACCENT."""

Dash = tuple[float, ...] | None
_DASHES: tuple[Dash, ...] = (None, (5.0, 2.0), (1.5, 1.5), (6.0, 2.0, 1.5, 2.0), (10.0, 3.0), (3.0, 3.0))


class LineStyle(NamedTuple):
    """A color, and the lengths of dashes and gaps in CSS pixels (`None` for a solid line)."""

    color: str
    dash: Dash = None


def stage_style(number: int) -> LineStyle:
    """Return the line style of stage `number` of a chain, counted from 0; the first 12 styles differ."""
    return _line_style(_DISTINCT, number)


def example_style(number: int) -> LineStyle:
    """Return the line style of example `number` of a batch, counted from 0; the first 15 styles differ.

    Example 0 has the style of the main curve of a card.
    """
    return _line_style((MAIN, *_DISTINCT), number)


def _line_style(distinct: tuple[str, ...], number: int) -> LineStyle:
    """Return style `number` of a sequence in which the colors vary first, and then the dashes.

    The colors are those of `distinct` and then `_SIMILAR`; the latter are always dashed.
    """
    cycle, index = divmod(number, len(distinct) + len(_SIMILAR))
    similar = index >= len(distinct)
    color = _SIMILAR[index - len(distinct)] if similar else distinct[index]
    return LineStyle(color, _DASHES[(2 * cycle + similar) % len(_DASHES)])


def luminance(color: str) -> float:
    """Return the relative luminance of `"#rrggbb"`, from 0 for black to 1 for white.

    Source:
        W3C, Web Content Accessibility Guidelines 2.2, "relative luminance".

    >>> luminance("#ffffff")
    1.0
    """
    channels = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return round(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2], 12)


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colors, from 1 for equal ones to 21 for black on white.

    >>> contrast("#000000", "#ffffff")
    21.0
    """
    darker, lighter = sorted((luminance(first), luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)
