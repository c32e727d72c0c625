"""How a convolution is cut into frames: the cheapest way by measured costs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import ceil

import torch
from torch import Tensor

# Nanoseconds a frame sample, for the transform there and back and the product between, by log2 of the frame: one
# core, tiles of TILE samples (benchmarks/engine_convolution.py prints it again). Only ratios matter. Past 2^15 a
# transform leaves the core's cache, and partitions of a long kernel cost less than longer transforms.
FFT_COST = dict(enumerate((2.0, 2.2, 2.4, 2.5, 2.9, 3.2, 3.3, 3.8, 4.2, 4.9, 6.7, 9.9, 27.0), start=6))
PARTITION_COST = 0.25  # a further partition's product, a frame sample
# Nanoseconds an output, directly, by block: (fixed, for each sample of the frame).
DIRECT_COST = {16: (1.0, 0.045), 32: (0.8, 0.03), 64: (0.5, 0.03)}
FFT_CALL, DIRECT_CALL = 50_000.0, 20_000.0  # what a call costs whatever its length
TILE = 1 << 18  # samples that a core works on at once: they stay in its cache
CORES = 8  # beyond so many, tiles grow no longer
DEVICE_TILE = 1 << 24  # on a GPU, where starting a kernel costs more than leaving the cache


@dataclass(frozen=True)
class Plan:
    """How a signal is cut: frames of `frame` inputs give `block` outputs, the last of them.

    Directly where `n_fft` is 0. By FFT otherwise, the kernel in `parts` of `block` taps where it is more than one.
    """

    taps: int
    block: int
    n_fft: int = 0
    parts: int = 1

    @property
    def frame(self) -> int:
        """Inputs a frame."""
        return self.n_fft or self.block + self.taps - 1


@lru_cache(maxsize=4096)
def plan(length: int, taps: int) -> Plan:
    """Choose the cheapest cut for `length` outputs of `taps` taps."""
    choices: list[tuple[float, Plan]] = []
    for block, (fixed, each) in DIRECT_COST.items():
        outputs = ceil(length / block) * block
        choices.append((DIRECT_CALL + outputs * (fixed + each * (block + taps - 1)), Plan(taps, block)))
    for bits in range(6, (length + taps).bit_length() + 1):
        n_fft = 1 << bits
        each = FFT_COST.get(bits, 40.0)
        if taps < n_fft:
            block = n_fft - taps + 1
            # The kernel is a frame as well, transformed one way.
            cost = (ceil(length / block) + 0.5) * n_fft * each
            choices.append((FFT_CALL + cost, Plan(taps, block, n_fft)))
        block = n_fft // 2
        parts = ceil(taps / block)
        if parts > 1:
            frames = ceil(length / block)
            cost = (frames + 0.5 * parts) * n_fft * each + frames * (parts - 1) * n_fft * PARTITION_COST
            choices.append((FFT_CALL * parts**0.5 + cost, Plan(taps, block, n_fft, parts)))
    return min(choices, key=lambda choice: choice[0])[1]


def tile(x: Tensor) -> int:
    """Samples to work on at once on x's device."""
    return TILE * min(torch.get_num_threads(), CORES) if x.device.type == "cpu" else DEVICE_TILE
