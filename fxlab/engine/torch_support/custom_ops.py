"""Custom operators, so that PyTorch records a single call in a graph instead of loops.

In eager mode an operation is an `autograd.Function`, which also supports forward-mode derivatives. While PyTorch
records a graph (`torch.compile`, `torch.export`, `torch.jit.trace`), a custom operator with the same kernel, backward
and `vmap` rule is used instead, so that the graph is independent of the length of the signal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from fxlab.engine.torch_support.tracing import is_recorded

LIBRARY = torch.library.Library("fxlab", "FRAGMENT")  # type: ignore[no-untyped-call]


def register_custom_op(schema: str, kernel: Callable[..., Any], fake_kernel: Callable[..., Any]) -> Callable[..., Any]:
    """Register `kernel` as the operator `fxlab::<name>`, with the name given in `schema`, and return the operator.

    Args:
        schema: The operator's name and signature in PyTorch's schema language.
        kernel: The function that computes the results.
        fake_kernel: A function that returns tensors with the shapes and dtypes of the results, for tracing.
    """
    name = schema.partition("(")[0]
    LIBRARY.define(schema)  # type: ignore[no-untyped-call]
    LIBRARY.impl(name, kernel, "CompositeExplicitAutograd")  # type: ignore[no-untyped-call]
    torch.library.register_fake(f"fxlab::{name}", fake_kernel, lib=LIBRARY)
    operator: Callable[..., Any] = getattr(torch.ops.fxlab, name)
    return operator


def register_derivatives(name: str, function: type[torch.autograd.Function]) -> None:
    """Register the `backward` and the `vmap` rule of `function` for the operator `fxlab::<name>`."""
    torch.library.register_autograd(
        f"fxlab::{name}", function.backward, setup_context=function.setup_context, lib=LIBRARY
    )
    torch.library.register_vmap(f"fxlab::{name}", function.vmap, lib=LIBRARY)


def apply_custom_op(function: type[torch.autograd.Function], operator: Callable[..., Any], *arguments: Any) -> Any:
    """Return `function.apply(*arguments)` in eager mode, or `operator(*arguments)` while PyTorch records a graph."""
    return operator(*arguments) if is_recorded() else function.apply(*arguments)


@contextmanager
def autograd_in_kernel() -> Iterator[None]:
    """Enable autograd in the context; PyTorch disables it inside the kernels of operators."""
    autograd = torch._C.DispatchKey.AutogradFunctionality
    with torch._C._SetExcludeDispatchKeyGuard(autograd, False), torch.enable_grad():
        yield


def move_mapped_dim(value: Tensor, dim: int | None, size: int) -> Tensor:
    """Return `value` with `dim`, the dimension that `vmap` maps, in front.

    If `dim` is None, `value` is not mapped; it is expanded along a new first dimension of length `size`.
    """
    return value.expand(size, *value.shape) if dim is None else value.movedim(dim, 0)
