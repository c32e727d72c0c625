"""`wrap`: any callable on tensors becomes a `Module`."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from contextvars import ContextVar
from difflib import get_close_matches
from typing import Any

from torch import Tensor, nn

from fxlab.errors import ParameterError, SignalError
from fxlab.module.module import Module
from fxlab.module.parameters.parameter import ParameterDeclaration
from fxlab.signal.samples import is_number

WRITER: ContextVar[Callable[[Wrapped], str] | None] = ContextVar("fxlab_wrap_writer", default=None)
"""How `repr` writes what was wrapped; None: by its name alone."""


class Wrapped(Module):
    """A callable with declared parameters; made by `wrap`."""

    _is_describable = False
    _takes_rate: bool
    _call: Callable[..., Tensor]
    _made_of: tuple[Callable[..., Tensor], dict[str, Any]]

    def forward(self, x: Tensor, sample_rate: float) -> Tensor:
        """Call what is wrapped, with the parameters by name."""
        values = {name: getattr(self, name) for name in self.declarations}
        if self._takes_rate:
            values["sample_rate"] = sample_rate
        if "wrapped" in self._modules:
            wrapped = self.get_submodule("wrapped")
            own = getattr(wrapped, "sample_rate", None)
            if is_number(own) and own != sample_rate:
                raise SignalError(
                    f"{self._name()} was made for a sample rate of {own:g} Hz, and the sound runs at "
                    f"{sample_rate:g} Hz: make it for that rate, or resample the sound."
                )
            result: Tensor = wrapped(x, **values)
            return result
        return self._call(x, **values)

    def _describe(self) -> dict[str, Any]:
        raise ParameterError(
            f"{self!r} wraps a Python callable, which a dictionary cannot hold; write a Module subclass."
        )

    def __repr__(self) -> str:
        writer = WRITER.get()
        return super().__repr__() if writer is None else writer(self)

    def __reduce__(self) -> tuple[Any, ...]:
        # The class is made on the spot, so that pickle cannot find it by its name: it is made again.
        function, params = self._made_of
        state = {key: value for key, value in self.__dict__.items() if key not in ("_call", "_made_of")}
        return _again, (function, params), state


def wrap(function: Callable[..., Tensor], **params: Any) -> Module:
    """Turn a callable on tensors, such as a function, a torchaudio transform or a neural network, into a `Module`.

    Args:
        function: Called as `function(x, **parameters)`, and with `sample_rate=` where it names that argument. An
            `nn.Module` becomes a part of the result, with its weights.
        params: A declaration (`Param`, `Choice`, `Switch`, `Count`) for each argument that is to have a slider; or a
            plain value, kept as it is.

    Raises:
        ParameterError: `function` cannot be called, or does not take a parameter of that name.

    >>> import torch
    >>> from fxlab.module.parameters.param import Param
    >>> drive = wrap(lambda x, gain: torch.tanh(gain * x), gain=Param(2.0, low=1.0, high=20.0))
    >>> drive(torch.tensor([0.0, 0.5]), sample_rate=8000)
    tensor([0.0000, 0.7616])
    """
    if isinstance(function, Module) and not params:
        return function
    if isinstance(function, type):
        raise ParameterError(f"{function.__name__} is a class; a stage is an instance of it: {function.__name__}(…).")
    if not callable(function):
        raise ParameterError(
            f"A stage must be a Module or callable on a tensor, not {type(function).__name__}: {function!r}."
        )
    target = function.forward if isinstance(function, nn.Module) else function
    try:
        accepted = inspect.signature(target).parameters
    except (TypeError, ValueError):  # some built-in functions do not say
        accepted = None
    open_ended = accepted is None or any(p.kind is p.VAR_KEYWORD for p in accepted.values())
    sound = next(iter(accepted or {}), None)
    for name in params:
        if name == sound:
            raise ParameterError(f"wrap: {name!r} is the sound itself, which {_title(function)} is called on.")
        if not open_ended and accepted is not None and name not in accepted:
            near = get_close_matches(name, accepted, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise ParameterError(
                f"wrap: {_title(function)} takes no argument {name!r}; it takes {', '.join(accepted)}.{hint}"
            )
    declared = {name: copy.copy(value) for name, value in params.items() if isinstance(value, ParameterDeclaration)}
    fixed = {name: value for name, value in params.items() if name not in declared}
    kind = type(_title(function), (Wrapped,), {**declared, "__doc__": inspect.getdoc(function) or ""})
    module: Wrapped = kind()
    module._made_of = (function, params)
    module._takes_rate = accepted is not None and "sample_rate" in accepted and "sample_rate" not in fixed
    if isinstance(function, nn.Module):
        module.wrapped = function
        if fixed:
            raise ParameterError(f"wrap: set {', '.join(fixed)} on the {_title(function)} itself, or declare a Param.")
    else:
        module._call = (lambda x, **kw: function(x, **fixed, **kw)) if fixed else function
    return module


def _again(function: Callable[..., Tensor], params: dict[str, Any]) -> Module:
    return wrap(function, **params)


def _title(function: Any) -> str:
    name = getattr(function, "__name__", type(function).__name__)
    return name if name.isidentifier() else "Function"
