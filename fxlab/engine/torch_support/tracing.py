"""Whether PyTorch is tracing, transforming or differentiating the code that runs."""

from __future__ import annotations

import torch
from torch import Tensor


def is_traced(x: Tensor) -> bool:
    """Return whether PyTorch traces or transforms this code, which then must not depend on the values of tensors."""
    return (
        x.is_meta
        or torch.compiler.is_compiling()
        or torch._C._are_functorch_transforms_active()
        or torch.autograd.forward_ad._current_level >= 0
    )


def needs_derivative(*inputs: Tensor) -> bool:
    """Return whether a derivative may be requested: an input requires it, or PyTorch traces or transforms this code."""
    return (
        (torch.is_grad_enabled() and any(value.requires_grad for value in inputs))
        or torch.compiler.is_compiling()
        or torch._C._are_functorch_transforms_active()
        or torch.autograd.forward_ad._current_level >= 0
    )
