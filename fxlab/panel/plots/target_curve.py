"""`TargetCurve`: the target of a fit as a curve over the frequencies of the magnitude plot."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from fxlab.analysis import long_term_spectrum
from fxlab.learn.objective import Target
from fxlab.module import Module, has_response
from fxlab.panel.plots.frequency_grid import frequency_grid
from fxlab.signal import Signal

NOISE_FLOOR = 80.0
"""No response is determined where the input's spectrum is more than this many dB below its maximum."""
MIN_FREQUENCY = 1e-3
"""The frequency in Hz that stands for 0 Hz on the logarithmic axis on which levels are interpolated."""


class TargetCurve:
    """A target of `fit` as a curve: a response in dB, or the spectrum of a sound in dB relative to full scale.

    Args:
        target: A pair of frequencies in Hz and levels in dB, or a Signal. Other targets have no curve.
    """

    def __init__(self, target: Target) -> None:
        self.is_spectrum = isinstance(target, Signal)
        self._points: tuple[np.ndarray, np.ndarray] | None = None
        if isinstance(target, Signal):
            known = frequency_grid(target.sample_rate)
            levels = long_term_spectrum(target.samples.detach().cpu(), known, target.sample_rate)
            self._points = known.log().numpy(), levels.double().numpy()
        elif isinstance(target, (tuple, list)):
            frequencies, levels = (torch.as_tensor(part, dtype=torch.float64).flatten() for part in target)
            order = frequencies.argsort(stable=True)
            self._points = frequencies[order].clamp(min=MIN_FREQUENCY).log().numpy(), levels[order].numpy()

    def curves(self, module: Module, frequencies: Tensor, input_spectrum: Tensor) -> dict[str, Tensor]:
        """Return the levels of the curve in dB at `frequencies`, by the name of the curve in the message `curves`.

        The name is `"target"` for a response, and `"target_spectrum"` for the spectrum of a sound. For a target sound
        and a `module` with a response, the curve is the response from the input to that sound: the difference of their
        spectra. Levels that are not known are NaN. The result is empty for a target without a curve.

        Args:
            module: The module to be fitted.
            frequencies: The frequencies in Hz.
            input_spectrum: The spectrum of the input in dB at `frequencies`.
        """
        if self._points is None:
            return {}
        logs = frequencies.double().clamp(min=MIN_FREQUENCY).log().numpy()
        levels = torch.from_numpy(np.interp(logs, *self._points, left=np.nan, right=np.nan))
        if not self.is_spectrum:
            return {"target": levels}
        if not has_response(module):
            return {"target_spectrum": levels}
        is_known = input_spectrum > input_spectrum.max() - NOISE_FLOOR
        return {"target": torch.where(is_known, levels - input_spectrum, torch.nan)}
