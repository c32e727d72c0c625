"""The fastest division of a convolution into frames, estimated from measured times."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import ceil

from torch import Tensor

# Nanoseconds per sample of a frame for transform, product and inverse, by log2 of the frame length, measured on one
# core with tiles of TILE samples (`python -m benchmarks.engine_convolution 9 costs` repeats the
# measurement). Only ratios matter. A transform of more than 2^12 samples no longer fits in the core's first cache, so
# dividing a long kernel into partitions costs less.
FFT_COST = dict(enumerate((2.1, 1.8, 1.8, 1.95, 2.2, 2.2, 2.55, 3.2, 4.0, 4.2, 5.0, 5.5, 7.6), start=6))
MAX_FFT_COST = 9.5  # nanoseconds per sample, for a frame longer than those in the table
PARTITION_COST = 0.25  # nanoseconds per sample of a frame, for the product with one more partition
# Nanoseconds per output of the direct product, by block length: (a constant, an increment per sample of the frame).
# The constants are half a nanosecond lower than measured, because the direct product is more accurate.
DIRECT_COST = {16: (1.2, 0.025), 32: (1.0, 0.015), 64: (1.2, 0.0145)}
FFT_CALL_COST, DIRECT_CALL_COST = 50_000.0, 20_000.0  # nanoseconds per call, independent of its length
TILE = 1 << 18  # samples that a thread processes at once, so that they stay in a core's cache
TILE_FRAMES = 32  # the fewest frames for which a tile has room, as preparing a call costs as much as ten transforms
ALIGNMENT = 16  # samples, a cache line in float32
DEVICE_TILE = 1 << 24  # samples on a GPU, where launching a kernel costs more than cache misses


@dataclass(frozen=True)
class FramePlan:
    """The division of a convolution into blocks of `block` outputs, with an overlapping frame of inputs for each block.

    The kernel has `taps` taps. If `n_fft` is 0, a block is the product of its frame and a Toeplitz matrix. Otherwise
    blocks are computed by FFTs of `n_fft` samples, the length of a frame. If `partitions` is more than 1, the kernel is
    divided into that many partitions of `block` taps.
    """

    taps: int
    block: int
    n_fft: int = 0
    partitions: int = 1

    @property
    def frame(self) -> int:
        """The number of inputs in a frame."""
        return self.n_fft or self.block + self.taps - 1


@lru_cache(maxsize=4096)
def choose_frame_plan(length: int, taps: int) -> FramePlan:
    """Return the plan with the lowest estimated time for `length` outputs and a kernel with `taps` taps."""
    choices: list[tuple[float, FramePlan]] = []
    for block, (fixed, cost_per_input) in DIRECT_COST.items():
        outputs = ceil(length / block) * block
        cost = outputs * (fixed + cost_per_input * (block + taps - 1))
        choices.append((DIRECT_CALL_COST + cost, FramePlan(taps, block)))
    for bits in range(6, (length + taps).bit_length() + 1):
        n_fft = 1 << bits
        cost_per_sample = FFT_COST.get(bits, MAX_FFT_COST)
        if taps < n_fft:
            block = _round_down(n_fft - taps + 1)
            # The kernel counts as half a frame because it needs no inverse transform.
            cost = (ceil(length / block) + 0.5) * n_fft * cost_per_sample
            choices.append((FFT_CALL_COST + cost, FramePlan(taps, block, n_fft)))
        block = n_fft // 2
        partitions = ceil(taps / block)
        if partitions > 1:
            frames = ceil(length / block)
            transforms = (frames + 0.5 * partitions) * n_fft * cost_per_sample
            cost = transforms + frames * (partitions - 1) * n_fft * PARTITION_COST
            choices.append((FFT_CALL_COST * partitions**0.5 + cost, FramePlan(taps, block, n_fft, partitions)))
    return min(choices, key=lambda choice: choice[0])[1]


def _round_down(block: int) -> int:
    """Return `block` rounded down to a multiple of `ALIGNMENT`, or unchanged if it is below `8 * ALIGNMENT`."""
    return block // ALIGNMENT * ALIGNMENT if block >= 8 * ALIGNMENT else block


def samples_per_tile(plan: FramePlan, x: Tensor) -> int:
    """Return the number of samples that a tile should have, in all its frames together, on the device of `x`."""
    return max(TILE, TILE_FRAMES * plan.n_fft) if x.is_cpu else DEVICE_TILE
