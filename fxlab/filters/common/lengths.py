"""The length of filters whose parameters say how long they are."""

from __future__ import annotations

from torch import Tensor

from fxlab.engine.torch_support.known_values import unwrap_transforms

MOST = 1 << 20  # taps: 22 seconds at 48 kHz
MOST_SOLVED = 4001  # taps that are the solution of as many equations


def longest(counts: Tensor) -> int:
    """The largest of the counts, also where `torch.func` maps over them: taps of all examples have one length."""
    return int(unwrap_transforms(counts).detach().max())
