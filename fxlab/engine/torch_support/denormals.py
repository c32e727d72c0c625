"""Removal of denormal numbers, with which processors compute slowly."""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import hardshrink

from fxlab.engine.torch_support.tracing import needs_derivative

INAUDIBLE = 1e-30  # -600 dB; the denormal numbers of float32 are those below 1.2e-38


def flush_denormals(x: Tensor) -> Tensor:
    """Return `x` with 0 in place of values whose magnitude is at most 1e-30.

    In a feedback loop such values would decay until they are denormal. If a derivative may be needed
    (`needs_derivative`), `x` is returned unchanged, because the replacement would set their gradient to 0.
    """
    return x if needs_derivative(x) else hardshrink(x, INAUDIBLE)
