"""`SearchSpace`: the coordinates in which `fit` optimizes, the positions of the parameters' sliders."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor
from torch.quasirandom import SobolEngine

from fxlab.errors import ParameterError
from fxlab.module import Module
from fxlab.module.parameters.array import ArrayParam
from fxlab.module.parameters.continuous import Continuous
from fxlab.module.parameters.learnable import LearnableParameter, learnable_parameters, learned_parameters
from fxlab.module.parameters.observers import notify_changed


class Interval(NamedTuple):
    """The range of one parameter, on a logarithmic scale if `is_log`; the limits are infinite if there are none."""

    low: float
    high: float
    is_log: bool

    def to_position(self, value: Tensor) -> Tensor:
        """Return the position of a value, 0 for `low` and 1 for `high`; without limits, the value itself."""
        if not math.isfinite(self.high):
            return value
        if self.is_log:
            return (value / self.low).log() / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def to_value(self, position: Tensor) -> Tensor:
        """Return the value at a position; without limits, the position itself.

        Positions below 0 or above 1 are reflected at 0 and 1, so that values stay inside the limits.
        """
        if not math.isfinite(self.high):
            return position
        inside = 1 - (position.remainder(2.0) - 1).abs()
        if self.is_log:
            return self.low * (math.log(self.high / self.low) * inside).exp()
        return self.low + (self.high - self.low) * inside


def slider_interval(declaration: Continuous, values: Tensor, sample_rate: float) -> Interval:
    """Return the range of the slider of a parameter in its unit, extended so that it includes `values`.

    The lower end of a logarithmic range is not extended if a value is 0 or below.
    """
    low, high = declaration.span(sample_rate)
    is_log = declaration.scale == "log"
    if not (is_log and float(values.min()) <= 0):  # a logarithmic scale has no zero: such a value begins at `low`
        low = min(low, float(values.min()))
    return Interval(low, max(high, float(values.max())), is_log)


class SearchSpace:
    """The learned parameters of a module and the positions of their values, from 0 to 1 on their sliders.

    A value may move within the range of its slider, at most 0.49 of the sample rate for a frequency. If the initial
    value is outside, the range is extended to it; see `slider_interval`. Arrays without sliders have no limits: their
    positions are their values.

    Args:
        module: A module with learned parameters.
        sample_rate: In Hz; it limits the ranges of frequencies.

    Raises:
        ParameterError: No parameter is learned, or a learned parameter is complex.
    """

    def __init__(self, module: Module, sample_rate: float) -> None:
        parameters = learned_parameters(module)
        if not parameters:
            names = ", ".join(path for path, _, _ in learnable_parameters(module)[:8])
            advice = f"call module.learn(), or learn some of {names}" if names else "it has no continuous parameter"
            raise ParameterError(f"fit: {type(module).__name__} has no learnable parameter; {advice}.")
        # Modules may share a parameter; it has one position, under its first path.
        self.shared: dict[str, str] = {}
        first: dict[int, str] = {}
        for path, owner, declaration in parameters:
            self.shared[path] = first.setdefault(id(declaration.stored(owner)), path)
        parameters = [p for p in parameters if self.shared[p[0]] == p[0]]
        self.parameters: dict[str, LearnableParameter] = {p[0]: p for p in parameters}
        self.intervals = {p[0]: _interval(p, sample_rate) for p in parameters}

    def first_positions(self, starts: int, seed: int) -> dict[str, Tensor]:
        """Return the positions of the current values and, for further starts, of values spread over the ranges.

        For several starts, the positions of each parameter have a leading dimension, `(starts, …)`.

        Raises:
            ParameterError: `starts` is above 1, and a parameter has a value for each example or channel.
        """
        present = {path: self._present(path) for path in self.parameters}
        if starts == 1:
            return present
        for path, (_, owner, declaration) in self.parameters.items():
            own = owner.ranks.get(declaration.name, 0)
            if present[path].ndim > own:
                raise ParameterError(
                    f"fit: {path} has one value for each example or channel, and starts={starts} needs one value for "
                    "all of them; use starts=1."
                )
        sizes = {path: value.numel() for path, value in present.items()}
        places = torch.split(_spread_points(starts - 1, sum(sizes.values()), seed), list(sizes.values()), -1)
        return {
            path: torch.cat([value[None], self._spread(path, place, value)])
            for (path, value), place in zip(present.items(), places, strict=True)
        }

    def values(self, positions: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the values at the positions, both by path.

        A parameter that several modules share has its position under one path, and its value under all its paths.
        """
        found = {path: self.intervals[path].to_value(place) for path, place in positions.items()}
        return {path: found[first] for path, first in self.shared.items()}

    def assign(self, values: Mapping[str, Tensor]) -> None:
        """Write values, by path, into the `nn.Parameter`s of the module, and notify the observers of their owners."""
        for path in self.parameters:
            value, (_, owner, declaration) = values[path], self.parameters[path]
            with torch.no_grad():
                declaration.stored(owner).copy_(value)
            notify_changed(owner)

    def _present(self, path: str) -> Tensor:
        _, owner, declaration = self.parameters[path]
        value = declaration.stored(owner).detach()
        interval = self.intervals[path]
        if math.isfinite(interval.low):
            value = value.clamp(min=interval.low)
        position = interval.to_position(value.to(torch.float64))
        # At the reflection itself the gradient is 0.
        return position.clamp(max=1 - 1e-9) if math.isfinite(interval.high) else position

    def _spread(self, path: str, place: Tensor, present: Tensor) -> Tensor:
        """Return the positions, `(starts - 1, …)`, for numbers `place` from 0 to 1, `(starts - 1, numel)`.

        The positions are from 0.05 to 0.95 in the range, or at most 1 away from `present` if there is no range.
        """
        place = place.reshape(-1, *present.shape).to(present)
        if math.isfinite(self.intervals[path].high):
            return 0.05 + 0.9 * place  # away from the ends, where gradients may vanish
        return present + (2 * place - 1)


def _spread_points(count: int, dimensions: int, seed: int) -> Tensor:
    """Return points in the unit cube, `(count, dimensions)`: a Sobol sequence, or random points in many dimensions."""
    if dimensions <= SobolEngine.MAXDIM:
        engine = SobolEngine(dimensions, scramble=True, seed=seed)  # type: ignore[no-untyped-call]
        return engine.draw(count, dtype=torch.float64)
    return torch.rand(count, dimensions, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def _interval(parameter: LearnableParameter, sample_rate: float) -> Interval:
    path, owner, declaration = parameter
    value = declaration.stored(owner).detach()
    if value.is_complex():
        raise ParameterError(f"fit: {path} is complex, which fit cannot optimize; use an optimizer of torch.optim.")
    if isinstance(declaration, ArrayParam) and not declaration.has_sliders:
        return Interval(-math.inf, math.inf, is_log=False)
    return slider_interval(declaration, value, sample_rate)
