"""Tests whether PyTorch is recording, transforming or differentiating the code that runs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeVar

import torch
from torch import Tensor
from torch.compiler import is_compiling
from torch.jit import is_tracing  # type: ignore[attr-defined]

Function = TypeVar("Function", bound=Callable[..., object])


def is_recorded() -> bool:
    """Return whether PyTorch records this code as a graph: in `torch.compile`, `torch.export` or `torch.jit.trace`."""
    # The functions are imported by name, because `torch.compile` also compiles a function that mentions `torch` when it
    # runs the caller without compiling it; `is_compiling()` would then always be True.
    return bool(is_compiling() or is_tracing())  # type: ignore[no-untyped-call]


def is_transformed() -> bool:
    """Return whether a transform of `torch.func`, or forward-mode differentiation, is active."""
    return torch._C._are_functorch_transforms_active() or torch.autograd.forward_ad._current_level >= 0


def is_traced(x: Tensor) -> bool:
    """Return whether values may be unavailable: `x` is a meta tensor, or PyTorch records or transforms this code."""
    return x.is_meta or is_recorded() or is_transformed()


def needs_derivative(*inputs: Tensor) -> bool:
    """Return whether an input requires a gradient and autograd is on, or PyTorch records or transforms this code."""
    requires_gradient = torch.is_grad_enabled() and any(value.requires_grad for value in inputs)
    return requires_gradient or is_recorded() or is_transformed()


def is_plain_backward(g: Tensor) -> bool:
    """Return whether the current backward pass may use the values of the gradient `g`: nothing observes the pass.

    The result is False if the pass is differentiated (`create_graph=True`), if PyTorch records or transforms it, while
    a dispatch mode of PyTorch is active, and if `vmap` maps a dimension of `g` (`is_grads_batched=True`).
    """
    watched = torch.is_grad_enabled() or is_recorded() or is_transformed() or torch._C._len_torch_dispatch_stack()
    return not watched and not torch._C._functorch.is_legacy_batchedtensor(g)


def is_plain_tensor(x: Tensor) -> bool:
    """Return whether `x` is a dense float32 or float64 tensor on the CPU, and nothing observes this code.

    The result is False for subclasses of `Tensor` other than `Parameter`, if PyTorch records or transforms this code,
    and while a dispatch mode of PyTorch is active. Otherwise an operation may use an explicit derivative, and kernels
    that require values.
    """
    is_ordinary = type(x) in (Tensor, torch.nn.Parameter) and x.is_cpu and x.dtype in (torch.float32, torch.float64)
    watched = is_recorded() or is_transformed() or torch._C._len_torch_dispatch_stack()
    return is_ordinary and x.layout is torch.strided and not watched


def as_constant(number: Any) -> Any:
    """Return `number`, as a constant if `torch.compile` has made it symbolic; each value then has a separate graph."""
    if not torch.compiler.is_dynamo_compiling():
        return number
    from torch.fx.experimental.symbolic_shapes import guard_scalar  # imports sympy, which takes half a second

    return guard_scalar(number) if isinstance(number, (int, float, torch.SymFloat, torch.SymInt)) else number


def constant_in_graphs(function: Function) -> Function:
    """Return `function`, marked so that `torch.compile` calls it during compilation and its result is a constant."""
    # `torch.compiler.assume_constant_result` sets the same mark, but its import takes longer than that of fxlab.
    function._dynamo_marked_constant = True  # type: ignore[attr-defined]
    return function


def outside_of_graphs() -> AbstractContextManager[object]:
    """Return a context in which `torch.export` does not record operations; tensors created in it have values.

    All dispatch modes of PyTorch are disabled in it.
    """
    from torch.utils._python_dispatch import _disable_current_modes

    return _disable_current_modes()


def outside_of_transforms() -> AbstractContextManager[object]:
    """Return a context in which the transforms of `torch.func` are suspended.

    By default `vmap` does not allow random numbers, and no transform allows changes in place of tensors from outside
    the transformed function. Tensors that are created in the context are constants of that function.
    """
    if not torch._C._are_functorch_transforms_active():
        return nullcontext()
    from torch._functorch.pyfunctorch import temporarily_clear_interpreter_stack  # has been imported by `torch.func`

    return temporarily_clear_interpreter_stack()
