"""A pool of memory for long outputs, which is reused between calls.

On a GPU, PyTorch keeps freed memory in a cache of its own. On the CPU, the memory of a long tensor goes back to the
operating system, and each page of new memory causes a page fault at its first use, which can take longer than the
filtering. Training loops and panels request outputs of the same size repeatedly, so recent buffers stay in this pool
and are reused when no tensor uses their memory.
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

MIN_BYTES = 1 << 20  # of an output; the C library's allocator already keeps the memory of smaller outputs
MAX_POOL_BYTES = 256 << 20  # of all buffers in the pool, in use or not
HEAP_BYTES = 31 << 20  # just below the size of the largest block that GNU's C library keeps
ALIGNMENT = 64  # bytes, a cache line

NUMPY_DTYPES = {torch.float32: np.float32, torch.float64: np.float64}

Buffer = NDArray[np.uint8]

# Each buffer with a weak reference to the view of it that a tensor's storage holds; the view is freed with the storage.
# Entries are removed and appended one at a time. Each of these operations is atomic in Python, so threads need no lock.
_pool: deque[tuple[Buffer, ref[Any]]] = deque()


def allocate_like(x: Tensor) -> Tensor:
    """Return an uninitialized contiguous tensor with the shape, dtype and device of `x`."""
    return allocate(x.shape, x.dtype, x.device)


def allocate(shape: Sequence[int], dtype: torch.dtype, device: torch.device) -> Tensor:
    """Return an uninitialized contiguous tensor.

    A float32 or float64 tensor on the CPU with at least `MIN_BYTES` bytes has the memory of a buffer of the pool.
    """
    size = prod(shape) * dtype.itemsize
    if size < MIN_BYTES or device.type != "cpu" or dtype not in NUMPY_DTYPES:
        return torch.empty(shape, dtype=dtype, device=device)
    _keep_heap()
    buffer = _take_free_buffer(size)
    view = buffer[:size].view(NUMPY_DTYPES[dtype]).reshape(shape)
    tensor = torch.from_numpy(view)
    _pool.append((buffer, ref(view)))
    with suppress(IndexError):  # another thread has emptied the pool in the meantime
        while sum(pooled.nbytes for pooled, _ in tuple(_pool)) > MAX_POOL_BYTES:
            _pool.popleft()
    return tensor


@lru_cache(maxsize=1)
def _keep_heap() -> None:
    """Make GNU's C library keep freed blocks of up to `HEAP_BYTES` bytes for reuse as intermediate results."""
    # It returns a freed block to the system unless a block of that size has been freed before.
    torch.empty(HEAP_BYTES, dtype=torch.uint8)


def _take_free_buffer(size: int) -> Buffer:
    """Remove and return a pooled buffer that is unused and has `size` to `2 size` bytes, or return an aligned new one.

    The search begins with the buffer allocated last, most of which may still be in the processor's cache. It moves the
    buffers that it passes over to the other end of the pool, from which buffers are discarded if the pool is too large.
    """
    for _ in range(len(_pool)):
        try:
            buffer, view = _pool.pop()
        except IndexError:  # another thread has emptied the pool in the meantime
            break
        if size <= buffer.nbytes <= 2 * size and view() is None:
            return buffer
        _pool.appendleft((buffer, view))
    memory = np.empty(size + ALIGNMENT, np.uint8)
    start = -memory.ctypes.data % ALIGNMENT
    return memory[start : start + size]
