"""Custom operators, so that `torch.compile` and `torch.export` record one call instead of the loops inside it.

In eager mode an operation is an `autograd.Function`, which also supports forward-mode derivatives. While PyTorch
compiles, a custom operator with the same kernel, backward and `vmap` rule is used instead.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

LIBRARY = torch.library.Library("fxlab", "FRAGMENT")  # type: ignore[no-untyped-call]


def register_custom_op(schema: str, kernel: Callable[..., Any], fake_kernel: Callable[..., Any]) -> Callable[..., Any]:
    """Register `kernel` as the operator `fxlab::<schema>` and return the operator.

    Args:
        schema: the operator's name and signature in PyTorch's schema language.
        kernel: computes the results.
        fake_kernel: returns tensors with the shapes and dtypes of the results, for tracing.
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
    """Apply `function` in eager mode, or its `operator` while PyTorch compiles."""
    return operator(*arguments) if torch.compiler.is_compiling() else function.apply(*arguments)


def move_mapped_dim(value: Tensor, dim: int | None, size: int) -> Tensor:
    """Move the mapped dimension of `vmap` to the front, or expand a tensor that is not mapped to `size` copies."""
    return value.expand(size, *value.shape) if dim is None else value.movedim(dim, 0)
