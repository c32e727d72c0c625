"""The time of augmentations of a batch, beside audiomentations and torch-audiomentations.

    python -m benchmarks.augmentations [names]

A batch of 32 mono sounds of 4 s at 16 kHz in float32. audiomentations has no batches, so it runs on one sound after the
other, and its outputs are joined to a batch. All return new memory. The times are the least of some rounds, in which
the libraries take turns; each begins after a pause, since PyTorch's threads keep their cores busy for some milliseconds
after an operation. `torch.clone` is one pass over the memory of the batch, below which no augmentation can be.

The first table has single calls after a pause, when neither code nor sounds are in the processor's cache. The second
has the fast augmentations in successive calls, as a program makes them that augments batch after batch.
"""

from __future__ import annotations

import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from benchmarks.augmentation_cases import RATE, Case, cases, inputs
from benchmarks.report import MISSED, machine, table
from fxlab.module.checks import check_finite

PEERS = ("audiomentations", "torch-audiomentations")
TARGETS = {"LowPass": (1.5, 5.0), "Compose of five": (None, 3.0)}
"""The least ratios of the times of audiomentations and torch-audiomentations to that of fxlab; 1 for all others."""
BUDGET_S = 1.2
"""The time for the rounds of one augmentation; each library is called at least twice, or once if that takes longer."""
PAUSE_S = 0.005
REST_S = 0.03
"""The pause before successive calls, two of which are not timed."""
ROUNDS, CALLS = 12, 10
"""The number of rounds of successive calls, and the number of timed calls in each."""
FAST_MS = 6.0
"""The time below which an augmentation is in the table of successive calls."""


def calls_of(case: Case, x: Tensor) -> dict[str, Callable[[], Any]]:
    """Return the functions to be timed, by library."""
    sounds = list(x.numpy()) if x.shape[1] > 1 else [row[0] for row in x.numpy()]
    calls: dict[str, Callable[[], Any]] = {"fxlab": lambda: case.ours(x, RATE)}
    if case.one is not None:
        calls["audiomentations"] = lambda: joined([case.one(sound, RATE) for sound in sounds])
    if case.other is not None:
        # Its augmentations may write into their input.
        calls["torch-audiomentations"] = lambda: case.other(x.clone(), sample_rate=RATE)
    return calls


def joined(outputs: list[Any]) -> Any:
    """Return outputs that may have different lengths as one array of the least."""
    length = min(output.shape[-1] for output in outputs)
    return np.stack([output[..., :length] for output in outputs])


def least_times(calls: dict[str, Callable[[], Any]]) -> dict[str, float]:
    """Return the least time of each call in milliseconds."""
    least = dict.fromkeys(calls, float("inf"))
    begin, rounds = time.perf_counter(), 0
    while rounds < 2 or time.perf_counter() - begin < BUDGET_S:
        for library, call in calls.items():
            if rounds and least[library] > 1000 * BUDGET_S:
                continue
            time.sleep(PAUSE_S)
            start = time.perf_counter()
            call()
            least[library] = min(least[library], 1000 * (time.perf_counter() - start))
        rounds += 1
    return least


def successive_times(calls: dict[str, Callable[[], Any]]) -> dict[str, float]:
    """Return the least time of a call in milliseconds, averaged over `CALLS` successive calls."""
    least = dict.fromkeys(calls, float("inf"))
    for _ in range(ROUNDS):
        for library, call in calls.items():
            time.sleep(REST_S)
            call(), call()
            start = time.perf_counter()
            for _ in range(CALLS):
                call()
            least[library] = min(least[library], 1000 * (time.perf_counter() - start) / CALLS)
    return least


def main() -> int:
    """Measure all of them, or those that are named, and print the tables; return `MISSED` if a target was missed."""
    only, x = sys.argv[1:], inputs()
    print(machine())
    bare = {"torch.clone": x["mono"].clone, "check for NaN": lambda: check_finite(x["mono"], "benchmark")}
    single, successive, missed = [], [], False
    with tempfile.TemporaryDirectory() as folder:
        jobs = {name: ({"fxlab": call}, x["mono"]) for name, call in bare.items()}
        for name, case in cases(Path(folder)).items():
            if not only or name in only:
                jobs[name] = calls_of(case, x[case.sounds]), x[case.sounds]
        for name, (calls, sounds) in jobs.items():
            least = least_times(calls)
            cells, is_missed = row(name, least, sounds)
            missed |= is_missed
            single.append(cells)
            if least["fxlab"] < FAST_MS:
                successive.append(row(name, successive_times(calls), sounds)[0])
    head = ("augmentation", "fxlab", "per sample", *PEERS)
    print(
        "## Single calls after a pause", table(head, single), "## Successive calls", table(head, successive), sep="\n\n"
    )
    return MISSED if missed else 0


def row(name: str, least: dict[str, float], x: Tensor) -> tuple[list[str], bool]:
    """Return a row of a table of the least times in milliseconds, and whether a target was missed."""
    missed = False
    cells = [name, f"{least['fxlab']:.1f} ms", f"{1e6 * least['fxlab'] / x.numel():.2f} ns"]
    for library, target in zip(PEERS, TARGETS.get(name, (1.0, 1.0)), strict=True):
        if library not in least:
            cells.append("–")
            continue
        ratio = least[library] / least["fxlab"]
        missed |= target is not None and ratio < target
        cells.append(f"{least[library]:.1f} ms; {ratio:.1f} times" + (f" (≥ {target:g})" if target else ""))
    print(cells, file=sys.stderr, flush=True)
    return cells, missed


if __name__ == "__main__":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sys.exit(main())
