"""`PeakTurns`: the factors of a phase vocoder, computed only at the peaks of each spectrum."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fxlab.effects.pitch.nearest_peaks import peaks_and_counts
from fxlab.effects.pitch.unit import unit


class PeakTurns:
    """The factors of magnitude 1 by which a phase vocoder rotates the bins of successive frames.

    All bins around a peak have the factor of the peak, so only the factors of peaks are computed. The factor of a peak
    is that of the same bin in the frame before, rotated such that the phase of the bin advances as in the input; see
    `stretch`. The last frame is stored between calls.
    """

    def __init__(self) -> None:
        self._spectrum: NDArray[Any] | None = None  # of the last frame, `(rows * bins,)`
        self._factors: NDArray[Any] | None = None

    def next_factors(self, spectra: Tensor, earlier: Tensor) -> Tensor:
        """Return the factors of the next frames; those of the first frame of the first call are 1.

        Shape:
            spectra, earlier: `(frames, rows, bins)`, complex, contiguous, on the CPU. `spectra` are those of the
            frames, and `earlier` those of the parts of the input that begin one hop of the output before each frame;
            see `stretch`. The result has the same shape.
        """
        frames, rows, bins = spectra.shape
        width = rows * bins
        values = spectra.numpy().reshape(-1)
        power = torch.view_as_real(spectra).square()
        places, counts = peaks_and_counts((power[..., 0] + power[..., 1]).numpy().reshape(-1, bins))
        stops = np.searchsorted(places, np.arange(1, frames + 1) * width)
        first, before = stops[0], places - width
        steps = np.conj(earlier.numpy().reshape(-1)[places])
        steps[first:] *= values[before[first:]]
        steps[:first] = 1 if self._spectrum is None else steps[:first] * self._spectrum[places[:first]]
        turns = unit(torch.from_numpy(steps)).numpy()
        peak_of_bin = np.repeat(np.arange(len(places)), counts)
        if self._factors is not None:
            turns[:first] *= self._factors[places[:first]]
        parents = peak_of_bin[before[first:]]
        for start, stop in zip(stops[:-1].tolist(), stops[1:].tolist(), strict=True):
            turns[start:stop] *= turns[parents[start - first : stop - first]]
        factors = turns[peak_of_bin]
        self._spectrum, self._factors = values[-width:].copy(), factors[-width:].copy()
        return torch.from_numpy(factors).view(frames, rows, bins)
