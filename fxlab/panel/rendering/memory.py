"""`release_memory`: returns freed memory to the operating system."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress


def release_memory() -> None:
    """Have glibc return freed memory to the system; do nothing with any other C library.

    glibc keeps the memory that a thread has freed for later threads, in up to eight arenas per core. In a notebook
    whose cells are run repeatedly this amounts to some 10 MB; a Binder instance has 1 or 2 GB in total.
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # musl has no malloc_trim
            ctypes.CDLL(None).malloc_trim(0)
