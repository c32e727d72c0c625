"""`unit`: the direction of a complex number."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.engine.torch_support.tracing import needs_derivative


def unit(z: Tensor) -> Tensor:
    """Return `z / |z|`, and 1 where `z` is 0 or too small to divide by, with finite derivatives."""
    tiny = torch.finfo(z.dtype).tiny
    if not needs_derivative(z):
        # PyTorch divides by the magnitude of a subnormal number as if it were 0.
        direction = torch.sgn(torch.view_as_complex(torch.hardshrink(torch.view_as_real(z), 2.0**24 * tiny)))
        return direction + (direction == 0)
    magnitude = z.abs()
    is_zero = magnitude < tiny
    return z / torch.where(is_zero, 1.0, magnitude) + is_zero
