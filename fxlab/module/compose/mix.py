"""`Mix`: a module blended with its own input."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from fxlab.module.compose.parallel import Parallel
from fxlab.module.module import Module
from fxlab.module.parameters.param import Param
from fxlab.module.wrap import wrap


class Mix(Parallel):
    """Blend a module's output with its input: `(1 - mix) * dry + mix * wet`.

    Shape:
        `(time,)` or `(..., channels, time)`.

    >>> from fxlab.filters import LowPass
    >>> half = Mix(LowPass(cutoff=100.0), mix=0.5)
    >>> half
    Mix(LowPass(cutoff=100.0), mix=0.5)
    >>> round(half.response([20_000.0], sample_rate=48_000).abs().item(), 3)
    0.5
    """

    mix = Param(1.0, low=0.0, high=1.0, role="mix", doc="Share of the processed sound: 0 is dry, 1 is wet.")

    def __init__(self, module: Any, *args: Any, sample_rate: float | None = None, **kwargs: Any) -> None:
        super().__init__(*args, sample_rate=sample_rate, **kwargs)
        self.module: Module = module if isinstance(module, Module) else wrap(module)

    def _branches(self) -> list[tuple[Tensor | float, Module | None]]:
        share = self.values()["mix"]
        return [(1.0 - share, None), (share, self.module)]

    def forward(self, x: Tensor, sample_rate: float) -> Tensor:
        """Blend."""
        return self._blend(*self._same_length(x, self.module(x, sample_rate=sample_rate)))

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Blend the next block."""
        heard, state = self._advance_branches(x, state, sample_rate)
        return self._blend(*heard), state

    def flush_block(self, state: Any, sample_rate: float) -> Tensor | None:
        """Blend what is left of the two."""
        heard = self._drain_branches(state, sample_rate)
        return None if heard is None else self._blend(*heard)

    def _blend(self, dry: Tensor, wet: Tensor) -> Tensor:
        # In this form, and not `dry + mix * (wet - dry)`, a mix of 0 or 1 is one of the two to the last digit.
        blended: Tensor = (1 - self.mix) * dry + self.mix * wet
        return blended

    def _arguments(self) -> list[str]:
        return [repr(self.module), *super()._arguments()]
