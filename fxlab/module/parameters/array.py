"""`ArrayParam`: one line that declares an array: taps, coefficients, sections, roots."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from fxlab.errors import FxlabError, ParameterError
from fxlab.module.parameters.active_values import active_values
from fxlab.module.parameters.continuous import Bound, Continuous, Scale
from fxlab.module.parameters.parameter import literal

if TYPE_CHECKING:
    from fxlab.module.parameters.owner import ParameterOwner

LONGEST_SOURCE: ContextVar[int] = ContextVar("fxlab_longest_source", default=64)
"""Of how many numbers `repr` writes all; of more it says only how many there are."""


class ArrayParam(Continuous):
    """Declare an array of numbers that belongs to a `Module` as a `Param` does: saved, moved, learned with it.

    A value is a list, an array or a tensor. In front of its own dimensions it may have `(batch,)` or
    `(batch, channels)`, over which it varies as the leading dimensions of the input do. It always reads as a tensor,
    inside `forward` and `design` as one of float64 (or complex128).

    Args:
        default: The value when none is given.
        shape: Its own dimensions, a name for what may be of any length: `("taps",)`, `("sections", 6)`.
        complex_: Whether the numbers are complex.
        least: The smallest length that a named dimension may have.
        unit: What the numbers count.
        doc: One sentence for the API table and the panel.
        keyword: What the constructor calls it, where its name may not be that: `zeros`, which an `LTI` answers.
        below: As of a `Param`.
        above: As of a `Param`.
        low: The lowest position of the sliders, one for each number, where the array is to have any.
        high: The highest.
        scale: Their taper, as of a `Param`.
        role: As of a `Param`; of complex numbers that stand in the z plane `"pole"` or `"zero"`.
        labels: What gives the sliders' names, called with the module and the sample rate.
        places: What gives the frequency in Hz at which each number acts, called likewise: there it has a handle in the
            panel's plot.

    Raises:
        ParameterError: The declaration contradicts itself.

    >>> taps = ArrayParam([0.5, 0.5], shape=("taps",))
    >>> taps.validate([0.25, 0.5, 0.25], "FIR").dtype, taps.default
    (torch.float64, (0.5, 0.5))
    """

    kind = "numbers"

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
                "Numbers: sliders need both low and high, and an array of one dimension of real numbers."
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
            role=role,
        )

    def labels(self, module: ParameterOwner, sample_rate: float) -> list[str]:
        """What each of its sliders is called."""
        count = self.stored(module).shape[-1]
        named: list[str] = []
        with suppress(FxlabError):  # a value that is not valid at this rate has no names to give
            named = self._labels(module, sample_rate) if self._labels is not None else []
        if len(named) == count:
            return named
        one = self.label.removesuffix("s")
        return [self.label] if count == 1 else [f"{one} {number + 1}" for number in range(count)]

    def places(self, module: ParameterOwner, sample_rate: float) -> list[float]:
        """Where in Hz each number acts; none where they have no place, or where there is one number for several."""
        found = [] if self._places is None else self._places(module, sample_rate)
        return found if len(found) == self.stored(module).shape[-1] else []

    def keyword_or(self, name: str) -> str:
        """See `ParameterDeclaration`."""
        return self._keyword or name

    def as_default(self, value: Any) -> Any:
        """The numbers as nested tuples, which nobody can change."""
        self.below = self.above = self.at_least = self.at_most = None
        return _tuples(self.validate(value, "ArrayParam").tolist())

    def __get__(self, module: ParameterOwner | None, owner: type | None = None) -> Any:
        if module is None:
            return self
        frame = active_values(module)
        return self.stored(module) if frame is None else frame[self.name]

    # -- what is valid ------------------------------------------------------------------------------------------

    def validate(self, value: Any, owner: str, sample_rate: float | None = None) -> Tensor:
        """Return `value` as a tensor, or raise a `ParameterError` that says what is allowed."""
        tensor = self._complex(value, owner) if self.complex_ else self.tensor(value, owner)
        own = len(self.shape)
        tail = tuple(tensor.shape[max(0, tensor.ndim - own) :])
        fits = own <= tensor.ndim <= own + 2 and all(
            isinstance(wanted, str) or wanted == got for wanted, got in zip(self.shape, tail, strict=False)
        )
        if not fits:
            raise ParameterError(
                f"{self._whose(owner)} has shape {tuple(tensor.shape)}; allowed is {self._form()}, with (batch,) or "
                "(batch, channels) in front where examples differ. Reshape it."
            )
        short = [str(name) for name, got in zip(self.shape, tail, strict=True) if got < self.least]
        if short or 0 in tensor.shape[: tensor.ndim - own]:
            raise ParameterError(
                f"{self._whose(owner)} is empty, of shape {tuple(tensor.shape)}; give at least one"
                f"{'' if not short else f' of its {short[0]}'}."
            )
        self.check(tensor, owner, sample_rate)
        return tensor

    def _complex(self, value: Any, owner: str) -> Tensor:
        if isinstance(value, Tensor) and value.is_complex():
            return value
        if isinstance(value, torch.nn.Parameter):
            raise ParameterError(
                f"{self._whose(owner)} is learned and real; what is learned here is complex, so that it stays the same "
                f"object: write torch.nn.Parameter(torch.complex({self.keyword}, torch.zeros_like({self.keyword})))."
            )
        if not isinstance(value, Tensor) and np.iscomplexobj(value):
            try:
                return torch.tensor(np.asarray(value), dtype=torch.complex128)
            except (TypeError, ValueError, RuntimeError):
                raise ParameterError(f"{self._whose(owner)} must be {self._what()}, not {value!r}.") from None
        tensor = self.tensor(value, owner)
        return torch.complex(tensor.double(), torch.zeros_like(tensor, dtype=torch.float64))

    def _what(self) -> str:
        return f"an array of {'complex ' if self.complex_ else ''}numbers {self._form()}"

    def _form(self) -> str:
        return f"({', '.join(map(str, self.shape))}{',' if len(self.shape) == 1 else ''})"

    def lead(self, value: Tensor) -> tuple[int, ...]:
        """See `Continuous`."""
        return tuple(value.shape[: value.ndim - len(self.shape)])

    # -- in words -----------------------------------------------------------------------------------------------

    def source(self, value: Any) -> str:
        """`value` as Python source; of a long one only how long it is."""
        if isinstance(value, Tensor):
            if value.numel() > LONGEST_SOURCE.get():
                return f"<{self.summary(value)}>"
            plain = not isinstance(value, torch.nn.Parameter) and not value.requires_grad
            if plain and value.dtype in (torch.float64, torch.complex128):
                return repr(value.tolist())
            return literal(value)
        return self.source(self.validate(value, ""))

    def summary(self, value: Tensor) -> str:
        """How many there are: `"7 taps"`, `"2 × 7 taps"`."""
        size = value.shape[value.ndim - len(self.shape)]
        name = str(self.shape[0])
        lead = "".join(f"{count} × " for count in self.lead(value))
        return f"{lead}{size} {name.removesuffix('s') if size == 1 and not lead else name}"


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
