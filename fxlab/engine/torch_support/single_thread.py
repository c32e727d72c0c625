"""A context in which PyTorch computes only on the calling thread, without an effect on other threads.

`torch.set_num_threads` changes the number of threads not only for operations of the calling thread, but also for those
of threads that start later. OpenMP and MKL, which PyTorch uses, have a thread count for each calling thread; this
module changes only that of the current one.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import lru_cache, wraps
from pathlib import Path
from typing import NamedTuple, ParamSpec, TypeVar

import torch

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

LIBRARIES = ("libtorch_cpu.so", "libtorch_cpu.dylib", "libiomp5md.dll")


class ThreadCounts(NamedTuple):
    """Functions that set the number of threads that OpenMP and MKL use for operations of the calling thread."""

    set_openmp: Callable[[int], object]
    set_mkl: Callable[[int], int]  # returns the number set before; 0 means that OpenMP's number applies


@lru_cache(maxsize=1)
def thread_counts() -> ThreadCounts | None:
    """Return the `ThreadCounts` of this build of PyTorch, or None if it has none; `SingleThread` then has no effect."""
    folder = Path(torch.__file__).parent / "lib"
    for path in (folder / name for name in LIBRARIES):
        if not path.exists():
            continue
        try:
            library = ctypes.PyDLL(str(path))
            set_openmp = library.omp_set_num_threads
            if not torch._C.has_mkl:
                return ThreadCounts(set_openmp, lambda _: 0)
            return ThreadCounts(set_openmp, library.MKL_Set_Num_Threads_Local)
        except (OSError, AttributeError):
            continue
    return None


def single_threaded(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Return `function`, wrapped so that PyTorch's operations in it run only on the calling thread.

    This is faster for recursions of thousands of short operations, after each of which threads would synchronize. It
    has no effect if `thread_counts` returns None.
    """

    @wraps(function)
    def run(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        with SingleThread():
            return function(*args, **kwargs)

    return run


class SingleThread:
    """A context in which PyTorch's operations run only on the calling thread.

    On exit the previous number of threads is restored. The context must not be entered again before its exit. It has no
    effect if `thread_counts` returns None.
    """

    def __enter__(self) -> None:
        self._openmp = torch.get_num_threads()  # also makes PyTorch initialize the number of a new thread
        self._counts = thread_counts() if self._openmp > 1 else None
        if self._counts is not None:
            self._counts.set_openmp(1)
            self._mkl = self._counts.set_mkl(1)

    def __exit__(self, *_: object) -> None:
        if self._counts is not None:
            self._counts.set_openmp(self._openmp)
            self._counts.set_mkl(self._mkl)
