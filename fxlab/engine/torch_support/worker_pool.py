"""Independent parts of a computation, run on the calling thread and on worker threads, with one join at the end.

PyTorch's own threads synchronize at the end of every operation. If another program uses a core for a few milliseconds,
all of them wait, and a filter of fifty operations takes ten times as long. Here each thread runs all operations of a
part without other threads (`single_thread`), then takes the next part, and does not wait for other threads.

The result of a part must not depend on which thread runs it, nor on the number of threads.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from contextvars import copy_context
from functools import wraps
from queue import SimpleQueue
from typing import Any, Generic, ParamSpec, TypeVar

import torch

from fxlab.engine.torch_support.cpu_limits import available_cpus
from fxlab.engine.torch_support.single_thread import SingleThread, thread_counts
from fxlab.engine.torch_support.tracing import is_recorded, is_transformed

Arguments = ParamSpec("Arguments")
Part = TypeVar("Part")
Result = TypeVar("Result")


def max_workers() -> int:
    """Return the number of threads that a call of `run_parts` should use, at least 1, including the calling thread.

    It is PyTorch's number of threads in the calling thread, limited by the processors that the process may use; in a
    function decorated with `without_openmp`, it is the number of the function's caller. It is 1 in a part of
    `run_parts`, while a dispatch mode of PyTorch is active, and if `single_thread.thread_counts` returns None.
    """
    outer: int | None = getattr(_calling_thread, "workers", None)
    if outer is not None:
        return outer
    threads = torch.get_num_threads()
    if threads == 1 or thread_counts() is None or torch._C._len_torch_dispatch_stack():
        return 1
    return min(threads, available_cpus())


def without_openmp(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Return `function`, wrapped so that PyTorch's operations in it run only on the calling thread.

    `max_workers` still returns the caller's number of threads in it, for `run_parts`. While PyTorch records or
    transforms the code, `function` runs unchanged.
    """
    # PyTorch's threads would synchronize after each operation outside of the parts, which takes ten times as long while
    # another program uses a core.

    @wraps(function)
    def run(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        if is_recorded() or is_transformed():
            return function(*args, **kwargs)
        before = getattr(_calling_thread, "workers", None)
        _calling_thread.workers = max_workers()
        try:
            with SingleThread():
                return function(*args, **kwargs)
        finally:
            _calling_thread.workers = before

    return run


_calling_thread = threading.local()
"""Its attribute `workers`, in a function decorated with `without_openmp`, is the number of threads for `run_parts`."""


def run_parts(function: Callable[[Part], Result], parts: Sequence[Part], workers: int) -> list[Result]:
    """Return `function(part)` for each part, computed on up to `workers` threads.

    These are the calling thread and threads of the pool. Whichever thread is free starts the next part, in order.
    Several threads may call this function at the same time. The parts run without gradients, in inference mode if the
    caller is in it, with the context variables of the caller.

    Raises:
        BaseException: The first exception that a part has raised. No part is running then, and no other is started.
    """
    if workers < 2 or len(parts) < 2:
        with _gradient_mode(torch.is_inference_mode_enabled()), SingleThread(), _NoWorkers():
            return [function(part) for part in parts]
    job = _Job(function, parts)
    _pool.request(job, min(workers, len(parts)) - 1)
    try:
        with _gradient_mode(job.inference), SingleThread(), _NoWorkers():
            job.run_remaining()
    finally:
        job.close()
    if job.error is not None:
        raise job.error
    return job.results


def _gradient_mode(inference: bool) -> AbstractContextManager[Any]:
    return torch.inference_mode() if inference else torch.no_grad()


class _NoWorkers:
    """A context in which `max_workers` ignores `without_openmp`, so that a part is not itself divided among threads."""

    def __enter__(self) -> None:
        self._before = getattr(_calling_thread, "workers", None)
        _calling_thread.workers = None

    def __exit__(self, *_: object) -> None:
        _calling_thread.workers = self._before


class _Job(Generic[Part, Result]):
    """The parts of one call of `run_parts`, which its threads start in order, and their results."""

    def __init__(self, function: Callable[[Part], Result], parts: Sequence[Part]) -> None:
        self.inference = torch.is_inference_mode_enabled()
        self.results: list[Result] = [None] * len(parts)  # type: ignore[list-item]
        self.error: BaseException | None = None
        self._function, self._parts = function, parts
        self._contexts = [copy_context() for _ in parts]  # only one thread at a time may enter a context
        self._begun = 0
        self._workers = 0  # the number of threads of the pool that run parts of this job
        self._is_closed = False
        self._changed = threading.Condition(threading.Lock())

    def run_remaining(self) -> None:
        """Run parts that no thread has started until none is left, a part raises an exception or `close` is called."""
        while True:
            with self._changed:
                index = self._begun
                if index == len(self._parts) or self.error is not None or self._is_closed:
                    return
                self._begun = index + 1
            try:
                self.results[index] = self._contexts[index].run(self._function, self._parts[index])
            except BaseException as error:  # raised again in the thread that called `run_parts`
                with self._changed:
                    self.error = self.error or error

    def help_out(self) -> None:
        """Run remaining parts on this thread of the pool; return at once if the job is closed."""
        with self._changed:
            if self._is_closed:
                return
            self._workers += 1
        try:
            with _gradient_mode(self.inference):
                self.run_remaining()
        finally:
            with self._changed:
                self._workers -= 1
                self._changed.notify_all()

    def close(self) -> None:
        """Prevent threads from starting further parts, wait until the workers have finished, and release the parts."""
        with self._changed:
            self._is_closed = True
            while self._workers:
                self._changed.wait()
        # A worker may take this job from the queue much later; until then it must not keep tensors alive.
        del self._function, self._parts, self._contexts


class _Pool:
    """Threads that wait for jobs: as many as the most workers requested so far, or as the system allows."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: SimpleQueue[_Job[Any, Any]] = SimpleQueue()
        self._size = 0

    def request(self, job: _Job[Any, Any], workers: int) -> None:
        """Put `job` in the queue for `workers` threads of the pool, and start threads that are missing.

        If no more threads can be started, `job` is put in the queue only for those that exist.
        """
        with self._lock:
            try:
                while self._size < workers:
                    threading.Thread(target=self._serve, name=f"fxlab-worker-{self._size}", daemon=True).start()
                    self._size += 1
            except RuntimeError:  # the system allows no more threads, or the interpreter is shutting down
                workers = self._size
        for _ in range(workers):
            self._jobs.put(job)

    def _serve(self) -> None:
        jobs = self._jobs
        with SingleThread():
            while True:
                jobs.get().help_out()


_pool = _Pool()


def _forget_threads() -> None:
    """Create an empty pool in a forked process, in which the threads of its parent do not exist."""
    global _pool  # noqa: PLW0603
    _pool = _Pool()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_threads)
