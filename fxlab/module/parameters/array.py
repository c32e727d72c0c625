"""`ArrayParam`: the declaration of an array that belongs to a module, such as taps, coefficients, sections or roots."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.torch_support.tracing import is_plain_tensor
from fxlab.errors import FxlabError, ParameterError
from fxlab.module.parameters.active_values import active_values
from fxlab.module.parameters.continuous import Bound, Continuous, Scale
from fxlab.module.parameters.parameter_declaration import python_literal

if TYPE_CHECKING:
    from fxlab.module.parameters.owner import ParameterOwner

MAX_REPR_VALUES: ContextVar[int] = ContextVar("fxlab_longest_source", default=64)
"""The size of the largest array that `repr` writes in full; of a larger array it writes only the size."""

MAX_NUMBERS = 8
"""The size of the largest array whose numbers are checked one after the other."""


class ArrayParam(Continuous):
    """The declaration of an array of numbers of a `Module`, which is saved and trained with the module like a `Param`.

    A value is a list, an array or a tensor. Before its own dimensions it may have `(batch,)` or `(batch, channels)`,
    which correspond to the leading dimensions of the input. The attribute is always a tensor; inside `forward` and
    `design` its dtype is float64 (or complex128).

    Args:
        default: The value if none is given.
        shape: The array's own dimensions: a number, or a name if the length varies: `("taps",)`, `("sections", 6)`.
        complex_: Whether the numbers are complex.
        least: The smallest length that a named dimension may have.
        unit: The unit of the numbers.
        doc: One sentence for the API table and the panel.
        keyword: The constructor's keyword, if the attribute cannot have that name: `zeros`, for example, is a method
            of `LTI`.
        below: See `Param`.
        above: See `Param`.
        at_least: See `Param`.
        low: The lowest position of the sliders, one for each number; without `low` and `high` there are no sliders.
        high: The highest position of the sliders.
        scale: The sliders' taper; see `Param`.
        role: See `Param`; for complex numbers in the z plane `"pole"` or `"zero"`.
        labels: A function of the module and the sample rate that returns the names of the sliders.
        places: A function of the module and the sample rate that returns the frequency in Hz at which each number
            acts. The panel's plot has a handle for the number at that frequency.

    Raises:
        ParameterError: The arguments are invalid or contradict each other.

    >>> taps = ArrayParam([0.5, 0.5], shape=("taps",))
    >>> taps.validate([0.25, 0.5, 0.25], "FIR").dtype, taps.default
    (torch.float64, (0.5, 0.5))
    """

    kind = "numbers"
    whole = False
    """Whether the numbers are integers, so that the sliders have integer positions."""
    multiple = 1
    """If the numbers are integers, the integer of which each must be a multiple."""
    why_fixed = "it is an array, and a control is one number over time. Give it constant numbers."

    def __init__(
        self,
        default: Any,
        *,
        shape: tuple[str | int, ...],
        complex_: bool = False,
        least: int = 1,
        unit: str = "",
        doc: str = "",
        keyword: str | None = None,
        below: Bound = None,
        above: float | None = None,
        at_least: float | None = None,
        low: float | None = None,
        high: float | None = None,
        scale: Scale = "linear",
        role: str | None = None,
        labels: Callable[[Any, float], list[str]] | None = None,
        places: Callable[[Any, float], list[float]] | None = None,
    ) -> None:
        self.shape, self.complex_, self.least, self._keyword = shape, complex_, least, keyword
        if (low is None) != (high is None) or (low is not None and (complex_ or len(shape) != 1)):
            raise ParameterError(
                "ArrayParam: sliders need both low and high, and an array of real numbers with one dimension."
            )
        self.has_sliders, self._labels = low is not None, labels
        self.has_places, self._places = places is not None, places
        super().__init__(
            default,
            low=-1.0 if low is None else low,
            high=1.0 if high is None else high,
            unit=unit,
            scale=scale,
            doc=doc,
            below=below,
            above=above,
            at_least=at_least,
            role=role,
        )

    def labels(self, module: ParameterOwner, sample_rate: float) -> list[str]:
        """Return the label of each number of the array, for its slider.

        They are the results of the function `labels` that was given to the declaration, if it returns one for each
        number. Otherwise they are the label of the parameter for a single number, and the label without its last "s",
        followed by 1, 2, …, for several.
        """
        count = self.stored(module).shape[-1]
        named: list[str] = []
        with suppress(FxlabError):  # a value that is not valid at this rate may have no names
            named = self._labels(module, sample_rate) if self._labels is not None else []
        if len(named) == count:
            return named
        singular = self.label.removesuffix("s")
        return [self.label] if count == 1 else [f"{singular} {number + 1}" for number in range(count)]

    def places(self, module: ParameterOwner, sample_rate: float) -> list[float]:
        """Return the frequency in Hz at which each number acts, or an empty list if they are not known for all."""
        found = [] if self._places is None else self._places(module, sample_rate)
        return found if len(found) == self.stored(module).shape[-1] else []

    def keyword_or(self, name: str) -> str:
        """Return the constructor's keyword; see `ParameterDeclaration.keyword_or`."""
        return self._keyword or name

    def as_default(self, value: Any) -> Any:
        """Return the numbers as nested tuples, which are immutable.

        Raises:
            ParameterError: The values are not finite numbers, or do not have the shape of the parameter.
        """
        # `validate` reads these attributes, which the constructor of `Continuous` sets only after this call.
        self.below = self.above = self.at_least = self.at_most = None
        self.keyword, self.unit = "default", ""
        with torch.device("cpu"):
            return _nested_tuples(self.validate(value, "ArrayParam").tolist())

    def store(self, module: ParameterOwner, value: Any) -> None:
        """Check `value` and store it; see `Continuous.store`.

        Raises:
            ParameterError: The value is invalid or a control; an array cannot move.
        """
        self.refuse_if_fixed(value, type(module).__name__)
        super().store(module, value)

    def __get__(self, module: ParameterOwner | None, owner: type | None = None) -> Any:
        if module is None:
            return self
        active = active_values(module)
        return self.stored(module) if active is None else active[self.name]

    # -- validation ---------------------------------------------------------------------------------------------

    def validate(self, value: Any, owner: str, sample_rate: float | None = None) -> Tensor:
        """Return `value` as a tensor, or raise a `ParameterError` that states the allowed values or shapes."""
        tensor = self._complex_tensor(value, owner) if self.complex_ else self.tensor(value, owner)
        ndim = len(self.shape)
        own = tuple(tensor.shape[max(0, tensor.ndim - ndim) :])
        fits = ndim <= tensor.ndim <= ndim + 2 and all(
            isinstance(declared, str) or declared == size for declared, size in zip(self.shape, own, strict=False)
        )
        if not fits:
            raise ParameterError(
                f"{self._full_name(owner)} has shape {tuple(tensor.shape)}; it must be {self._shape_text()}, with "
                "(batch,) or (batch, channels) in front where examples differ. Reshape it."
            )
        too_short = [str(name) for name, size in zip(self.shape, own, strict=True) if size < self.least]
        if too_short or 0 in tensor.shape[: tensor.ndim - ndim]:
            problem = "is empty, of shape" if 0 in tensor.shape else "has shape"
            number = self.least if too_short and self.least > 1 else "one"
            raise ParameterError(
                f"{self._full_name(owner)} {problem} {tuple(tensor.shape)}; give at least {number}"
                f"{f' of its {too_short[0]}' if too_short else ''}."
            )
        self.check(tensor, owner, sample_rate)
        return tensor

    def _first_invalid(self, tensor: Tensor, sample_rate: float | None) -> float | None:
        # A few numbers, such as the ends of a range, are compared in Python, which takes a tenth of the time.
        if tensor.ndim != 1 or tensor.numel() > MAX_NUMBERS or not is_plain_tensor(tensor):
            return super()._first_invalid(tensor, sample_rate)
        invalid = (v for v in tensor.tolist() if not self._is_valid(v, math.isfinite(v), sample_rate))
        return next(invalid, None)

    def _complex_tensor(self, value: Any, owner: str) -> Tensor:
        if isinstance(value, Tensor) and value.is_complex():
            return value
        if isinstance(value, torch.nn.Parameter):
            raise ParameterError(
                f"{self._full_name(owner)} is a real torch.nn.Parameter, but the numbers are complex, and a conversion "
                "would make another object: write "
                f"torch.nn.Parameter(torch.complex({self.keyword}, torch.zeros_like({self.keyword})))."
            )
        try:
            if not isinstance(value, Tensor) and np.iscomplexobj(value):
                return torch.tensor(np.asarray(value), dtype=torch.complex128)
        except (TypeError, ValueError, RuntimeError, OverflowError):
            raise ParameterError(f"{self._full_name(owner)} must be {self._kind_name()}, not {value!r}.") from None
        tensor = self.tensor(value, owner)
        return torch.complex(tensor.double(), torch.zeros_like(tensor, dtype=torch.float64))

    def _kind_name(self) -> str:
        return f"an array of {'complex ' if self.complex_ else ''}numbers {self._shape_text()}"

    def _shape_text(self) -> str:
        return f"({', '.join(map(str, self.shape))}{',' if len(self.shape) == 1 else ''})"

    def lead(self, value: Tensor) -> tuple[int, ...]:
        """Return the dimensions before the array's own; see `Continuous.lead`."""
        return tuple(value.shape[: value.ndim - len(self.shape)])

    # -- text ---------------------------------------------------------------------------------------------------

    def source(self, value: Any) -> str:
        """Return `value` as Python source.

        An array of more than `MAX_REPR_VALUES` numbers gives its size, such as `<1000 taps>`, and one on the meta
        device, which has no values, `<1000 taps on meta>`.
        """
        if isinstance(value, Tensor):
            if value.is_meta:
                return f"<{self.summary(value)} on meta>"
            if value.numel() > MAX_REPR_VALUES.get():
                return f"<{self.summary(value)}>"
            plain = not isinstance(value, torch.nn.Parameter) and not value.requires_grad
            if plain and value.dtype in (torch.float64, torch.complex128):
                return repr(value.tolist())
            return python_literal(value)
        with torch.device("cpu"):
            return self.source(self.validate(value, ""))

    def summary(self, value: Tensor) -> str:
        """Return the batch dimensions of `value` and its first own dimension as text: `"7 taps"`, or `"2 × 7 taps"`."""
        size = value.shape[value.ndim - len(self.shape)]
        name = str(self.shape[0])
        lead = "".join(f"{count} × " for count in self.lead(value))
        return f"{lead}{size} {name.removesuffix('s') if size == 1 and not lead else name}"


def _nested_tuples(value: Any) -> Any:
    return tuple(map(_nested_tuples, value)) if isinstance(value, list) else value
