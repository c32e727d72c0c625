"""`PlainLine` and `PlainPolygon`: artists of matplotlib that the user's `rcParams` and styles do not change.

Colors, widths and the like are arguments of their constructors. What matplotlib takes from `rcParams` in another way is
set here: sketched lines as in `plt.xkcd()`, path effects, snapping, and the simplification of paths.
"""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon
from matplotlib.path import Path

SIMPLIFIED_LENGTH = 128
"""Matplotlib's limit: the number of points from which a line is simplified."""
SIMPLIFY_THRESHOLD = 1 / 9
"""Matplotlib's default: the distance in pixels below which a point may be left out of a line."""


class PlainLine(Line2D):
    """A `Line2D` without the effects of styles; see `Line2D` for the arguments."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        _remove_effects(self)

    def recache(self, always: bool = False) -> None:
        """Compute the path again, for example after a change of the transform; see `Line2D.recache`."""
        super().recache(always)
        _simplify(self._path)  # type: ignore[attr-defined]

    def get_snap(self) -> bool | None:
        """Return what `set_snap` has set, also if `rcParams` forbid snapping."""
        return self._snap  # type: ignore[attr-defined, no-any-return]


class PlainPolygon(Polygon):
    """A `Polygon` without the effects of styles; see `Polygon` for the arguments."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        _remove_effects(self)  # the path of a filled shape is not simplified

    def get_snap(self) -> bool | None:
        """Return what `set_snap` has set, also if `rcParams` forbid snapping."""
        return self._snap  # type: ignore[attr-defined, no-any-return]


def dash_unit(width: float) -> float:
    """Return the length in CSS pixels that matplotlib draws for a dash of length 1 on a line of `width` CSS pixels."""
    return width if mpl.rcParams["lines.scale_dashes"] else 1.0


def _remove_effects(artist: Artist) -> None:
    artist.set_sketch_params(None)
    artist.set_path_effects([])


def _simplify(path: Path) -> None:
    """Let matplotlib leave out points of a long path, as its default settings do."""
    path.should_simplify = np.shape(path.vertices)[0] >= SIMPLIFIED_LENGTH
    path.simplify_threshold = SIMPLIFY_THRESHOLD
