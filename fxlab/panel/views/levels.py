"""The levels view: peak, RMS and loudness while it plays, which the page measures, and those of the whole."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.analysis.loudness import integrated
from fxlab.errors import FxlabError
from fxlab.panel.views.view import Drawing, Scene, View


def draw(scene: Scene) -> Drawing:
    """The integrated loudness in LUFS and the highest peak in dBFS of both; None where there is none."""
    assert scene.y is not None
    fields = {
        "input": _loudness(scene.x, scene.rate),
        "output": _loudness(scene.y, scene.rate),
        "input_peak": _peak(scene.x),
        "output_peak": _peak(scene.y),
    }
    return fields, {}


def _loudness(x: Tensor, rate: float) -> float | None:
    try:
        level = integrated(x, rate)
    except FxlabError:  # a rate too low to be weighted
        return None
    return level if math.isfinite(level) else None


def _peak(x: Tensor) -> float | None:
    low, high = torch.aminmax(x)
    peak = float(torch.maximum(-low, high))
    return 20 * math.log10(peak) if peak > 0 else None


LEVELS = View("levels", "Levels", "levels", lambda _: True, draw, heard=True)
