"""Limits for the number of taps of a filter, and the largest number in a batch."""

from __future__ import annotations

from torch import Tensor

from fxlab.engine.torch_support.known_values import unwrap_transforms

MAX_TAPS = 1 << 20  # taps: 22 seconds at 48 kHz
MAX_SOLVED_TAPS = 4001  # for designs that solve one equation per tap


def max_count(counts: Tensor) -> int:
    """Return the largest count, also inside `torch.func` transforms; the taps of all examples are padded to it."""
    return int(unwrap_transforms(counts).detach().max())
