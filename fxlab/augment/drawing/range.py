"""`Range` and `Options`: declarations of the values from which an augmentation draws a parameter."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fxlab.engine.torch_support.tracing import needs_derivative
from fxlab.errors import ParameterError
from fxlab.module.parameters.array import ArrayParam
from fxlab.module.parameters.continuous import Bound, Continuous, Scale
from fxlab.module.parameters.discrete import Choice, Count, Switch
from fxlab.module.parameters.parameter_declaration import ParameterDeclaration
from fxlab.module.parameters.structure_declaration import StructureDeclaration
from fxlab.signal.samples import is_number

if TYPE_CHECKING:
    from fxlab.augment.drawing.random_source import RandomNumbers
    from fxlab.module.parameters.owner import ParameterOwner


class Range(ArrayParam):
    """The declaration of the range `(low, high)` from which an augmentation draws a number.

    On a linear scale the number is uniform, and on a `log` scale its logarithm, so that every octave is equally likely.
    Whole numbers are equally likely on every scale. A single number is a range of one value. The attribute of an
    augmentation is a pair of floats, or of ints if `whole` is True; it is a tensor if the range requires a gradient or
    is on the meta device.

    Args:
        default: The range if none is given.
        of: A declared parameter, a `Param` or a `Count`. The limits of the valid values are those of the parameter;
            so are the scale of a `Param`, and `low`, `high`, `unit` and `doc` if they are not given. For a `Count`,
            `whole` is True, and the drawn numbers and the ends of the range are multiples of its `multiple`.
        low: The lowest value of the two sliders, which set the ends of the range.
        high: The highest value of the two sliders.
        whole: Whether the drawn numbers are whole numbers. The ends of the range must then be whole, and can be drawn.
        unit: See `Param`.
        scale: See `Param`.
        doc: See `Param`.
        above: See `Param`.
        below: See `Param`.
        at_least: See `Param`.
        at_most: See `Param`.

    >>> cutoff = Range((200.0, 4000.0), low=20.0, high=20_000.0, unit="Hz", scale="log", below="nyquist")
    >>> round(cutoff.quantile(torch.tensor([200.0, 3200.0]), torch.tensor(0.5)).item(), 6)
    800.0
    """

    def __init__(
        self,
        default: tuple[float, float],
        of: ParameterDeclaration | None = None,
        *,
        low: float | None = None,
        high: float | None = None,
        unit: str = "",
        scale: Scale = "linear",
        doc: str = "",
        above: float | None = None,
        below: Bound = None,
        at_least: float | None = None,
        at_most: float | None = None,
        whole: bool = False,
    ) -> None:
        self.of, self.whole = of, whole
        self.multiple = of.multiple if isinstance(of, Count) else 1
        if isinstance(of, Continuous):
            low, high = of.low if low is None else low, of.high if high is None else high
            unit, scale, doc = unit or of.unit, of.scale, doc or of.doc
            above, below, at_least, at_most = of.above, of.below, of.at_least, of.at_most
        elif isinstance(of, Count):
            low, high = of.low if low is None else low, of.high if high is None else high
            unit, doc, at_least, at_most, self.whole = unit or of.unit, doc or of.doc, of.at_least, of.at_most, True
        super().__init__(
            default,
            shape=(2,),
            low=low,
            high=high,
            unit=unit,
            scale=scale,
            doc=doc,
            above=above,
            below=below,
            at_least=at_least,
            labels=lambda *_: [f"{self.label} from", f"{self.label} to"],
        )
        self.at_most = at_most
        if self.whole:
            self.default = tuple(map(round, self.default))

    def __get__(self, module: ParameterOwner | None, owner: type | None = None) -> Any:
        if module is None:
            return self
        value = self.stored(module)
        if value.requires_grad or value.is_meta:
            return value
        low, high = value.tolist()
        return (round(low), round(high)) if self.whole else (low, high)

    def validate(self, value: Any, owner: str, sample_rate: float | None = None) -> Tensor:
        """Return a pair or a single number as a tensor of two numbers, or raise a `ParameterError` if it is invalid."""
        if is_number(value):
            value = (value, value)
        tensor = self.tensor(value, owner)
        if tuple(tensor.shape) != (2,):
            raise ParameterError(
                f"{self._full_name(owner)} is {value!r}; it must be a range of two numbers{self._unit_phrase()}, "
                "(lowest, highest), or one number."
            )
        self.check(tensor, owner, sample_rate)
        self._check_order(tensor, owner)
        if not self.has_step(tensor):
            raise ParameterError(
                f"{self._full_name(owner)} is {value!r}; both ends of its range must be {self.step_phrase()}"
                f"{self._unit_phrase()}."
            )
        return tensor

    def has_step(self, values: Tensor) -> bool:
        """Return whether all values are multiples of `multiple`, or the numbers need not be whole."""
        steps = values.double() / self.multiple
        return not self.whole or values.is_meta or torch.equal(steps, steps.round())

    def step_phrase(self) -> str:
        """Return the text `"whole numbers"`, or `"whole multiples of 2"` for a `multiple` of 2."""
        return "whole numbers" if self.multiple == 1 else f"whole multiples of {self.multiple}"

    def allowed(self, sample_rate: float | None = None) -> str:
        """Return the valid range in words; see `Continuous.allowed`."""
        number = "a whole number, " if self.multiple == 1 else f"a whole multiple of {self.multiple}, "
        return (number if self.whole else "") + super().allowed(sample_rate)

    def _check_order(self, limits: Tensor, owner: str) -> None:
        low, high = limits.tolist()
        if not low <= high:
            raise ParameterError(
                f"{self._full_name(owner)} is the range from {self.format(low)} to {self.format(high)}; the first "
                "number must not be larger than the second. Exchange them."
            )

    def source(self, value: Any) -> str:
        """Return the range as Python source: a pair, or one number if both ends are equal; see `ArrayParam.source`."""
        if isinstance(value, Tensor):
            return super().source(value) if value.is_meta or value.requires_grad else repr(tuple(value.tolist()))
        low, high = value if isinstance(value, tuple) else (value, value)
        return repr(low) if low == high else repr((low, high))

    def encode(self, value: Any) -> Any:
        """Return the range as a list of two numbers.

        Raises:
            ParameterError: The range is on the meta device.
        """
        if isinstance(value, Tensor):
            return super().encode(value) if value.is_meta else value.detach().tolist()
        return list(value)

    def quantile(self, limits: Tensor, share: Tensor) -> Tensor:
        """Return the quantiles of the drawn numbers for the fractions `share`, from 0 to 1, in float64.

        `limits` is the range as a tensor of two numbers. Gradients reach `limits` unless the numbers are whole.
        """
        low, high = limits.double().unbind()
        if self.whole:
            steps = torch.floor(share * ((high - low) / self.multiple + 1))
            return (low + self.multiple * steps).clamp(max=high)
        if self.scale == "log":
            return torch.exp(torch.lerp(low.log(), high.log(), share)).clamp(low, high)
        return torch.lerp(low, high, share)

    def draw(self, module: ParameterOwner, numbers: RandomNumbers, units: int) -> Tensor:
        """Return one value for each unit, `(units,)`, in float64 on the CPU.

        Raises:
            ParameterError: The first number of the range is larger than the second, for example after a step of an
                optimizer.
        """
        limits = self.stored(module).cpu()
        self._check_order(limits, type(module).__name__)
        if needs_derivative(limits):
            return self.quantile(limits, numbers.uniform(units))
        low, high = limits.tolist()
        return torch.from_numpy(self._quantile_of_numbers(low, high, numbers.array(units)))

    def _quantile_of_numbers(self, low: float, high: float, share: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the result of `quantile` for the range from `low` to `high`; with NumPy it takes less time."""
        if self.whole:
            steps = np.floor(share * ((high - low) / self.multiple + 1))
            return np.minimum(low + self.multiple * steps, high)
        if self.scale == "log":
            first, last = (math.log(end) if end > 0 else -math.inf for end in (low, high))
            return np.exp(_between(first, last, share)).clip(low, high)
        return _between(low, high, share)


def _between(low: float, high: float, share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return `low + share * (high - low)`, exactly `high` for a share of 1."""
    return np.where(share < 0.5, low + share * (high - low), high - (1 - share) * (high - low))


class Options(StructureDeclaration):
    """The declaration of the options from which an augmentation draws a parameter that is not continuous.

    Args:
        default: The options if none are given.
        of: The declaration of the parameter.

    >>> Options(("lowpass", "highpass"), Choice("lowpass", ["lowpass", "highpass"])).default
    ('lowpass', 'highpass')
    """

    kind = "options"

    def __init__(self, default: tuple[Any, ...], of: Choice | Switch | Count) -> None:
        super().__init__(tuple(default), unit=of.unit, doc=of.doc)
        self.of = of

    def validate(self, value: Any, owner: str, sample_rate: float | None = None) -> tuple[Any, ...]:
        """Return the options as a tuple, or raise a `ParameterError` if there is none or one is not allowed."""
        values = tuple(value) if isinstance(value, (list, tuple)) else (value,)
        if not values:
            raise ParameterError(f"{self._full_name(owner)} is empty; give at least one value: {self.allowed()}.")
        self.of.name = self.of.keyword = self.name
        return tuple(self.of.validate(one, owner) for one in values)

    def allowed(self, sample_rate: float | None = None) -> str:
        """Return the values that an option may have, in words."""
        return self.of.allowed(sample_rate)

    def source(self, value: Any) -> str:
        """Return the options as Python source, a list: a tuple of two counts would be a range."""
        return repr(list(value))

    def encode(self, value: Any) -> Any:
        """Return the options as a list."""
        return list(value)

    def decode(self, value: Any, owner: str) -> Any:
        """Return a list of options as a tuple, and any other value unchanged."""
        return tuple(value) if isinstance(value, list) else value

    def draw(self, module: ParameterOwner, numbers: RandomNumbers, units: int) -> Tensor:
        """Return the index of one option for each unit, `(units,)`, in int64 on the CPU."""
        count = len(getattr(module, self.name))
        return torch.floor(numbers.uniform(units) * count).long().clamp(max=count - 1)
