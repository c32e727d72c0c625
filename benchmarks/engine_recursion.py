"""Recursive filters compared with other libraries, alternately in one run.

    python -m benchmarks.engine_recursion [rounds] [--busy | --one-core]

44.1 kHz, in float32 where supported (SciPy too computes in float32), each library with its default number of threads.
Without an option all tables are made: on the machine as it is (quiet), with one busy process beside for each core, and
on one core. Optional libraries are included if they run with the installed PyTorch; they are timed on the quiet machine
only.
philtorch and torchlpc are not in the extra `bench`, because they require certain versions of torch and NumPy:
`pip install --no-deps philtorch` adds the first to an environment with the PyTorch that it was built for.
"""

from __future__ import annotations

import importlib
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial

import numpy as np
import scipy.signal
import torch
from torch import Tensor

from benchmarks.engine_cases import (
    FOURTH,
    convolution_cases,
    filter_jobs,
    follower_jobs,
    noise,
    recursive_cases,
    ten_bands,
)
from benchmarks.engine_load import allowed_cores, busy_processes, run_on_one_core
from benchmarks.engine_memory import added_memory
from benchmarks.engine_peers import FLUXION, FXLAB, PEERS, RATE, SCIPY, TORCHFX, fluxion_coefficients, installed
from benchmarks.engine_rounds import Jobs, interleaved
from benchmarks.report import machine, table
from fxlab.engine import sosfilt

Times = dict[str, dict[str, float]]
"""Milliseconds by case and library."""

OACONVOLVE = "SciPy oaconvolve"
CONVOLVERS = (OACONVOLVE, "torchaudio fftconvolve", "julius fft_conv1d", TORCHFX)
TARGETS = {  # by case, for the first peers
    "60 s stereo, 4th-order Butterworth": ("3", "12", "1.6"),
    "10 s stereo, ten-band EQ": ("3.5", "12", "2.5"),
    "64 channels × 10 s, 8th order": ("2.5", "30", "1.2"),
    "10 s mono, one biquad, design included": ("1.5", "3", "1.3"),
    "forward and backward, 10 s stereo, 4th order": ("–", "8", "–"),
    "511 taps": ("2.5",),
}


def row(times: dict[str, float], peers: tuple[str, ...], targets: tuple[str, ...] = ()) -> list[str]:
    """Return fxlab's milliseconds, and the time of each peer as a multiple of it, with its target."""
    cells = [f"{times[FXLAB]:.2f}"]
    for number, name in enumerate(peers):
        cell = f"{times[name] / times[FXLAB]:.1f}" if name in times else "–"
        target = targets[number] if number < len(targets) else "–"
        cells.append(cell if target == "–" else f"{cell} (≥ {target})")
    return cells


def time_cases(cases: dict[str, Callable[[], Jobs]], peers: tuple[str, ...], rounds: int) -> Times:
    """Time the cases with the jobs of fxlab and of `peers`."""
    times = {}
    for name, make in cases.items():
        jobs = {peer: job for peer, job in make().items() if peer in (FXLAB, *peers)}
        times[name] = interleaved(jobs, rounds, warm=True)
    return times


def case_table(times: Times, peers: tuple[str, ...], targets: dict[str, tuple[str, ...]]) -> str:
    """Return a table with a row for each case."""
    rows = [[name, *row(each, peers, targets.get(name, ()))] for name, each in times.items()]
    return table(["", "fxlab, ms", *(f"{peer} / fxlab" for peer in peers)], rows)


def torchfx_cases(lengths: tuple[int, ...]) -> dict[str, Callable[[], Jobs]]:
    """Return the scenario of TorchFX's benchmarks: four filters in series, by length in seconds and channels."""
    parts = [
        scipy.signal.butter(2, 1000, "high", fs=RATE, output="sos"),
        scipy.signal.butter(2, 5000, "low", fs=RATE, output="sos"),
        scipy.signal.cheby1(2, 1, 1500, "high", fs=RATE, output="sos"),
        scipy.signal.cheby1(2, 1, 1800, "low", fs=RATE, output="sos"),
    ]
    sos = np.concatenate(parts)
    return {
        f"{seconds} s × {channels}": partial(_filter_noise, channels, seconds, sos)
        for seconds in lengths
        for channels in (1, 2, 4, 8)
    }


def batch_cases() -> dict[str, Callable[[], Jobs]]:
    """Return a filter of order 8 over batches of 1 s of stereo."""
    sos = scipy.signal.butter(8, 2000, fs=RATE, output="sos")
    return {f"{files} files": partial(_filter_noise, 2 * files, 1, sos) for files in (8, 32, 128, 512)}


def _filter_noise(channels: int, seconds: float, sos: np.ndarray) -> Jobs:
    return filter_jobs(noise(channels, seconds), sos)


def run_sosfilt(x: Tensor, sos: Tensor) -> Tensor:
    return sosfilt(x, sos)[0]


def block_table(rounds: int) -> str:
    """Time the blocks of a stereo stream through one to ten sections, in microseconds."""
    rows = []
    for sections in (1, 4, 10):
        for length in (64, 128, 512):
            each = {name: [] for name in (FXLAB, SCIPY, FLUXION)}
            jobs = _streams(ten_bands()[:sections], length)
            for _ in range(rounds):
                for name, job in jobs.items():
                    begin = time.perf_counter()
                    job()
                    each[name].append((time.perf_counter() - begin) * 1e6)
            medians = {name: statistics.median(times) for name, times in each.items() if times}
            peers = [f"{medians[name] / medians[FXLAB]:.2f}" if name in medians else "–" for name in (SCIPY, FLUXION)]
            rows.append([f"{length} samples, {sections} sections", f"{medians[FXLAB]:.0f}", *peers])
    return table(["stereo block", "fxlab, µs", "SciPy / fxlab", "fluxion-dsp RtChain / fxlab"], rows)


def _streams(sos: np.ndarray, length: int) -> Jobs:
    """Return for each library a job that filters the next block of its stream."""
    block, sections = torch.randn(2, length), torch.from_numpy(sos)
    plain = block.numpy()
    states = {FXLAB: None, SCIPY: np.zeros((len(sos), 2, 2), np.float32)}

    def run_fxlab() -> None:
        _, states[FXLAB] = sosfilt(block, sections, states[FXLAB])

    def run_scipy() -> None:
        _, states[SCIPY] = scipy.signal.sosfilt(sos, plain, zi=states[SCIPY])

    jobs: Jobs = {FXLAB: run_fxlab, SCIPY: run_scipy}
    if FLUXION in installed():
        chain = importlib.import_module("fluxion").RtChain
        chains = [chain.from_sections(fluxion_coefficients(sos), length) for _ in range(2)]
        output = np.empty_like(plain)
        jobs[FLUXION] = lambda: [one.process(x, y) for one, x, y in zip(chains, plain, output, strict=True)]
    return jobs


def loaded_tables(condition: str, rounds: int, quiet: Times) -> list[str]:
    """Time the cases against SciPy alone, under a load that the caller has provided.

    Their target is 1.5 times as fast as SciPy, and at least half the ratio that was measured in `quiet`. For gradients,
    which SciPy does not have, it is half that ratio alone.
    """
    parts = []
    for title, cases, peer in (
        ("Recursive filters", recursive_cases(), SCIPY),
        ("FIR filters on 60 s of stereo", convolution_cases(), OACONVOLVE),
    ):
        times, targets = time_cases(cases, (peer,), rounds), {}
        for name in times:
            least = 0.0 if TARGETS.get(name, ("",))[0] == "–" else 1.5
            half = quiet[name][peer] / quiet[name][FXLAB] / 2 if name in quiet else 0.0
            targets[name] = (f"{max(least, half):.2g}",) if least or half else ()
        parts += [f"## {title}, {condition}", case_table(times, (peer,), targets)]
    follower = interleaved(follower_jobs(), rounds)[FXLAB]
    return [*parts, f"Envelope with attack and release, 10 s stereo: {follower:.1f} ms."]


def short_tables(condition: str, rounds: int) -> list[str]:
    """Time short calls against SciPy alone, under a load that the caller has provided."""
    times = time_cases(torchfx_cases((1, 5)), (SCIPY,), rounds)
    targets = dict.fromkeys(times, ("0.8",))
    return [f"## Four filters in series, {condition}", case_table(times, (SCIPY,), targets)]


def quiet_tables(rounds: int) -> tuple[list[str], Times]:
    """Time all cases and libraries on the machine as it is; return the tables, and the times of the first two."""
    follower = interleaved(follower_jobs(), rounds)[FXLAB]
    memory = added_memory(partial(run_sosfilt, sos=torch.from_numpy(FOURTH)))
    figures = [
        ["envelope with attack and release, 10 s stereo, ms", f"{follower:.1f}", "≤ 60 (a compressor)"],
        ["memory added by 10 min of stereo, relative to the input", f"{memory:.2f}", "≤ 2"],
    ]
    recursive = time_cases(recursive_cases(), PEERS, rounds)
    convolved = time_cases(convolution_cases(), CONVOLVERS, rounds)
    few = min(rounds, 5)
    parts = [
        "## Recursive filters, quiet",
        case_table(recursive, PEERS, TARGETS),
        "## FIR filters on 60 s of stereo, quiet",
        case_table(convolved, CONVOLVERS, TARGETS),
        "## Other figures",
        table(["", "measured", "target"], figures),
        "## Blocks of a stream",
        block_table(50 * rounds),
        "## Four filters in series, as in TorchFX's own suite, quiet",
        case_table(time_cases(torchfx_cases((1, 5, 30)), PEERS[:3], few), PEERS[:3], {}),
        "## Order 8 over 1 s of stereo, in batches",
        case_table(time_cases(batch_cases(), PEERS[:3], few), PEERS[:3], {}),
    ]
    return parts, recursive | convolved


def busy_tables(rounds: int, quiet: Times) -> list[str]:
    """Time the cases beside one busy process for each core."""
    condition = "one busy process per core"
    with busy_processes(allowed_cores()):
        return loaded_tables(condition, rounds, quiet) + short_tables(condition, rounds)


def report(rounds: int) -> str:
    """Return all tables of this file as Markdown."""
    parts, quiet = quiet_tables(rounds)
    parts += busy_tables(rounds, quiet)
    single = run_on_one_core(["-m", "benchmarks.engine_recursion", str(rounds), "--one-core"])
    parts.append(single[single.index("## ") :].strip())  # The libraries that are left out have been printed already.
    return "\n\n".join(parts)


def main(rounds: int, options: list[str]) -> None:
    """Print the tables that the options request."""
    torch.set_grad_enabled(False)
    print(machine(), end="\n\n")
    if "--one-core" in options:
        print("\n\n".join(loaded_tables("one core", rounds, {})))
    elif "--busy" in options:
        print("\n\n".join(busy_tables(rounds, {})))
    else:
        print(report(rounds))


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    main(numbers[0] if numbers else 7, sys.argv[1:])
