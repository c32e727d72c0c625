"""`Mix`: a blend of the output of a module with its input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from fxlab.module.compose.parallel import Branches, Parallel
from fxlab.module.module import Module
from fxlab.module.parameters.discrete import Switch
from fxlab.module.parameters.param import Param
from fxlab.module.wrap import wrap


class Mix(Parallel):
    """A blend of a module's output `wet` with its input `dry`: `(1 - mix) * dry + mix * wet`.

    It has a response, and the methods of an `LTI`, while the module has one. If the module delays its input, as filters
    with linear phase do, the blend with the undelayed input can have notches like a comb filter; `align=True` delays
    the input by the latency of the module.

    Args:
        module: A module, or anything callable on a tensor.
        sample_rate: The sample rate in Hz for calls without one.

    Shape:
        Input and output: `(time,)` or `(..., channels, time)`.

    Raises:
        ParameterError: `module` is not callable on a tensor; or in a call, `align` is True and the latency is not a
            whole number of samples.
        SignalError: In a call: the output of the module has a different sample rate from its input, or its length is
            not that of the input plus the module's tail.

    >>> from fxlab.filters import LowPass
    >>> half = Mix(LowPass(cutoff=100.0), mix=0.5)
    >>> half
    Mix(LowPass(cutoff=100.0), mix=0.5)
    >>> round(half.response([20_000.0], sample_rate=48_000).abs().item(), 3)
    0.5
    """

    mix = Param(1.0, low=0.0, high=1.0, role="mix", doc="Share of the processed signal: 0 is dry, 1 is wet.")
    align = Switch(False, doc="Whether the input is delayed by the latency of the module.")

    def __init__(self, module: Any, *args: Any, sample_rate: float | None = None, **kwargs: Any) -> None:
        super().__init__(*args, sample_rate=sample_rate, **kwargs)
        self.module: Module = module if isinstance(module, Module) else wrap(module)

    def _branches(self) -> Branches:
        share = self.values()["mix"]
        return [(1.0 - share, None), (share, self.module)]

    def _combine(self, outputs: Sequence[Tensor]) -> Tensor:
        dry, wet = outputs
        # In this form, and not as `dry + mix * (wet - dry)`, a mix of 0 or 1 returns the dry or the wet signal exactly.
        blended: Tensor = (1 - self.mix) * dry + self.mix * wet
        return blended

    def _arguments(self) -> list[str]:
        return [repr(self.module), *super()._arguments()]
