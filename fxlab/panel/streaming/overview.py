"""`Overview`: the lowest and the highest sample of each part of a long sound, of which a page holds only some."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

BINS = 1200  # as many as the page draws
STEP = 10.0  # seconds that are looked at in one go


class Overview:
    """Looks at a sound a stretch at a time, and is `finished` when `low` and `high` hold all of it.

    Args:
        frames: How many there are.
        rate: Frames a second.
        part: Frames `start` to `start + count` of it, `(channels, time)`, or None where they cannot be had.

    >>> x = torch.linspace(-1, 1, 2400)[None]
    >>> overview = Overview(2400, 1000.0, lambda start, count: x[:, start : start + count])
    >>> while not overview.finished:
    ...     overview.advance()
    >>> bool(overview.low[0] == -1), bool(overview.high[-1] == 1)
    (True, True)
    """

    def __init__(self, frames: int, rate: float, part: Callable[[int, int], Tensor | None]) -> None:
        self.frames, self.rate, self._part = frames, rate, part
        self.low, self.high = torch.zeros(BINS), torch.zeros(BINS)
        self.known = True
        """Whether `low` and `high` hold what they say: not where a part could not be had."""
        self._bin = 0
        self._step = max(1, int(STEP * rate * BINS / frames))

    @property
    def finished(self) -> bool:
        """Whether all of it has been looked at."""
        return self._bin == BINS

    def advance(self) -> None:
        """Look at the next stretch."""
        until = min(BINS, self._bin + self._step)
        start = self._bin * self.frames // BINS
        x = self._part(start, until * self.frames // BINS - start)
        if x is None:
            self.known, until = False, BINS
        else:
            for bin_ in range(self._bin, until):
                low, high = (edge * self.frames // BINS - start for edge in (bin_, bin_ + 1))
                self.low[bin_], self.high[bin_] = torch.aminmax(x[:, low:high])
        self._bin = until
