"""`Ramp`: a value that moves once from one number to another."""

from __future__ import annotations

from torch import Tensor

from fxlab.module.parameters.control import Control, hop_count, interpolate, ordered_limits
from fxlab.module.parameters.param import Param


class Ramp(Control):
    """A value that moves from `start` to `end` in `duration` seconds, after `delay` seconds, and then stays there.

    It moves along a line on the scale of the parameter: a cutoff moves by a constant number of octaves per second.

    Raises:
        ParameterError: `duration` is not above 0, `delay` is negative, or a value is not valid for the parameter.

    >>> import torch
    >>> Ramp(start=0.0, end=1.0, duration=2.0).evaluate(torch.arange(4), sample_rate=1)
    tensor([0.0000, 0.5000, 1.0000, 1.0000], dtype=torch.float64)
    """

    value_parameters = ("start", "end")

    start = Param(0.0, low=0.0, high=1.0, doc="Initial value, in the unit of the parameter that it moves.")
    end = Param(1.0, low=0.0, high=1.0, doc="Final value, in the unit of the parameter that it moves.")
    duration = Param(1.0, low=0.01, high=10.0, scale="log", unit="s", doc="Duration of the movement.")
    delay = Param(0.0, low=0.0, high=10.0, at_least=0.0, unit="s", doc="Time before the movement begins.")
    hop = hop_count()

    def curve(self, samples: Tensor, sample_rate: float, scale: str) -> Tensor:
        """Return the values at the positions `samples`; see `Control.curve`."""
        seconds = samples.to(self.duration.device) / sample_rate - self.delay
        return interpolate(self.start, self.end, (seconds / self.duration).clamp(0.0, 1.0), scale)

    def limits(self) -> tuple[Tensor, Tensor]:
        """Return the minimum and the maximum of `start` and `end`, `(batch…)` each."""
        return ordered_limits(self, "start", "end")
