"""Removal of values so small that processors compute with them slowly."""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import hardshrink

from fxlab.engine.torch_support.tracing import needs_derivative

INAUDIBLE = 1e-30  # -600 dB; float32 has denormal numbers from 1e-38 on


def flush_denormals(x: Tensor) -> Tensor:
    """Return `x` with 0 for values below -600 dB, which a feedback loop would let decay until they are denormal.

    Where a derivative may be needed `x` is returned as it is, since the gradient of such values is not 0.
    """
    return x if needs_derivative(x) else hardshrink(x, INAUDIBLE)
