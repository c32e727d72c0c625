"""`SpacedBank`: banks of bands whose edges lie evenly on an axis of frequency."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import torch
from torch import Tensor

from fxlab.filters.banks.butterworth_bank import ButterworthBank
from fxlab.filters.common.ordering import check_ordered


class SpacedBank(ButterworthBank):
    """What banks of Butterworth bands between `low` and `high` share: a subclass says how its axis goes."""

    low: Any
    high: Any
    bands: Any

    def _count(self, rate: float) -> int:
        number: int = self.bands
        return number

    @abstractmethod
    def _marks(self, places: Tensor) -> Tensor:
        """Frequencies in Hz at `places` in bands from the lowest edge."""

    def layout(self, sample_rate: float) -> Tensor:
        """See `Bank`."""
        places = torch.arange(2 * self.bands + 1, dtype=torch.float64, device=self.low.device) / 2
        marks = self._marks(places)
        return torch.stack([marks[..., :-2:2], marks[..., 1:-1:2], marks[..., 2::2]], -1)

    def check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` where a value is not valid, or not at this sample rate, or not beside another."""
        super().check(sample_rate)
        check_ordered(self, "low", "high", "low must lie below high")
