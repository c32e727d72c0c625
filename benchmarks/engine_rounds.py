"""Timing of several implementations in turns, so that other load on the machine affects all of them equally."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable

import torch

Jobs = dict[str, Callable[[], object]]

LONG = 0.2  # seconds; such a job takes much longer than what a rest and the runs before it can change
WARM_UPS = 4  # after torchlpc had released its arrays, three further runs of fxlab took up to three times as long
FEW = 3  # rounds of a job that takes longer
REST = 0.03  # seconds; PyTorch's threads were seen to spin for up to 6 ms of processor time after an operation


def interleaved(jobs: Jobs, rounds: int = 9, device: str = "cpu", *, warm: bool = False) -> dict[str, float]:
    """Return the median milliseconds of each job over `rounds` rounds, after one warm-up round.

    With `warm`, each job rests, runs `WARM_UPS` times, and is timed in the next run. The threads of some libraries spin
    for milliseconds after their work, and would otherwise take a processor from the next job; the first runs bring the
    data back into the caches, and memory that another job has released back from the operating system. A run of more
    than `LONG` counts itself, without further ones. A job with a median above `LONG` is left out after `FEW` rounds.
    """
    times: dict[str, list[float]] = {name: [] for name in jobs}
    gc.collect()
    gc.disable()
    try:
        for job in jobs.values():
            run(job, device)
        for turn in range(rounds):
            for name, job in jobs.items():
                if turn >= FEW and statistics.median(times[name]) > LONG:
                    continue
                if warm:
                    time.sleep(REST)
                seconds = run(job, device)
                for _ in range(WARM_UPS if warm else 0):
                    if seconds > LONG:
                        break
                    seconds = run(job, device)
                times[name].append(seconds)
    finally:
        gc.enable()
    return {name: 1e3 * statistics.median(each) for name, each in times.items()}


def run(job: Callable[[], object], device: str) -> float:
    """Return the seconds that a job takes, without those that release its result."""
    begin = time.perf_counter()
    result = job()
    if device != "cpu":
        torch.cuda.synchronize()
    end = time.perf_counter()
    del result
    return end - begin


def ratios(times: dict[str, float], reference: str) -> list[list[str]]:
    """Return table rows: the job, its median, and its time as a multiple of fxlab's."""
    return [[name, f"{ms:.2f}", f"{ms / times[reference]:.1f}"] for name, ms in times.items()]
