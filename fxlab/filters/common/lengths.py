"""The length of filters whose parameters say how long they are."""

from __future__ import annotations

import torch
from torch import Tensor

MOST = 1 << 20  # taps: 22 seconds at 48 kHz
MOST_SOLVED = 4001  # taps that are the solution of as many equations


def longest(counts: Tensor) -> int:
    """The largest of the counts, also where `torch.func` maps over them: taps of all examples have one length."""
    functorch = torch._C._functorch
    while functorch.is_functorch_wrapped_tensor(counts):
        counts = functorch.get_unwrapped(counts)
    return int(counts.detach().max())
