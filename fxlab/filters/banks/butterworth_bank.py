"""`ButterworthBank`: banks of Butterworth band-passes."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from fxlab.filters.banks.bank import Bank
from fxlab.filters.classical.bilinear import sections
from fxlab.filters.classical.prototype import butterworth
from fxlab.module.lti.sum_zeros import Branch


class ButterworthBank(Bank):
    """What banks of Butterworth bands share: a subclass says where each begins, has its middle and ends."""

    order: Any

    def design(self, sample_rate: float) -> Tensor:
        """A Butterworth band-pass for each band, `(..., bands, sections, 6)`."""
        corners = self.layout(sample_rate)
        return sections(butterworth(self.order), "bandpass", corners[..., 0], corners[..., 2], sample_rate)

    def _shared_zeros(self, rate: float) -> Tensor:
        # Every band has as many at 0 Hz and at half the sample rate; found by numbers they would lie beside.
        ones = torch.ones(self.order, dtype=torch.complex128, device=self._device())
        return torch.cat([ones, -ones])

    def _branches_by_example(self, rate: float) -> tuple[torch.Size, list[tuple[list[Branch], Tensor]]]:
        batch, examples = super()._branches_by_example(rate)
        only_poles = torch.tensor([1.0, 0.0, 0.0, 1.0, 1.0, 1.0], dtype=torch.float64, device=self._device())
        return batch, [([(w, rows * only_poles) for w, rows in bands], poles) for bands, poles in examples]
