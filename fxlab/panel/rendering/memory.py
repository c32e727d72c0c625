"""`release_memory`: returns freed memory to the operating system."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress


def release_memory() -> None:
    """Have the C library return freed memory to the system; do nothing where it does so itself or cannot.

    glibc keeps what a thread has freed for later threads, in up to eight arenas per core. In a notebook whose cells are
    run again and again that is some 10 MB, where a Binder has 1 or 2 GB in all.
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # musl has no malloc_trim
            ctypes.CDLL(None).malloc_trim(0)
