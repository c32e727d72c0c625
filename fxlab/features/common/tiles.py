"""The computation of frames in tiles: parts that fit in a processor's cache, distributed over the engine's threads."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from fxlab.engine.torch_support.tracing import needs_derivative
from fxlab.engine.torch_support.worker_pool import max_workers, run_parts

TILE = 1 << 17
"""The maximum number of samples in a tile, unless 8 frames have more; with its spectra a tile needs a few megabytes."""
SHARED = 1 << 20
"""The minimum number of samples in all frames for several threads. One thread processes fewer in less than 2 ms."""


def run_tiles(function: Callable[[Tensor], Tensor], frames: Tensor, *parameters: Tensor) -> Tensor:
    """Return `function(frames)`, computed tile by tile.

    The tiles do not depend on the number of threads, so neither do the values. The function is called once for few
    frames, if a derivative is needed, and on any device but the CPU.

    Args:
        function: A function that computes the result for each frame from the samples of this frame, and returns
            `(..., frames)` or `(..., rows, frames)`.
        frames: The frames of a sound, `(..., frames, samples)`.
        parameters: Further tensors on which the result depends, with gradients or without.
    """
    count = frames.shape[-2]
    length = max(8, TILE * count // max(1, frames.numel()))
    if count <= length or frames.device.type != "cpu" or needs_derivative(frames, *parameters):
        return function(frames)
    parts = torch.split(frames, length, -2)
    workers = max_workers() if frames.numel() >= SHARED else 1
    return torch.cat(run_parts(function, parts, workers), -1)
