"""Memory for long outputs, kept for the next one: touching fresh pages can cost more than the filtering.

PyTorch gives memory on a GPU back to a cache, memory on the CPU to the system; the system hands out empty pages again,
each of which costs a fault at its first touch. What a course, a panel or a training loop asks for comes again and
again in the same size, so the last buffers wait here until nobody holds a tensor in them any more.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from math import prod
from typing import Any
from weakref import ref

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

SMALL = 1 << 20  # bytes: below, the allocator of the C library keeps the memory by itself
KEPT = 256 << 20  # bytes: what waits here at the most, in use or not
HEAP = 31 << 20  # bytes: just below the largest block that GNU's C library keeps
ALIGNED = 64  # bytes, a cache line

KINDS = {torch.float32: np.float32, torch.float64: np.float64}

Buffer = NDArray[np.uint8]

# Each buffer with the view of it that a tensor's storage holds, and which dies with the storage. They are taken out and
# put back one at a time, each of which Python does in one piece: threads need no lock.
_kept: deque[tuple[Buffer, ref[Any]]] = deque()


def fresh(like: Tensor) -> Tensor:
    """An uninitialised contiguous tensor of the shape, dtype and device of `like`."""
    return room(like.shape, like.dtype, like.device)


def room(shape: Sequence[int], dtype: torch.dtype, device: torch.device) -> Tensor:
    """An uninitialised contiguous tensor."""
    size = prod(shape) * dtype.itemsize
    if size < SMALL or device.type != "cpu" or dtype not in KINDS:
        return torch.empty(shape, dtype=dtype, device=device)
    _keep_heap()
    buffer = _unused(size + ALIGNED)
    start = -buffer.ctypes.data % ALIGNED
    view = buffer[start : start + size].view(KINDS[dtype]).reshape(shape)
    tensor = torch.from_numpy(view)
    _kept.append((buffer, ref(view)))
    with suppress(IndexError):  # another thread has them all in its hands
        while sum(one.nbytes for one, _ in tuple(_kept)) > KEPT:
            _kept.popleft()
    return tensor


@lru_cache(maxsize=1)
def _keep_heap() -> None:
    """Let the C library keep freed blocks of up to HEAP bytes too: the intermediate results of an output.

    GNU's gives a block back to the system until it has seen one as large freed. This one is never touched.
    """
    torch.empty(HEAP, dtype=torch.uint8)


def _unused(size: int) -> Buffer:
    """Take out a buffer that nobody uses and that is not more than twice too large, or make one."""
    for _ in range(len(_kept)):
        try:
            buffer, view = _kept.popleft()
        except IndexError:  # another thread was faster
            break
        if size <= buffer.nbytes <= 2 * size and view() is None:
            return buffer
        _kept.append((buffer, view))
    return np.empty(size, np.uint8)
