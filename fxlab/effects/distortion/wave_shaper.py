"""`WaveShaper`: a waveshaper with any curve, given as a function or a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from fxlab.effects.distortion.shapes import Shape
from fxlab.effects.distortion.waveshaping import Waveshaping, antialias, oversample
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.errors import ParameterError
from fxlab.module import ArrayParam, Param
from fxlab.module.parameters.control import Control

DEFAULT_TABLE = (-0.964, -0.9051, -0.7616, -0.4621, 0.0, 0.4621, 0.7616, 0.9051, 0.964)


class WaveShaper(Waveshaping):
    """A waveshaper: every sample, amplified by `drive_db`, passes through a given curve, a table or a function.

    A table contains the outputs for inputs that are evenly spaced from −1 to 1. Between these inputs the curve is
    interpolated linearly, and beyond ±1 it is constant. The output is differentiable with respect to the table, so a
    curve can be learned. A function maps a tensor to one of the same shape; it may be a `torch.nn.Module`, whose
    weights then are parameters of the waveshaper. The antiderivative of a function is not known, so `antialias` needs a
    table; `oversample` works for both.

    Args:
        curve: The table, or a function on tensors.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: The table has fewer than two values, `curve` is a control or a class, `antialias` is set for a
            function, or `oversample` is not a whole number from 1 to 8.

    Source:
        M. Le Brun, "Digital waveshaping synthesis", JAES 27(4), 1979.

    >>> WaveShaper([-1.0, 0.0, 0.5])(torch.tensor([[-0.5, 0.5, 3.0]]), sample_rate=48_000)
    tensor([[-0.5000,  0.2500,  0.5000]])
    >>> WaveShaper(torch.sin, drive_db=6.0)(torch.tensor([[0.5]]), sample_rate=48_000).round(decimals=3)
    tensor([[0.8400]])
    """

    table = ArrayParam(
        DEFAULT_TABLE, shape=("values",), least=2, keyword="curve", doc="Outputs for inputs evenly spaced from −1 to 1."
    )
    drive_db = Param(0.0, low=0.0, high=48.0, unit="dB", role="gain", doc="Gain before the curve.")
    oversample = oversample()
    antialias = antialias()

    function: Callable[[Tensor], Tensor] | None
    """The curve as a function; None if it is a table."""

    def __init__(self, *args: Any, sample_rate: float | None = None, **kwargs: Any) -> None:
        given = args[0] if args else kwargs.get("curve")
        function: Callable[[Tensor], Tensor] | None = None
        if isinstance(given, type):
            raise ParameterError(
                f"{self._name()}: curve is the class {given.__name__}; it must be a function on tensors or a table. "
                f"Write {given.__name__}(…)."
            )
        # A control is callable too, but it is not a curve, so it is passed to the table, which raises an error.
        if callable(given) and not isinstance(given, (Tensor, Control)):
            function = given
            args = (DEFAULT_TABLE, *args[1:]) if args else ()
            kwargs = {name: value for name, value in kwargs.items() if name != "curve"}
        super().__init__(*args, sample_rate=sample_rate, **kwargs)
        self.function = function
        self._check_antialias()

    def waveshape(self) -> Shape:
        """Return the curve, with its integral if it is a table."""
        if self.function is not None:
            return Shape(self.function, _no_integral)
        table = self.table
        return Shape(lambda x: _interpolate(table, x), lambda a, b: _integral(table, a, b))

    def _check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` if a value is invalid, or `antialias` is set for a function instead of a table."""
        super()._check(sample_rate)
        self._check_antialias()

    def _check_antialias(self) -> None:
        # The constructor of the base class checks the values before there is a function.
        if getattr(self, "function", None) is not None and self.antialias != "none":
            raise ParameterError(
                f"{self._name()}: antialias is {self.antialias!r}; for a function, whose antiderivative is not known, "
                "it must be 'none'. Give the curve as a table, such as function(torch.linspace(-1, 1, 1025)), or use "
                "oversample instead."
            )

    def _arguments(self) -> list[str]:
        if self.function is None:
            return super()._arguments()
        others = [text for text in super()._arguments() if not text.startswith("curve=")]
        return [getattr(self.function, "__name__", repr(self.function)), *others]

    def _describe(self) -> dict[str, Any]:
        if self.function is not None:
            raise ParameterError(
                f"{self!r} uses a Python function, which a dictionary cannot hold. Give the curve as a table, such as "
                "function(torch.linspace(-1, 1, 1025))."
            )
        return super()._describe()


def _no_integral(a: Tensor, b: Tensor) -> Tensor:
    raise NotImplementedError


def _place(table: Tensor, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return the segment's index for each input, the position in it from 0 to 1, and the excess of the input over ±1.

    The excess is 0 for inputs from −1 to 1.
    """
    last = table.shape[-1] - 1
    position = (x.clamp(-1, 1) + 1) * (last / 2)
    index = position.detach().long().clamp(max=last - 1)
    return index, position - index, x - x.clamp(-1, 1)


def _interpolate(table: Tensor, x: Tensor) -> Tensor:
    """Return the outputs for the inputs `x` by linear interpolation in the table `(..., values)`."""
    index, part, _ = _place(table, x)
    left, right = (_look_up(table.to(x.dtype), index + offset) for offset in (0, 1))
    return left + (right - left) * part


def _integral(table: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """Return the integral of the curve of the table from a to b."""
    dtype, table = a.dtype, table.double()
    a, b = a.double(), b.double()
    (index_a, _, beyond_a), (index_b, _, beyond_b) = _place(table, a), _place(table, b)
    is_straight = (index_a == index_b) & (torch.sign(beyond_a) == torch.sign(beyond_b))
    within = _interpolate(table, (a + b) / 2) * (b - a)
    return torch.where(is_straight, within, _antiderivative(table, b) - _antiderivative(table, a)).to(dtype)


def _antiderivative(table: Tensor, x: Tensor) -> Tensor:
    """Return the integral of the curve of the table from −1 to x."""
    index, part, beyond = _place(table, x)
    sums = torch.cat([torch.zeros_like(table[..., :1]), ((table[..., 1:] + table[..., :-1]) / 2).cumsum(-1)], -1)
    left, right = _look_up(table, index), _look_up(table, index + 1)
    inside = _look_up(sums, index) + left * part + (right - left) * part.square() / 2
    return inside * (2 / (table.shape[-1] - 1)) + torch.where(beyond > 0, right, left) * beyond


def _look_up(values: Tensor, index: Tensor) -> Tensor:
    """Return the values `(..., n)` at the indices `(..., time)`; leading dimensions broadcast."""
    if values.ndim == 1:
        return values[index]
    lead = broadcast_shapes(values.shape[:-1], index.shape[:-1])
    return values.expand(*lead, values.shape[-1]).gather(-1, index.expand(*lead, index.shape[-1]))
