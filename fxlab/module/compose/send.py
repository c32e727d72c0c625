"""`Send`: the sum of the input and of parallel buses, each at its own level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from fxlab.errors import ParameterError
from fxlab.module.compose.branch_list import BranchList
from fxlab.module.compose.parallel import Branches
from fxlab.module.module import Module
from fxlab.module.parameters.array import ArrayParam
from fxlab.module.parameters.discrete import Switch
from fxlab.module.wrap import wrap
from fxlab.signal.samples import is_number


class Send(BranchList):
    """The input plus parallel buses: `Send(reverb, delay, levels_db=[-12, -18])` adds both outputs to the input.

    Each bus processes the same input, and its output is added at its level. The modules on a bus are usually fully wet,
    such as `fx.Reverb(mix=1.0)`. A `Send` has a response, and the methods of an `LTI`, while all its buses have one.

    Args:
        buses: Modules, or anything callable on a tensor.
        levels_db: The level of each bus in dB, or one for all; by default −12 dB.
        dry: Whether the input itself is part of the output; by default it is.
        align: Whether the input and the buses with less latency are delayed to the latency of the others.
        sample_rate: The sample rate in Hz for calls without one.

    Shape:
        Input and output: `(time,)` or `(..., channels, time)`.

    Raises:
        ParameterError: There is no bus, a bus is neither a module nor callable, or the number of levels is neither 1
            nor that of the buses; or in a call with `align=True`, latencies differ by a number of samples that is not
            whole.
        SignalError: In a call: the outputs of the branches have different sample rates, or different lengths without
            their tails.

    >>> from fxlab.filters import LowPass
    >>> send = Send(LowPass(cutoff=200.0), levels_db=-6.0)
    >>> send
    Send(LowPass(cutoff=200.0), levels_db=[-6.0])
    >>> round(send.response([0.0], sample_rate=48_000).abs().item(), 3)
    1.501
    """

    levels_db = ArrayParam(
        [-12.0],
        shape=("buses",),
        unit="dB",
        low=-60.0,
        high=12.0,
        role="gain",
        labels=lambda send, _: [type(bus).__name__ for bus in send],
        doc="Level of each bus, or one for all.",
    )
    dry = Switch(True, doc="Whether the input itself is part of the output.")
    align = Switch(False, doc="Whether branches with less latency are delayed to the latency of the others.")

    def __init__(self, *buses: Any, sample_rate: float | None = None, **kwargs: Any) -> None:
        if is_number(kwargs.get("levels_db")):
            kwargs["levels_db"] = [kwargs["levels_db"]]
        super().__init__(sample_rate=sample_rate, **kwargs)
        if not buses:
            raise ParameterError("Send needs at least one bus: Send(fx.Reverb(mix=1.0)).")
        for index, bus in enumerate(buses):
            self.add_module(str(index), bus if isinstance(bus, Module) else wrap(bus))
        self._weights(self.values()["levels_db"])

    def _weights(self, levels_db: Tensor) -> list[Tensor]:
        """Return the gain of each bus as a factor, with the batch dimensions of the levels.

        Raises:
            ParameterError: The number of levels is neither 1 nor that of the buses.
        """
        count = levels_db.shape[-1]
        if count not in (1, len(self)):
            buses = "1 bus" if len(self) == 1 else f"{len(self)} buses"
            raise ParameterError(
                f"Send: levels_db has {count} values for {buses}; give one level for each bus, or one for all."
            )
        return [10 ** (levels_db[..., min(index, count - 1)] / 20) for index in range(len(self))]

    def _branches(self) -> Branches:
        direct: Branches = [(1.0, None)] if self.dry else []
        return [*direct, *zip(self._weights(self.values()["levels_db"]), self, strict=True)]

    def _combine(self, outputs: Sequence[Tensor]) -> Tensor:
        wet = outputs[1:] if self.dry else outputs
        total: Tensor = outputs[0] if self.dry else torch.zeros_like(outputs[0])
        for weight, output in zip(self._weights(self.levels_db), wet, strict=True):
            total = total + weight.to(output.dtype)[..., None] * output
        return total

    def _arguments(self) -> list[str]:
        return [*map(repr, self), *super()._arguments()]
