"""Short calls and streams of modules, beside the engine's own call and other libraries, alternately in one run.

    python -m benchmarks.module_calls [rounds]

44.1 kHz, in float32. A user calls modules, not the engine: the checks of the input and of the values are included, and
so is the design, which a module computes once. SciPy and TorchFX get their designs ready-made. The other libraries are
compared with the engine in `engine_recursion`. The calls and streams are timed on the quiet machine, and then with one
busy process beside for each core.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np
import scipy.signal
import torch
from torch import Tensor

import fxlab as fx
from benchmarks.engine_cases import noise
from benchmarks.engine_load import allowed_cores, busy_processes
from benchmarks.engine_peers import RATE, SCIPY, TORCHFX, optional_jobs
from benchmarks.engine_rounds import Jobs, interleaved
from benchmarks.report import machine, table
from fxlab.engine import sosfilt

MODULE, ENGINE = "fxlab module", "fxlab engine"
LEAST = {1: (1, 0.8), 5: (2, 0.8), 30: (2, 1.5)}
"""The least ratios of SciPy's time to that of the module, on the quiet and on the busy machine, by seconds."""

BLOCKS = (64, 128, 512)


def four_filters() -> fx.Chain:
    """Return the chain of TorchFX's benchmarks."""
    return fx.Chain(
        fx.Butterworth(1000.0, 2, "highpass"),
        fx.Butterworth(5000.0, 2),
        fx.Chebyshev1(1500.0, 2, "highpass"),
        fx.Chebyshev1(1800.0, 2),
    )


def calls(chain: fx.Chain, x: Tensor) -> Jobs:
    """Return a job for each library of the table that filters `x` with the chain."""
    sos, plain = chain.sos(RATE), x.numpy()
    sections = sos.numpy()
    optional = optional_jobs(x, sections)
    return {
        MODULE: lambda: chain(x, sample_rate=RATE),
        ENGINE: lambda: sosfilt(x, sos)[0],
        SCIPY: lambda: scipy.signal.sosfilt(sections, plain),
        **{name: optional[name] for name in (TORCHFX,) if name in optional},
    }


def streams(module: fx.LinearAnalysis, x: Tensor) -> Jobs:
    """Return a job for each way to filter the next block of a stream, with the state of the block before."""
    sos, plain, stream = module.sos(RATE), x.numpy(), module.stream(RATE)
    sections, state, zi = sos.numpy(), None, np.zeros((len(sos), len(x), 2))

    def engine() -> Tensor:
        nonlocal state
        y, state = sosfilt(x, sos, state)
        return y

    def scipys() -> np.ndarray:
        nonlocal zi
        y, zi = scipy.signal.sosfilt(sections, plain, zi=zi)
        return y

    return {MODULE: lambda: stream(x), ENGINE: engine, SCIPY: scipys}


def time_calls(rounds: int) -> dict[tuple[int, int], dict[str, float]]:
    """Time the chain in milliseconds, by seconds and number of channels."""
    chain = four_filters()
    return {
        (seconds, channels): interleaved(calls(chain, noise(channels, seconds)), rounds, warm=True)
        for seconds in LEAST
        for channels in (1, 2, 4, 8)
    }


def time_streams(rounds: int) -> dict[str, dict[str, float]]:
    """Time blocks of a stereo stream in microseconds, by filter and size."""
    found = {}
    for name, module in (("one low-pass", fx.LowPass()), ("four filters", four_filters())):
        for size in BLOCKS:
            times = interleaved(streams(module, torch.randn(2, size)), rounds)
            found[f"{name}, {size} samples"] = {job: 1e3 * ms for job, ms in times.items()}
    return found


def call_table(rounds: int) -> str:
    """Return the table of the chain, quiet and busy."""
    quiet = time_calls(rounds)
    with busy_processes(allowed_cores()):
        busy = time_calls(rounds)
    rows = []
    for (seconds, channels), times in quiet.items():
        ours, loaded = times[MODULE], busy[seconds, channels]
        least, least_busy = LEAST[seconds]
        cells = [
            f"{ours:.2f}",
            f"{times[ENGINE]:.2f}",
            f"{times[SCIPY] / ours:.1f} (≥ {least:g})",
            f"{times[TORCHFX] / ours:.1f} (≥ 1.2)" if TORCHFX in times else "–",
            f"{loaded[MODULE]:.2f}",
            f"{loaded[SCIPY] / loaded[MODULE]:.1f} (≥ {least_busy:g})",
        ]
        rows.append([f"{seconds} s × {channels}", *cells])
    head = ["", "fxlab, ms", "the engine alone, ms", "SciPy / fxlab", "TorchFX / fxlab", "busy: fxlab, ms"]
    return table([*head, "busy: SciPy / fxlab"], rows)


def stream_table(rounds: int) -> str:
    """Return the table of the streams, quiet and busy."""
    quiet = time_streams(rounds)
    with busy_processes(allowed_cores()):
        busy = time_streams(rounds)
    rows = []
    for name, micro in quiet.items():
        beyond, loaded = micro[MODULE] - micro[ENGINE], busy[name]
        cells = [
            f"{micro[MODULE]:.0f}",
            f"{beyond:.0f} (≤ 60)",
            f"{micro[MODULE] / micro[SCIPY]:.1f} (≤ 1.5)",
            f"{loaded[MODULE]:.0f}",
            f"{loaded[MODULE] / loaded[SCIPY]:.1f}",
        ]
        rows.append([name, *cells])
    head = ["stereo", "fxlab, µs", "beyond the engine, µs", "fxlab / SciPy", "busy: fxlab, µs", "busy: fxlab / SciPy"]
    return table(head, rows)


def design_rows(rounds: int) -> list[list[str]]:
    """Time low-passes of equal bands, each with a new edge, so that neither library has it in a cache."""
    rows = []
    for taps in (31, 61, 101, 151, 201):
        edges = iter(np.linspace(5000.0, 7000.0, 100_000))

        def ours(taps: int = taps, edges: Iterator[float] = edges) -> Tensor:
            return fx.Equiripple(float(next(edges)), taps, transition=0.1).kernel(RATE)

        def scipys(taps: int = taps, edges: Iterator[float] = edges) -> np.ndarray:
            edge = next(edges)
            return scipy.signal.remez(taps, [0, 0.9 * edge, 1.1 * edge, RATE / 2], [1, 0], fs=RATE)

        times = interleaved({MODULE: ours, SCIPY: scipys}, rounds)
        rows.append([str(taps), f"{times[MODULE]:.2f}", f"{times[MODULE] / times[SCIPY]:.1f} (≤ 3)"])
    return rows


def report(rounds: int) -> str:
    """Return all tables of this file as Markdown."""
    head = ["taps", "fxlab, ms", "fxlab / SciPy"]
    parts = [
        "*Busy*: beside one busy process for each core.",
        "## Four filters in series, as a module",
        call_table(rounds),
        "## Streams by the size of a block",
        stream_table(20 * rounds),
        "## Designs of equiripple filters",
        table(head, design_rows(2 * rounds)),
    ]
    return "\n\n".join(parts)


if __name__ == "__main__":
    torch.set_grad_enabled(False)
    print(machine(), end="\n\n")
    print(report(int(sys.argv[1]) if len(sys.argv) > 1 else 15))
