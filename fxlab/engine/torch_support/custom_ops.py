"""Custom operators, so that PyTorch records one call in a graph instead of the loops inside it.

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
        kernel: Computes the results.
        fake_kernel: Returns tensors with the shapes and dtypes of the results, for tracing.
    """
    name = schema.partition("(")[0]
    LIBRARY.define(schema)  # type: ignore[no-untyped-call]
    LIBRARY.impl(name, kernel, "CompositeExplicitAutograd")  # type: ignore[no-untyped-call]
    torch.library.register_fake(f"fxlab::{name}", fake_kernel, lib=LIBRARY)
    operator: Callable[..., Any] = getattr(torch.ops.fxlab, name)
    return operator


def register_derivatives(name: str, function: type[torch.autograd.Function]) -> None:
    """Give the operator `fxlab::<name>` the backward and the `vmap` rule of `function`."""
    torch.library.register_autograd(
        f"fxlab::{name}", function.backward, setup_context=function.setup_context, lib=LIBRARY
    )
    torch.library.register_vmap(f"fxlab::{name}", function.vmap, lib=LIBRARY)


def apply_custom_op(function: type[torch.autograd.Function], operator: Callable[..., Any], *arguments: Any) -> Any:
    """Apply `function` in eager mode, or its `operator` while PyTorch records a graph."""
    return operator(*arguments) if is_recorded() else function.apply(*arguments)


@contextmanager
def autograd_in_kernel() -> Iterator[None]:
    """Let the kernel of an operator use autograd, which PyTorch disables inside kernels."""
    autograd = torch._C.DispatchKey.AutogradFunctionality
    with torch._C._SetExcludeDispatchKeyGuard(autograd, False), torch.enable_grad():
        yield


def move_mapped_dim(value: Tensor, dim: int | None, size: int) -> Tensor:
    """Move the mapped dimension of `vmap` to the front, or expand a tensor that is not mapped to `size` copies."""
    return value.expand(size, *value.shape) if dim is None else value.movedim(dim, 0)
