"""`SpacedBank`: the base class of banks whose bands are evenly spaced on a frequency axis."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import torch
from torch import Tensor

from fxlab.filters.banks.butterworth_bank import ButterworthBank
from fxlab.filters.common.ordering import check_ordered


class SpacedBank(ButterworthBank):
    """The base class of banks of `bands` adjacent Butterworth band-passes, evenly spaced on a frequency axis.

    A subclass declares `low`, `high`, `bands`, `order` and `gains_db`, and defines the axis with `_frequencies_at`.
    """

    low: Any
    high: Any
    bands: Any

    def _count(self, rate: float) -> int:
        number: int = self.bands
        return number

    @abstractmethod
    def _frequencies_at(self, positions: Tensor) -> Tensor:
        """Return the frequencies in Hz at `positions`, `(positions,)`: band n extends from position n to n + 1.

        The result has the shape `(..., positions)`.
        """

    def layout(self, sample_rate: float) -> Tensor:
        """Return the lower edge, center and upper edge of each band in Hz, `(..., bands, 3)`."""
        positions = torch.arange(2 * self.bands + 1, dtype=torch.float64, device=self.low.device) / 2
        frequencies = self._frequencies_at(positions)
        return torch.stack([frequencies[..., :-2:2], frequencies[..., 1:-1:2], frequencies[..., 2::2]], -1)

    def _check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` if a value is invalid or `low` is not below `high`."""
        super()._check(sample_rate)
        check_ordered(self, "low", "high", "low must lie below high")
