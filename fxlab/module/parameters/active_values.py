"""The values that a module reads for its parameters while it runs: tensors that are shaped for the current input.

Outside a call `lowpass.cutoff` is a `float`. Inside `forward` it is a tensor that broadcasts against the input, and
inside `design` a float64 tensor that broadcasts against the other parameters. These tensors are in a context variable,
not in an attribute, because a panel's worker thread may run a module while the notebook reads it. `torch.compile`
cannot trace a context variable that is set; while it traces, the tensors are in a list instead.
"""

from __future__ import annotations

from contextvars import ContextVar, Token
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

if TYPE_CHECKING:
    from fxlab.module.parameters.owner import ParameterOwner

_ACTIVE: ContextVar[tuple[ParameterOwner, dict[str, Tensor]] | None] = ContextVar("fxlab_active_values", default=None)
_TRACED: list[tuple[ParameterOwner, dict[str, Tensor]]] = []  # empty outside of the traces of `torch.compile`


def active_values(module: ParameterOwner) -> dict[str, Tensor] | None:
    """Return the values of the innermost `use_values`, by name, if it is for `module`, else None."""
    active = _TRACED[-1] if torch.compiler.is_dynamo_compiling() and _TRACED else _ACTIVE.get()
    return active[1] if active is not None and active[0] is module else None


class use_values:  # noqa: N801  # it is used like a function
    """A context manager in which the parameters of `module` are read as `values`, by name, instead of those stored."""

    __slots__ = ("_active", "_token")

    def __init__(self, module: ParameterOwner, values: dict[str, Tensor]) -> None:
        self._active = (module, values)

    def __enter__(self) -> None:
        if torch.compiler.is_dynamo_compiling():
            _TRACED.append(self._active)
        else:
            self._token: Token[Any] = _ACTIVE.set(self._active)

    def __exit__(self, *error: object) -> None:
        if torch.compiler.is_dynamo_compiling():
            _TRACED.pop()
        else:
            _ACTIVE.reset(self._token)
