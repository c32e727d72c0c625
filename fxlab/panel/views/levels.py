"""The levels view: peak, RMS and loudness during playback (measured by the page) and levels of the complete sound."""

from __future__ import annotations

import math

from torch import Tensor

from fxlab.analysis.loudness import integrated
from fxlab.errors import FxlabError
from fxlab.panel.protocol import LevelsFields
from fxlab.panel.views.view import Drawing, Scene, View
from fxlab.signal.samples import peak


def draw(scene: Scene) -> Drawing:
    """Return the integrated loudness in LUFS and the peak in dBFS of input and output; None if undefined."""
    assert scene.y is not None
    fields: LevelsFields = {
        "input": _loudness(scene.x, scene.rate),
        "output": _loudness(scene.y, scene.rate),
        "input_peak": _peak_db(scene.x),
        "output_peak": _peak_db(scene.y),
    }
    return fields, {}


def _loudness(x: Tensor, rate: float) -> float | None:
    try:
        level = integrated(x, rate)
    except FxlabError:  # the sample rate is too low for the K weighting
        return None
    return level if math.isfinite(level) else None


def _peak_db(x: Tensor) -> float | None:
    value = peak(x)
    return 20 * math.log10(value) if value > 0 else None


LEVELS = View("levels", "Levels", "levels", lambda _: True, draw, needs_output=True)
