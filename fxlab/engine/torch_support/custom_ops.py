"""Operations that PyTorch's tracers take whole: `torch.compile` and `torch.export` record one call, not its loops.

In eager mode an operation is an `autograd.Function`, which carries forward-mode derivatives too; while compiling it
is the custom operator of the same kernel, with the same backward and the same rule for `vmap`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

LIBRARY = torch.library.Library("fxlab", "FRAGMENT")  # type: ignore[no-untyped-call]


def declare(schema: str, kernel: Callable[..., Any], shapes: Callable[..., Any]) -> Callable[..., Any]:
    """Register `kernel` as the operator `fxlab::<schema>`, whose results' shapes `shapes` gives; give the operator."""
    name = schema.partition("(")[0]
    LIBRARY.define(schema)  # type: ignore[no-untyped-call]
    LIBRARY.impl(name, kernel, "CompositeExplicitAutograd")  # type: ignore[no-untyped-call]
    torch.library.register_fake(f"fxlab::{name}", shapes, lib=LIBRARY)
    operator: Callable[..., Any] = getattr(torch.ops.fxlab, name)
    return operator


def differentiable(name: str, function: type[torch.autograd.Function]) -> None:
    """Give the operator `fxlab::<name>` the backward and the `vmap` of `function`."""
    torch.library.register_autograd(
        f"fxlab::{name}", function.backward, setup_context=function.setup_context, lib=LIBRARY
    )
    torch.library.register_vmap(f"fxlab::{name}", function.vmap, lib=LIBRARY)


def call(function: type[torch.autograd.Function], operator: Callable[..., Any], *arguments: Any) -> Any:
    """Apply `function`, or its operator while PyTorch compiles."""
    return operator(*arguments) if torch.compiler.is_compiling() else function.apply(*arguments)


def derived(*inputs: Tensor) -> bool:
    """Whether a derivative may be asked for: an input requires it, or PyTorch is transforming or tracing the code."""
    return (
        (torch.is_grad_enabled() and any(value.requires_grad for value in inputs))
        or torch.compiler.is_compiling()
        or torch._C._are_functorch_transforms_active()
        or torch.autograd.forward_ad._current_level >= 0
    )
