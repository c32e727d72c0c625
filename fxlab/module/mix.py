"""`Mix`: a module blended with its own input."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from fxlab.module.module import Module
from fxlab.module.param import Param
from fxlab.module.sum import Parallel
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

    def __init__(self, module: Any, mix: Any = 1.0, *, sample_rate: float | None = None) -> None:
        super().__init__(mix, sample_rate=sample_rate)
        self.module: Module = module if isinstance(module, Module) else wrap(module)

    def _branches(self) -> list[tuple[Tensor | float, Module | None]]:
        share = self.values()["mix"]
        return [(1.0 - share, None), (share, self.module)]

    def forward(self, x: Tensor, sample_rate: float) -> Tensor:
        """Blend."""
        wet = self.module(x, sample_rate=sample_rate)
        mixed: Tensor = x + self.mix * (wet - x)
        return mixed

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Blend the next block."""
        wet, state = self.module._advance(x, state, sample_rate)
        return x + self.mix * (wet - x), state

    def __repr__(self) -> str:
        return super().__repr__().replace("Mix(", f"Mix({self.module!r}, ", 1).replace(", )", ")")
