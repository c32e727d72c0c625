"""Elementwise operations on signals, in tiles of time that fit in a processor's cache, on several threads.

A formula of ten operations on ten seconds of sound reads and writes ten arrays of megabytes, which takes longer than
its arithmetic. In tiles, the intermediate results stay in the cache.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from torch import Tensor

from fxlab.engine.torch_support.buffer_pool import allocate
from fxlab.engine.torch_support.tracing import needs_derivative
from fxlab.engine.torch_support.worker_pool import max_workers, run_parts

TILE = 1 << 15
"""The approximate number of samples in a tile, over all rows."""


def in_time_tiles(function: Callable[..., Tensor], *inputs: Tensor, parameters: Iterable[Tensor] = ()) -> Tensor:
    """Return `function(*inputs)`, computed in tiles of time on several threads.

    The function is called only once, for the complete inputs, if a derivative may be needed, an input is not on the
    CPU, or the inputs are shorter than two tiles.

    Args:
        function: A function that computes each sample of its result `(..., time)` from the same sample of its inputs.
        inputs: The arguments of the function: tensors `(..., time)`, and tensors `(..., 1)` or `()`, which are passed
            unchanged.
        parameters: Further tensors that the function reads and that do not depend on time. They are only tested for
            whether a derivative may be needed.

    >>> import torch
    >>> in_time_tiles(torch.mul, torch.ones(2, 100_000), torch.tensor(3.0)).mean()
    tensor(3.)
    """
    time = max((each.shape[-1] for each in inputs if each.ndim), default=0)
    length = tile_length(*inputs)
    is_on_cpu = all(each.is_cpu for each in inputs)
    if time < 2 * length or not is_on_cpu or needs_derivative(*inputs, *parameters):
        return function(*inputs)

    def compute(start: int) -> Tensor:
        return function(
            *(each[..., start : start + length] if each.ndim and each.shape[-1] > 1 else each for each in inputs)
        )

    first = compute(0)
    out = allocate((*first.shape[:-1], time), first.dtype, first.device)
    out[..., :length] = first

    def write(start: int) -> None:
        out[..., start : start + length] = compute(start)

    run_parts(write, range(length, time, length), max_workers())
    return out


def tile_length(*inputs: Tensor) -> int:
    """Return the length of a tile in samples, at least 1, for `inputs` `(..., time)`.

    A tile of the input with the most rows has about `TILE` samples.
    """
    time = max((each.shape[-1] for each in inputs if each.ndim), default=0)
    return max(1, TILE * time // max(1, *(each.numel() for each in inputs)))
