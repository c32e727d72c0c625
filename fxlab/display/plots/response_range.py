"""The range that the magnitude of a module covers while its parameters move."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import torch
from numpy.typing import NDArray

from fxlab.display.plots.control_curve import shown_duration
from fxlab.errors import FxlabError
from fxlab.module import LinearAnalysis
from fxlab.module.parameters.freeze_controls import GOLDEN_RATIO, freeze_at_times, moving_parameters

_MOMENTS = 241
_MIN_MAGNITUDE = 1e-10

Array = NDArray[np.float64]


def magnitude_range(module: LinearAnalysis, rate: float, frequency: Array) -> tuple[Array, Array] | None:
    """Return the lowest and the highest magnitude over time in dB at each `frequency` in Hz.

    `rate` is the sample rate in Hz. The magnitude is computed at `_MOMENTS` moments within the time that the cards of
    the controls show. The result is None if no parameter moves, if the module or one of its controls is a batch, or if
    the response cannot be computed for several moments at once.
    """
    controls = [control for _, _, control in moving_parameters(module)]
    if not controls or any(control.batch_shape() for control in controls):
        return None
    # Moments spaced by the golden ratio fall on different phases of the cycles of an LFO.
    places = (torch.arange(_MOMENTS, dtype=torch.float64) * GOLDEN_RATIO).frac()
    seconds = places * max(map(shown_duration, controls))
    with suppress(FxlabError, RuntimeError), torch.no_grad():
        response = freeze_at_times(module, seconds).response(torch.from_numpy(frequency), rate).abs().cpu()
        if response.shape == (_MOMENTS, len(frequency)):
            db = 20 * np.log10(np.maximum(response.numpy(), _MIN_MAGNITUDE))
            return db.min(0), db.max(0)
    return None
