"""The operators of modules: `module | other`, `other | module` and `module + other`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from torch import Tensor

from fxlab.errors import ParameterError, SignalError
from fxlab.signal import Signal

if TYPE_CHECKING:
    from fxlab.module.compose.chain import Chain
    from fxlab.module.compose.sum import Sum
    from fxlab.module.module import Module


class Operators:
    """The base class of `Module` with the operators that join modules and apply them to a signal."""

    __array_ufunc__ = None  # `array | module` then calls `__ror__` of the module, not NumPy's elementwise |

    def __or__(self, other: Any) -> Chain:
        """Return `module | other`: a `Chain`.

        Raises:
            SignalError: `other` is a signal, which must be the left operand, or a tensor.
            ParameterError: `other` cannot be a stage, for example because it is not callable.
        """
        from fxlab.module.compose.chain import Chain

        if isinstance(other, (Signal, Tensor)):
            raise SignalError(f"A signal stands on the left: write signal | {self!r}.")
        return Chain(self, other)

    def __ror__(self, other: Any) -> Any:
        """Return `other | module`: the output of the module for a `Signal`, or a `Chain` for a callable.

        Raises:
            SignalError: `other` is neither a `Signal` nor a callable. A tensor, for example, has no sample rate.
            ParameterError: `other` is a callable that cannot be a stage, such as `LowPass` instead of `LowPass()`.
        """
        from fxlab.module.compose.chain import Chain

        if isinstance(other, Signal):
            return cast("Module", self)(other)
        if callable(other):
            return Chain(other, self)
        raise SignalError(
            f"{type(self).__name__}: `… | module` takes a Signal, not {type(other).__name__}; "
            "write Signal(samples, sample_rate) | module, or module(tensor, sample_rate=…)."
        )

    def __add__(self, other: Any) -> Sum:
        """Return `module + other`: a `Sum`, which adds the outputs of both for the same input.

        Raises:
            ParameterError: `other` cannot be a branch, for example because it is not callable.
        """
        from fxlab.module.compose.sum import Sum

        if isinstance(other, (Signal, Tensor)) or not callable(other):
            raise ParameterError(
                f"{type(self).__name__}: `a + b` runs two modules on the same input and adds their outputs; the right "
                f"one must be a Module or a callable, not {type(other).__name__}."
            )
        return Sum(self, other)
