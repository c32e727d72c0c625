"""`apply_to_files` compared with soundfile alone, in as many processes: 2,000 files of one second.

    python -m benchmarks.files [rounds]

Both read 16-bit WAV files of one channel at 44.1 kHz and write 32-bit floating-point WAV files; `apply_to_files` also
runs a module, writes under another name and renames. `Invert` is a module that costs next to nothing. For the
three filters, the ratio is to soundfile with the same filters between reading and writing. The worker processes of both
have started before. The memory is that of the largest worker, early in the run and later.

The last figure is the CPU time of one process with one thread for 300 of the files, which other programs on the machine
hardly change.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import psutil
import soundfile
import torch

import fxlab as fx
from benchmarks.report import MISSED, machine, table
from fxlab.batch.file_list import pair_with_outputs
from fxlab.batch.job import Options, open_job
from fxlab.batch.shard import run_files
from fxlab.engine.torch_support.cpu_limits import available_cpus

FILES, RATE, CHUNK = 2000, 44_100, 64
CPU_FILES, CPU_ROUNDS = 300, 6
TIME_LIMIT = 25.0
"""Seconds after which no further round begins."""
TARGET = 1.2


CHAIN = fx.HighPass(80.0) | fx.Peak(2500.0, gain_db=4.0) | fx.LowPass(8000.0)


def copy_files(paths: list[str], out: str, filters: bool) -> None:
    torch.set_num_threads(1)
    for path in paths:
        samples, rate = soundfile.read(path, dtype="float32")
        if filters:
            samples = CHAIN(torch.from_numpy(samples), sample_rate=rate).numpy()
        soundfile.write(f"{out}/{Path(path).name}", samples, rate, subtype="FLOAT")


def with_soundfile(pool: ProcessPoolExecutor, paths: list[str], out: Path, filters: bool) -> None:
    out.mkdir()
    parts = [paths[first : first + CHUNK] for first in range(0, len(paths), CHUNK)]
    list(pool.map(copy_files, parts, [str(out)] * len(parts), [filters] * len(parts)))


def with_fxlab(module: fx.Module, folder: Path, out: Path, workers: int) -> None:
    report = fx.apply_to_files(module, folder, out, workers=workers, progress=False)
    assert not report.failed, report


def memory_of_workers(run: Callable[[], None]) -> tuple[float, float]:
    """Return the largest memory of a worker in MB: early in the run, and at its end."""
    seen: list[float] = []
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.05):
            children = psutil.Process().children(recursive=True)
            seen.append(max((child.memory_info().rss for child in children), default=0) / 1e6)

    watcher = threading.Thread(target=watch)
    watcher.start()
    run()
    done.set()
    watcher.join()
    return max(seen[: max(1, len(seen) // 10)]), max(seen)


def cpu_times(paths: list[str], folder: Path) -> tuple[float, float]:
    """Return the CPU time of a file in ms, with soundfile and with fxlab, in this process on one thread."""
    module, threads = fx.Invert(), torch.get_num_threads()
    found: list[tuple[float, float]] = []
    for _ in range(CPU_ROUNDS):
        peer, own = folder / "peer", folder / "own"
        peer.mkdir()
        start = time.process_time()
        copy_files(paths, str(peer), filters=False)
        middle = time.process_time()
        pairs = pair_with_outputs(paths, own, None)
        job = open_job(module, own, Options(), None, send=False)
        job.write_shard(0, pairs)
        assert run_files(job, 0, pairs, module).written == len(paths)
        job.finish()
        job.clean()
        found.append((middle - start, time.process_time() - middle))
        shutil.rmtree(peer)
        shutil.rmtree(own)
    torch.set_num_threads(threads)
    peer_time, own_time = (1000 * min(times) / len(paths) for times in zip(*found, strict=True))
    return peer_time, own_time


def timed(job: Callable[[Path], None], out: Path) -> float:
    start = time.perf_counter()
    job(out)
    seconds = time.perf_counter() - start
    shutil.rmtree(out)
    return seconds


def main() -> int:
    """Print the table; return `MISSED` if fxlab takes longer than the target allows."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    workers = available_cpus()
    with tempfile.TemporaryDirectory() as name, ProcessPoolExecutor(workers) as pool:
        folder = Path(name) / "in"
        folder.mkdir()
        samples = np.random.default_rng(0).uniform(-0.5, 0.5, RATE).astype("float32")
        for index in range(FILES):
            soundfile.write(folder / f"{index:04}.wav", samples, RATE, subtype="PCM_16")
        paths = sorted(map(str, folder.glob("*.wav")))
        jobs: dict[str, Callable[[Path], None]] = {
            "soundfile: read, write": lambda out: with_soundfile(pool, paths, out, filters=False),
            "fxlab: Invert": lambda out: with_fxlab(fx.Invert(), folder, out, workers),
            "soundfile: read, three filters, write": lambda out: with_soundfile(pool, paths, out, filters=True),
            "fxlab: three filters": lambda out: with_fxlab(CHAIN, folder, out, workers),
        }
        times: dict[str, list[float]] = {label: [] for label in jobs}
        begin = time.perf_counter()
        for number in range(rounds + 1):  # the first round starts the workers
            if number > 1 and time.perf_counter() - begin > TIME_LIMIT:
                break
            for label, job in jobs.items():
                times[label].append(timed(job, Path(name) / "out"))
        best = {label: min(found[1:]) for label, found in times.items()}
        peer_ms, own_ms = cpu_times(paths[:CPU_FILES], Path(name))
        early, late = memory_of_workers(lambda: jobs["fxlab: three filters"](Path(name) / "out"))
    peers = {
        "fxlab: Invert": best["soundfile: read, write"],
        "fxlab: three filters": best["soundfile: read, three filters, write"],
    }
    ratios = {label: best[label] / peer for label, peer in peers.items()}
    rows = [
        [label, f"{seconds:.2f}", f"{1000 * seconds / FILES:.2f}", f"{ratios[label]:.2f}" if label in ratios else ""]
        for label, seconds in best.items()
    ]
    print(f"{machine()}\n")
    print(table([f"{FILES} files, {workers} processes", "s", "ms per file", "ratio"], rows))
    print(f"\nThe largest worker has {early:.0f} MB early in the run, and at most {late:.0f} MB.")
    print(
        f"\nCPU time of one process for {CPU_FILES} files: soundfile {peer_ms:.2f} ms per file, fxlab with `Invert` "
        f"{own_ms:.2f} ms, ratio {own_ms / peer_ms:.2f}."
    )
    print(f"\nTarget: both ratios at most {TARGET}.")
    return MISSED if max(ratios.values()) > TARGET else 0


if __name__ == "__main__":
    sys.exit(main())
