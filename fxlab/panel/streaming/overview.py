"""`Overview`: the minimum and maximum of each part of a sound that is too long to be sent completely."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from fxlab.signal.min_max import min_max_parts

BINS = 1200  # equal to the number of columns that the page draws
STEP_SECONDS = 10.0  # seconds of sound that one call of `advance` reads at most
STEP_TIME = 0.02  # seconds that one call should take, so that a new request need not wait


class Overview:
    """The minimum and maximum in each of 1200 equal parts of a sound, over all channels, computed step by step.

    Call `advance` until the overview is `finished`. Then `low` and `high`, each of shape `(1200,)`, are complete if
    `is_valid` is true.

    Args:
        frames: The length of the sound, in frames.
        rate: The sample rate, in Hz.
        read: Returns frames `start` to `start + count` of the sound, of shape `(channels, time)`, or None where they
            are not available.

    >>> x = torch.linspace(-1, 1, 2400)[None]
    >>> overview = Overview(2400, 1000.0, lambda start, count: x[:, start : start + count])
    >>> while not overview.finished:
    ...     overview.advance()
    >>> bool(overview.low[0] == -1), bool(overview.high[-1] == 1)
    (True, True)
    """

    def __init__(self, frames: int, rate: float, read: Callable[[int, int], Tensor | None]) -> None:
        self.frames, self.rate, self._read = frames, rate, read
        self.low, self.high = torch.zeros(BINS), torch.zeros(BINS)
        self.is_valid = True
        """Whether `low` and `high` can be used; False if a part was not available."""
        self._bin = 0
        self._max_bins = max(1, int(STEP_SECONDS * rate * BINS / frames))
        self._bins_per_step = max(1, self._max_bins // 8)

    @property
    def finished(self) -> bool:
        """Whether the complete sound has been read, or a part was not available."""
        return self._bin == BINS

    def advance(self) -> None:
        """Read the next part of the sound."""
        began = time.perf_counter()
        stop = min(BINS, self._bin + self._bins_per_step)
        start = self._bin * self.frames // BINS
        x = self._read(start, stop * self.frames // BINS - start)
        if x is None:
            self.is_valid, stop = False, BINS
        else:
            starts = np.arange(self._bin, stop) * self.frames // BINS - start
            low, high = min_max_parts(x.detach().to("cpu", torch.float32).numpy(), starts)
            self.low[self._bin : stop] = torch.from_numpy(low.min(0))
            self.high[self._bin : stop] = torch.from_numpy(high.max(0))
        self._bin = stop
        # A filter that moves takes several times as long as one that does not.
        factor = STEP_TIME / max(time.perf_counter() - began, 1e-6)
        self._bins_per_step = max(1, min(self._max_bins, int(self._bins_per_step * min(factor, 2.0))))
