"""The levels view: peak, RMS and loudness during playback (measured by the page) and levels of the complete sound."""

from __future__ import annotations

import math
import weakref

from torch import Tensor

from fxlab.analysis.loudness import SHORT_TERM, gated_percentiles, integrated
from fxlab.analysis.peaks import interpolated_peak
from fxlab.effects.level.integrated_loudness import STEP, block_powers, to_lufs
from fxlab.errors import FxlabError
from fxlab.panel.protocol import LevelsFields
from fxlab.panel.views.view import Drawing, Scene, View
from fxlab.signal.samples import peak

OVERSAMPLING = 4
"""The oversampling factor for the true peak, the least that ITU-R BS.1770 allows."""

Levels = tuple[float | None, float | None, float | None, float | None]
"""Integrated loudness (LUFS), loudness range (LU), sample peak (dBFS) and true peak (dBTP); None if undefined."""

_of_input: list[tuple[weakref.ref[Tensor], float, Levels]] = []
"""The input that was measured last, its sample rate and its levels, which do not change while the sliders move."""


def draw(scene: Scene) -> Drawing:
    """Return the integrated loudness, the loudness range, the peak and the true peak of the input and the output.

    The levels of the input are stored until another input is measured.
    """
    assert scene.y is not None
    loudness, loudness_range, highest, true = _input_levels(scene)
    scene.check_superseded()
    own = _levels(scene.y, scene.rate)
    fields: LevelsFields = {
        "input": loudness,
        "output": own[0],
        "input_range": loudness_range,
        "output_range": own[1],
        "input_peak": highest,
        "output_peak": own[2],
        "input_true_peak": true,
        "output_true_peak": own[3],
    }
    return fields, {}


def _input_levels(scene: Scene) -> Levels:
    held = _of_input[0] if _of_input else None
    if held is None or held[0]() is not scene.x or held[1] != scene.rate:
        held = weakref.ref(scene.x), scene.rate, _levels(scene.x, scene.rate)
        _of_input[:] = [held]
    return held[2]


def _levels(x: Tensor, rate: float) -> Levels:
    """Return the levels of a sound; the loudness range requires 3 s, and silence has no levels.

    `x` is `(channels, time)`, at the sample rate `rate` in Hz.
    """
    loudness = loudness_range = None
    try:
        loudness = integrated(x, rate)
        if x.shape[-1] >= SHORT_TERM * rate:
            low, high = gated_percentiles(to_lufs(block_powers(x, rate, SHORT_TERM, STEP))).tolist()
            loudness_range = high - low
    except FxlabError:  # the sample rate is too low for the K weighting
        pass
    return _finite(loudness), _finite(loudness_range), _decibels(peak(x)), _decibels(interpolated_peak(x, OVERSAMPLING))


def _finite(level: float | None) -> float | None:
    return level if level is not None and math.isfinite(level) else None


def _decibels(value: float) -> float | None:
    return 20 * math.log10(value) if value > 0 else None


LEVELS = View("levels", "Levels", "levels", lambda _: True, draw, needs_output=True)
