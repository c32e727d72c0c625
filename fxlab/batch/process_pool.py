"""The local pool of `apply_to_files`: processes with one thread of PyTorch each."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from multiprocessing.context import BaseContext

import torch

from fxlab.batch.job import Job
from fxlab.batch.shard import ShardResult, run_shard, take_files_in_progress
from fxlab.errors import FxlabError

_CRASHED = "the process that read or processed it ended abruptly: out of memory, or a fault in a library."


def run_in_processes(job: Job, shards: Sequence[int], workers: int) -> Iterator[ShardResult]:
    """Yield the results of the shards, in the order in which they are completed.

    A file that crashes its process ends the whole pool. Then the files that were being processed are removed from their
    shards and processed one by one, each in a new process; a file that crashes its process again counts as failed. The
    other files are processed in a new pool.

    Raises:
        FxlabError: The processes ended abruptly while none of them was processing a file.
    """
    pending, number = set(shards), max(shards, default=0)
    while pending:
        broken = False
        for shard, result in _run_once(job, sorted(pending), workers):
            if result is None:
                broken = True
            else:
                pending.discard(shard)
                yield result
        if not broken:
            return
        suspects = take_files_in_progress(job)
        if not suspects:
            raise FxlabError(
                "apply_to_files: the worker processes ended before their first file. In a script, call it below "
                "`if __name__ == '__main__':`, because new processes import the script; or pass workers=0."
            )
        for pair in suspects:
            number += 1
            job.write_shard(number, [pair])
            ((_, result),) = _run_once(job, [number], 1)
            if result is None:
                job.clear_unfinished()
                result = ShardResult(0, 0, {pair[0]: _CRASHED})
            yield result


def _run_once(job: Job, shards: Sequence[int], workers: int) -> Iterator[tuple[int, ShardResult | None]]:
    """Yield each shard and its result when it is completed.

    If a process ended abruptly, the result is None, and no further results follow.
    """
    pool = ProcessPoolExecutor(min(workers, len(shards)), _context(), _initialize)
    is_idle = False
    try:
        futures: dict[Future[ShardResult], int] = {pool.submit(run_shard, str(job.folder), n): n for n in shards}
        for future in as_completed(futures):
            try:
                result = future.result()
            except BrokenProcessPool:
                is_idle = True
                yield futures[future], None
                return
            yield futures[future], result
        is_idle = True
    finally:
        # After an error or Ctrl+C the processes end by themselves before their next file.
        pool.shutdown(wait=is_idle, cancel_futures=True)


def _context() -> BaseContext:
    """Return the context that starts the processes: a fork server that has imported fxlab, if the system has one.

    A fork of this process itself could inherit a lock that another thread holds, and that nothing would release.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["fxlab.batch.worker_imports"])
    return context


def _initialize() -> None:
    """Prepare a worker process: it uses one thread, ignores Ctrl+C, and ends together with its parent process."""
    torch.set_num_threads(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
