"""Peak memory added by a call, measured in a separate process."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.queues import Queue
from pathlib import Path
from queue import Empty

import torch
from torch import Tensor

RATE = 44_100


def resident() -> int:
    """Return the resident memory of this process in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def measure_peak(job: Callable[[Tensor], Tensor], seconds: float, queue: Queue) -> None:
    """Measure the resident memory while `job` runs over `seconds` of stereo; the output is included.

    A first call of half a second, or of a sixtieth if that is longer, loads the code of the job.
    """
    torch.set_grad_enabled(False)
    x = torch.randn(2, round(seconds * RATE))
    job(x[:, : max(x.shape[-1] // 60, RATE // 2)])
    before, highest, done = resident(), 0, threading.Event()

    def watch() -> None:
        nonlocal highest
        while not done.wait(0.0005):
            highest = max(highest, resident())

    watcher = threading.Thread(target=watch)
    watcher.start()
    y = job(x)
    highest = max(highest, resident())
    done.set()
    watcher.join()
    queue.put((highest - before) / (y.numel() * y.element_size()))


def added_memory(job: Callable[[Tensor], Tensor], seconds: float = 600.0) -> float:
    """Return the peak memory added by the picklable `job` over `seconds` of stereo, as a multiple of its input.

    Raises:
        RuntimeError: The process of the measurement has ended without a result.
    """
    context = get_context("spawn")
    queue = context.Queue()
    process = context.Process(target=measure_peak, args=(job, seconds, queue))
    process.start()
    while True:
        try:
            found = float(queue.get(timeout=1.0))
        except Empty:
            if not process.is_alive():
                raise RuntimeError(f"the process that measures memory ended with status {process.exitcode}") from None
        else:
            process.join()
            return found
