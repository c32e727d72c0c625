"""The memory of Dask's scheduler for the tasks of `apply_to_files`: 100, 1,000 and 10,000 shards of one file each.

    python -m benchmarks.scheduler_memory

The scheduler is a process of its own, on loopback. Its memory is read while all tasks wait for a worker, and after they
have run on two workers, before they are released.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil
from distributed import Client

import fxlab as fx
from benchmarks.report import machine, table
from fxlab.batch.shard import run_shard

COUNTS = (100, 1_000, 10_000)


def start(module: str, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def measure(count: int, folder: Path) -> list[str]:
    """Return a row of the table: bytes per waiting and per finished task, and seconds."""
    inputs = folder / "in"
    inputs.mkdir(parents=True)
    for index in range(count):
        fx.Signal([0.0] * 8, 8000).save(inputs / f"{index:05}.wav")
    info = folder / "scheduler.json"
    processes = [start("distributed.cli.dask_scheduler", "--host=127.0.0.1", "--port=0", "--no-dashboard",
                       f"--scheduler-file={info}")]  # fmt: skip
    try:
        with Client(scheduler_file=str(info)) as client:
            scheduler = psutil.Process(processes[0].pid)

            def tasks() -> int:
                return int(client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks)))

            # The scheduler unpickles tasks, and so imports fxlab and PyTorch with the first of them.
            first = client.submit(run_shard, "", 0)
            while tasks() < 1:
                time.sleep(0.05)
            del first
            empty = scheduler.memory_info().rss
            executor = client.get_executor()
            reports: list[object] = []
            thread = threading.Thread(
                target=lambda: reports.append(
                    fx.apply_to_files(
                        fx.Gain(), inputs, folder / "out", executor=executor, shard_size=1, progress=False
                    )
                )
            )
            thread.start()
            while tasks() < count:
                time.sleep(0.05)
            waiting = scheduler.memory_info().rss
            processes += [
                start("distributed.cli.dask_worker", f"--scheduler-file={info}", "--nthreads=1", "--no-dashboard")
                for _ in range(2)
            ]
            client.wait_for_workers(2)
            begin, highest = time.perf_counter(), waiting
            while thread.is_alive():
                highest = max(highest, scheduler.memory_info().rss)
                time.sleep(0.05)
            seconds = time.perf_counter() - begin
            assert repr(reports[0]) == f"Report({count} of {count} files done, 0 failed)", reports
            per_task = [(memory - empty) / count / 1024 for memory in (waiting, highest)]
            numbers = [count, empty / 2**20, highest / 2**20]
            return [*(f"{number:.0f}" for number in numbers), *(f"{kb:.1f}" for kb in per_task),
                    f"{1000 * seconds / count:.1f}"]  # fmt: skip
    finally:
        for process in processes:
            process.terminate()
            process.wait()


def main() -> None:
    """Print the table."""
    head = ["shards", "MiB before", "highest MiB", "kB per waiting task", "kB at the highest", "ms per shard"]
    with tempfile.TemporaryDirectory() as folder:
        rows = [measure(count, Path(folder) / str(count)) for count in COUNTS]
    print(f"{machine()}\n\n{table(head, rows)}")


if __name__ == "__main__":
    main()
