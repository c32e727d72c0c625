"""`SampleDelay`: a delay by whole samples, for the analysis of branches that are aligned by delays."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.module.compose.chain import Chain
from fxlab.module.lti.finite import Finite
from fxlab.module.module import Module
from fxlab.module.parameters.discrete import Count


class SampleDelay(Finite):
    """A delay by a whole number of samples."""

    _is_describable = False

    samples = Count(1, low=1, high=1000, doc="Delay in samples.")

    def design(self, sample_rate: float) -> Tensor:
        """Return the taps, `(samples + 1,)`: zeros, and a 1 at the end."""
        taps = torch.zeros(self.samples + 1, dtype=torch.float64)
        taps[-1] = 1.0
        return taps


def delayed(module: Module | None, samples: int) -> Module | None:
    """Return `module` followed by a delay of `samples` samples, or `module` itself if `samples` is 0.

    None as the module stands for the unchanged input.
    """
    if not samples:
        return module
    return SampleDelay(samples) if module is None else Chain(module, SampleDelay(samples))
