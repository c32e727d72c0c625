"""Independent parts of a computation, run on the calling thread and on worker threads, with one join at the end.

PyTorch's own threads meet at the end of every operation. As soon as another program takes a core for a few
milliseconds, all of them wait there, and a filter of fifty operations takes ten times as long. Here each thread runs
all operations of a part alone (`single_thread`), takes the next part when it has finished, and waits for no other.

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
    """Return the number of threads for the parts of a call, at least 1, the calling thread included.

    It is PyTorch's number of threads in the calling thread, limited by the processors that the process may use; in a
    function marked with `without_openmp`, the number that applied where it was called.
    """
    outer: int | None = getattr(_calling_thread, "workers", None)
    if outer is not None:
        return outer
    threads = torch.get_num_threads()
    if threads == 1 or thread_counts() is None or torch._C._len_torch_dispatch_stack():
        return 1
    return min(threads, available_cpus())


def without_openmp(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Let PyTorch's operations in `function` start no other threads, while `run_parts` still uses as many workers.

    This suits a computation of many operations on the CPU whose long loops are in parts. PyTorch's own threads would
    meet after each of its other operations, which takes ten times as long while another program uses a core. Recorded
    and transformed code runs as it is.
    """

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
"""In a function marked with `without_openmp`, `workers` is the number of threads for the parts of a call."""


def run_parts(function: Callable[[Part], Result], parts: Sequence[Part], workers: int) -> list[Result]:
    """Return `function(part)` for each part, computed on `workers` threads: this one, and workers of the pool.

    The parts are begun in order, and the calling thread runs those that no worker has begun, so a call needs no free
    worker: several threads may call at once. The parts run without gradients, in inference mode if the caller does, and
    read the caller's context variables, such as the parameters of the module that runs.

    Raises:
        BaseException: The first exception that a part has raised. No further part is then begun, and none is running.
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
    """A context in which the parts of a call are not divided among threads again."""

    def __enter__(self) -> None:
        self._before = getattr(_calling_thread, "workers", None)
        _calling_thread.workers = None

    def __exit__(self, *_: object) -> None:
        _calling_thread.workers = self._before


class _Job(Generic[Part, Result]):
    """The parts of one call, begun one after the other by the threads that have time."""

    def __init__(self, function: Callable[[Part], Result], parts: Sequence[Part]) -> None:
        self.inference = torch.is_inference_mode_enabled()
        self.results: list[Result] = [None] * len(parts)  # type: ignore[list-item]
        self.error: BaseException | None = None
        self._function, self._parts = function, parts
        self._contexts = [copy_context() for _ in parts]  # only one thread at a time may enter a context
        self._begun = 0
        self._workers = 0  # of the pool, running parts of this job
        self._is_closed = False
        self._changed = threading.Condition(threading.Lock())

    def run_remaining(self) -> None:
        """Run parts that no thread has begun until there are none, or until a part has raised an exception."""
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
        """Run parts on a worker thread."""
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
        """Let no thread begin another part, and wait for the workers to finish theirs."""
        with self._changed:
            self._is_closed = True
            while self._workers:
                self._changed.wait()
        # A worker that looks at this job later keeps no tensors alive.
        del self._function, self._parts, self._contexts


class _Pool:
    """Threads that wait for jobs; as many as the largest number of workers that was ever requested."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: SimpleQueue[_Job[Any, Any]] = SimpleQueue()
        self._size = 0

    def request(self, job: _Job[Any, Any], workers: int) -> None:
        """Ask `workers` threads of the pool to run parts of `job`."""
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
    """Begin with an empty pool in a forked process, which has none of its parent's threads."""
    global _pool  # noqa: PLW0603
    _pool = _Pool()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_threads)
