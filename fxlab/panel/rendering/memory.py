"""`release_memory`: what was freed goes back to the system."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress


def release_memory() -> None:
    """Have the C library give back what was freed; where it does so by itself, or cannot, nothing is done.

    glibc keeps what a thread has freed for threads to come, in up to eight stores a core: in a notebook whose cells are
    run again and again that is some 10 MB, where a Binder has 1 or 2 GB for all.
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # musl has none
            ctypes.CDLL(None).malloc_trim(0)
