"""`ButterworthBank`: the base class of banks of Butterworth band-passes."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from fxlab.filters.banks.bank import Bank
from fxlab.filters.classical.bilinear import sections
from fxlab.filters.classical.prototype import butterworth
from fxlab.module.lti.sum_zeros import Branch


class ButterworthBank(Bank):
    """The base class of banks of Butterworth band-passes; a subclass defines the band edges in `layout`."""

    order: Any

    def design(self, sample_rate: float) -> Tensor:
        """Return the sections of a Butterworth band-pass for each band, `(..., bands, sections, 6)`."""
        edges = self.layout(sample_rate)
        return sections(butterworth(self.order), "bandpass", edges[..., 0], edges[..., 2], sample_rate)

    def _shared_zeros(self, rate: float) -> Tensor:
        # Every band has `order` zeros at 0 Hz and `order` zeros at half the sample rate. They are set exactly, because
        # a numerical root finder would be inaccurate for multiple roots.
        ones = torch.ones(self.order, dtype=torch.complex128, device=self._device())
        return torch.cat([ones, -ones])

    def _branches_by_example(self, rate: float) -> tuple[torch.Size, list[tuple[list[Branch], Tensor]]]:
        batch, examples = super()._branches_by_example(rate)
        only_poles = torch.tensor([1.0, 0.0, 0.0, 1.0, 1.0, 1.0], dtype=torch.float64, device=self._device())
        return batch, [([(weight, sos * only_poles) for weight, sos in bands], poles) for bands, poles in examples]
