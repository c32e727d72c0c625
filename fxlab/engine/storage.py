"""Fresh memory for a long signal, asked of the kernel in large pages where it has them."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from functools import lru_cache

import torch
from torch import Tensor

LARGE = 8 << 20  # bytes: from here on the touching of fresh 4 KiB pages costs as much as the filtering
PAGE = 4096
MADV_HUGEPAGE = 14  # of Linux's madvise(2)


def fresh(like: Tensor) -> Tensor:
    """An uninitialised contiguous tensor of the shape, dtype and device of `like`."""
    new = torch.empty(like.shape, dtype=like.dtype, device=like.device)
    size = new.numel() * new.element_size()
    if size >= LARGE and new.device.type == "cpu":
        advise = _advise()
        if advise is not None:
            start = new.data_ptr()
            first = -(-start // PAGE) * PAGE
            # Advice only: where the kernel declines, small pages serve as before.
            advise(first, (start + size - first) // PAGE * PAGE, MADV_HUGEPAGE)
    return new


@lru_cache(maxsize=1)
def _advise() -> Callable[[int, int, int], int] | None:
    if sys.platform != "linux":
        return None
    try:
        advise = ctypes.CDLL(None).madvise
    except (OSError, AttributeError):
        return None
    advise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    return advise
