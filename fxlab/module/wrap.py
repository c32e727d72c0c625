"""`wrap`: conversion of any callable on tensors to a `Module`."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from contextvars import ContextVar
from difflib import get_close_matches
from typing import Any

from torch import Tensor, nn

from fxlab import hooks
from fxlab.errors import ParameterError, SignalError
from fxlab.module.module import Module
from fxlab.module.parameters.control import Control, not_a_stage
from fxlab.module.parameters.parameter_declaration import ParameterDeclaration
from fxlab.signal.samples import is_number

WRAPPED_REPR: ContextVar[Callable[[Wrapped], str] | None] = ContextVar("fxlab_wrapped_repr", default=None)
"""A function that returns the `repr` of a `Wrapped` module; None for a `repr` of the name and the parameters."""


class Wrapped(Module):
    """A module that calls a function or an `nn.Module`, made by `wrap`."""

    _is_describable = False
    _takes_sample_rate: bool
    _function: Callable[..., Tensor]
    _wrap_arguments: tuple[Callable[..., Tensor], dict[str, Any]]

    def forward(self, x: Tensor, sample_rate: float) -> Tensor:
        """Return the result of the wrapped callable for `x`, called with the parameters by name.

        Raises:
            SignalError: The wrapped module was made for a different sample rate.
        """
        values = {name: getattr(self, name) for name in self.declarations}
        if self._takes_sample_rate:
            values["sample_rate"] = sample_rate
        if "wrapped" in self._modules:
            wrapped = self.get_submodule("wrapped")
            own = getattr(wrapped, "sample_rate", None)
            if is_number(own) and own != sample_rate:
                raise SignalError(
                    f"{self._name()} was made for a sample rate of {own:g} Hz, and the signal has {sample_rate:g} Hz: "
                    "make it for that rate, or resample the signal."
                )
            result: Tensor = wrapped(x, **values)
            return result
        return self._function(x, **values)

    def _describe(self) -> dict[str, Any]:
        raise ParameterError(
            f"{self!r} wraps a Python callable, which a dictionary cannot hold; write a Module subclass."
        )

    def __repr__(self) -> str:
        writer = WRAPPED_REPR.get()
        return super().__repr__() if writer is None else writer(self)

    def __reduce__(self) -> tuple[Any, ...]:
        # `wrap` makes a class for each callable, which pickle cannot find by its name; unpickling calls `wrap` again.
        function, params = self._wrap_arguments
        state = {key: value for key, value in self.__dict__.items() if key not in ("_function", "_wrap_arguments")}
        return _rewrap, (function, params), state


def wrap(function: Callable[..., Tensor], **params: Any) -> Module:
    """Return a `Module` that calls a function on tensors, such as a torchaudio transform or a neural network.

    For a class of transforms, such as `torchaudio.transforms.SpectralCentroid`, the result has a slider for each
    argument of the constructor whose default determines a range; the transform is constructed again for other values,
    and its argument `sample_rate` is the rate of the sound. If the output of the transform is not a sound,
    `signal | module` is a `Feature`. A `Module` is returned unchanged if no `params` are given.

    Args:
        function: A callable, called as `function(x, **parameters)`, and with `sample_rate=…` if it has that argument;
            or a class of transforms, a subclass of `nn.Module`. An `nn.Module` becomes a part of the result,
            with its weights.
        params: A declaration (`Param`, `Choice`, `Switch`, `Count`) for each argument with a slider, or a fixed value.

    Raises:
        ParameterError: `function` is not callable, is a control, is a class but not one of transforms, has no argument
            of a given name, or is an `nn.Module` for which a fixed value is given; or a parameter has the name of the
            first argument of `function`, the samples.

    >>> import torch
    >>> from fxlab.module.parameters.param import Param
    >>> drive = wrap(lambda x, gain: torch.tanh(gain * x), gain=Param(2.0, low=1.0, high=20.0))
    >>> drive(torch.tensor([0.0, 0.5]), sample_rate=8000)
    tensor([0.0000, 0.7616])
    """
    if isinstance(function, Module) and not params:
        return function
    if isinstance(function, Control):
        raise ParameterError(not_a_stage(function))
    if isinstance(function, type) and issubclass(function, nn.Module) and not issubclass(function, Module):
        wrapped: Module = hooks.resolve("wrap_class")(function, params)
        return wrapped
    if isinstance(function, type):
        raise ParameterError(f"{function.__name__} is a class; a stage is an instance of it: {function.__name__}(…).")
    if not callable(function):
        raise ParameterError(
            f"A stage must be a Module or callable on a tensor, not {type(function).__name__}: {function!r}."
        )
    target = function.forward if isinstance(function, nn.Module) else function
    try:
        accepted = inspect.signature(target).parameters
    except (TypeError, ValueError):  # some built-in functions have no signature
        accepted = None
    accepts_any = accepted is None or any(p.kind is p.VAR_KEYWORD for p in accepted.values())
    input_name = next(iter(accepted or {}), None)
    for name in params:
        if name == input_name:
            raise ParameterError(
                f"wrap: {name!r} is the input of {_class_name(function)}, the samples; it cannot be a parameter."
            )
        if not accepts_any and accepted is not None and name not in accepted:
            near = get_close_matches(name, accepted, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise ParameterError(
                f"wrap: {_class_name(function)} takes no argument {name!r}; it takes {', '.join(accepted)}.{hint}"
            )
    declared = {name: copy.copy(value) for name, value in params.items() if isinstance(value, ParameterDeclaration)}
    fixed = {name: value for name, value in params.items() if name not in declared}
    kind = type(_class_name(function), (Wrapped,), {**declared, "__doc__": inspect.getdoc(function) or ""})
    module: Wrapped = kind()
    module._wrap_arguments = (function, params)
    module._takes_sample_rate = accepted is not None and "sample_rate" in accepted and "sample_rate" not in fixed
    if isinstance(function, nn.Module):
        module.wrapped = function
        if fixed:
            raise ParameterError(
                f"wrap: set {', '.join(fixed)} on the {_class_name(function)} itself, or declare a Param."
            )
    else:
        module._function = (lambda x, **kw: function(x, **fixed, **kw)) if fixed else function
    return module


def _rewrap(function: Callable[..., Tensor], params: dict[str, Any]) -> Module:
    return wrap(function, **params)


def _class_name(function: Any) -> str:
    name = getattr(function, "__name__", type(function).__name__)
    return name if name.isidentifier() else "Function"
