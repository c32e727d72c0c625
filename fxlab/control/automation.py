"""`Automation`: a value that follows a line through given points."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from fxlab.engine.torch_support.known_values import any_true
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.errors import ParameterError
from fxlab.module.parameters.array import ArrayParam
from fxlab.module.parameters.control import Control, hop_count, interpolate
from fxlab.module.parameters.discrete import Choice


class Automation(Control):
    """A value that follows a line through points in time: `Automation(times=[0, 1, 2], values=[200, 4000, 200])`.

    The line is straight on the scale of the parameter; with `interpolation="hold"` each value is instead kept until the
    next point. Before the first point and after the last point the value is constant. Two points at the same time are a
    jump.

    Raises:
        ParameterError: A time is negative, less than the time before it, or not finite; the numbers of times and values
            differ; or a value is not valid for the parameter.

    >>> Automation(times=[0.0, 2.0], values=[0.0, 1.0]).evaluate(torch.arange(4), sample_rate=1)
    tensor([0.0000, 0.5000, 1.0000, 1.0000], dtype=torch.float64)
    """

    value_parameters = ("points",)
    jumping_choices = ("interpolation", ("hold",))

    times = ArrayParam([0.0, 1.0], shape=("points",), unit="s", doc="Times of the points, in order.")
    points = ArrayParam(
        [0.0, 1.0],
        shape=("points",),
        keyword="values",
        doc="Values at these times, in the unit of the parameter that it moves.",
    )
    interpolation = Choice("line", ("line", "hold"), doc="Move along a line, or hold each value until the next point.")
    hop = hop_count()

    def __init__(self, *args: Any, sample_rate: float | None = None, **kwargs: Any) -> None:
        super().__init__(*args, sample_rate=sample_rate, **kwargs)
        self.check_points()

    def check_points(self) -> None:
        """Check the times against each other and against the values.

        Raises:
            ParameterError: A time is negative or less than the time before it, or the numbers of times and values
                differ.
        """
        times, values = (self.values()[name].detach() for name in ("times", "points"))
        if times.shape[-1] != values.shape[-1]:
            raise ParameterError(
                f"Automation: there are {times.shape[-1]} times and {values.shape[-1]} values; give one value for each "
                "time."
            )
        if any_true(times < 0):
            raise ParameterError(
                f"Automation: a time is {times.min():g} s; times must be 0 s or later. Move the points to the right."
            )
        backwards = torch.diff(times, dim=-1) < 0
        if any_true(backwards):
            before, after = times[..., :-1][backwards][0], times[..., 1:][backwards][0]
            raise ParameterError(
                f"Automation: the time {after:g} s follows {before:g} s; times must be in ascending order. Sort the "
                "points by time."
            )

    @property
    def jumps(self) -> bool:
        """Whether the value jumps: true with `interpolation="hold"`, or if two points have the same time."""
        times = self.values()["times"].detach()
        return self.interpolation == "hold" or any_true(torch.diff(times, dim=-1) == 0)

    def curve(self, samples: Tensor, sample_rate: float, scale: str) -> Tensor:
        """Return the values at the positions `samples`; see `Control.curve`."""
        self.check_points()
        times, values = self.times.squeeze(-2), self.points.squeeze(-2)
        seconds = (samples / sample_rate).to(times)
        batch = broadcast_shapes(times.shape[:-1], values.shape[:-1])
        times, values = times.expand(*batch, times.shape[-1]), values.expand(*batch, values.shape[-1])
        positions = seconds.expand(*batch, seconds.shape[-1]).contiguous()
        after = torch.searchsorted(times.detach().contiguous(), positions, right=True)
        last = times.shape[-1] - 1
        left, right = (after - 1).clamp(min=0), after.clamp(max=last)
        before: Tensor = values.gather(-1, left)
        if self.interpolation == "hold":
            return before
        from_time, to_time = times.gather(-1, left), times.gather(-1, right)
        span = to_time - from_time
        share = torch.where(span > 0, (positions - from_time) / torch.where(span > 0, span, 1.0), 0.0)
        return interpolate(before, values.gather(-1, right), share, scale)

    def limits(self) -> tuple[Tensor, Tensor]:
        """Return the lowest and the highest value of the points, `(batch…)` each."""
        points = self.values()["points"]
        return points.amin(-1), points.amax(-1)
