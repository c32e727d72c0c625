"""Time several ways of doing one thing in turns, so that what else the machine does meets all of them alike."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable

import torch

Jobs = dict[str, Callable[[], object]]


def interleaved(jobs: Jobs, rounds: int = 9, device: str = "cpu") -> dict[str, float]:
    """Give the median milliseconds of each job over `rounds` turns, after one turn that is not counted."""
    times: dict[str, list[float]] = {name: [] for name in jobs}
    gc.collect()
    gc.disable()
    try:
        for turn in range(rounds + 1):
            for name, job in jobs.items():
                begin = time.perf_counter()
                result = job()
                if device != "cpu":
                    torch.cuda.synchronize()
                end = time.perf_counter()
                del result
                if turn:
                    times[name].append((end - begin) * 1e3)
    finally:
        gc.enable()
    return {name: statistics.median(each) for name, each in times.items()}


def ratios(times: dict[str, float], ours: str) -> list[list[str]]:
    """Rows of a table: the job, its median, how many times as long as ours it took."""
    return [[name, f"{ms:.2f}", f"{ms / times[ours]:.1f}"] for name, ms in times.items()]
