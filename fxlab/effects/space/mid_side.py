"""`MidSide`: the middle and the sides of a stereo sound, each processed by a module of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from fxlab.effects.common.channels import has_no_channels
from fxlab.module import Chain, Module, Param, StatefulModule, Switch, wrap
from fxlab.module.compose.parallel import Branches, Parallel
from fxlab.module.serialization import Build, set_parts


class _Middle(StatefulModule):
    """The mean of all channels; silence if there are none."""

    _is_describable = False

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, None]:
        """Return the mean of all channels of the block; there is no state."""
        if has_no_channels(x):
            return x.sum(-2, keepdim=True), None  # the mean would be NaN
        return (x.mean(-2, keepdim=True) if x.ndim > 1 else x.clone()), None

    def settled_state(self, x: Tensor, sample_rate: float) -> None:
        """Return None, as there is no state; see `StatefulModule.settled_state`."""


class _Sides(StatefulModule):
    """The difference of each channel from the mean of all channels."""

    _is_describable = False

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, None]:
        """Return the block minus the mean of all channels; there is no state."""
        return x - (x.mean(-2, keepdim=True) if x.ndim > 1 else x), None

    def settled_state(self, x: Tensor, sample_rate: float) -> None:
        """Return None, as there is no state; see `StatefulModule.settled_state`."""


MIDDLE, SIDES = _Middle(), _Sides()


class MidSide(Parallel):
    """The sum of the middle and the sides of a stereo sound, each processed by a module and a gain of its own.

    The middle is the mean of all channels, a mono sound. The sides are the differences of the channels from this mean:
    for a stereo sound `(left − right) / 2` on the left and `(right − left) / 2` on the right. Without modules and with
    gains of 0 dB the sound is unchanged. The sides of a mono sound are silence.

    Args:
        mid: A module for the middle, or anything callable on a tensor; None for no module.
        side: A module for the sides, or anything callable on a tensor; None for no module. For example,
            `MidSide(side=fx.HighPass(150.0))` makes the bass mono.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `mid` or `side` is neither a module nor callable on a tensor; or in a call, `align` is True and
            the latencies differ by a number of samples that is not whole.
        SignalError: In a call, the outputs of the two parts have different sample rates or numbers of samples.

    Source:
        A. D. Blumlein, British patent 394325, 1931: the sum and the difference of two channels, whose ratio sets the
        width of the stereo image.

    >>> import torch
    >>> from fxlab.effects.level.gain import Gain
    >>> MidSide(side=Gain(-200.0))(torch.tensor([[1.0], [0.0]]), sample_rate=48_000)
    tensor([[0.5000],
            [0.5000]])
    """

    mid_gain_db = Param(0.0, low=-24.0, high=24.0, unit="dB", doc="Gain of the middle.")
    side_gain_db = Param(0.0, low=-24.0, high=24.0, unit="dB", doc="Gain of the sides.")
    align = Switch(False, doc="Whether the part with less latency is delayed, so that both are in step.")

    def __init__(
        self, mid: Any = None, side: Any = None, *args: Any, sample_rate: float | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, sample_rate=sample_rate, **kwargs)
        self.mid: Module | None = mid if mid is None or isinstance(mid, Module) else wrap(mid)
        self.side: Module | None = side if side is None or isinstance(side, Module) else wrap(side)

    def _branches(self) -> Branches:
        values = self.values()
        mid = MIDDLE if self.mid is None else Chain(MIDDLE, self.mid)
        side = SIDES if self.side is None else Chain(SIDES, self.side)
        return [(10 ** (values["mid_gain_db"] / 20), mid), (10 ** (values["side_gain_db"] / 20), side)]

    def _combine(self, outputs: Sequence[Tensor]) -> Tensor:
        mid, side = outputs
        mid_gain: Tensor = 10 ** (self.mid_gain_db / 20).to(mid.dtype)
        side_gain: Tensor = 10 ** (self.side_gain_db / 20).to(side.dtype)
        return mid_gain * mid + side_gain * side

    # -- text and dictionary ------------------------------------------------------------------------------------

    def _arguments(self) -> list[str]:
        parts = [f"{name}={getattr(self, name)!r}" for name in ("mid", "side") if getattr(self, name) is not None]
        return [*parts, *super()._arguments()]

    @classmethod
    def _rebuild(cls, description: dict[str, Any], build: Build) -> Module:
        own = {name: value for name, value in description.items() if name != "parts"}
        module = super()._rebuild(own, build)
        set_parts(module, description, build, ("mid", "side"))
        return module
