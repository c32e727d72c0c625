"""Load for the benchmarks: busy processes beside them, and a process that may use a single core."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

# It also ends when the benchmark has been killed, which then cannot end it.
BUSY = """
import os, sys
while os.getppid() == int(sys.argv[1]):
    for _ in range(1_000_000):
        pass
"""


@contextmanager
def busy_processes(count: int) -> Iterator[None]:
    """Keep `count` other processes busy."""
    processes = [subprocess.Popen([sys.executable, "-c", BUSY, str(os.getpid())]) for _ in range(count)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def allowed_cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_on_one_core(arguments: list[str]) -> str:
    """Run Python with `arguments` in a process that may use one core, and return what it prints."""

    def limit() -> None:
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

    command = [sys.executable, *arguments]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, preexec_fn=limit).stdout
