"""Forward and backward passes of recursive filters over a whole signal, beside other libraries, alternately in one run.

    python -m benchmarks.gradients [rounds]

10 s of noise at 44.1 kHz in float32 through constant sections; the loss is the sum of the squared output. The gradients
go to the signal and to the coefficients, or to the signal alone. fxlab gets its coefficients in float64, the others in
float32, in which they compute. `engine_recursion` compares one of the cases with torchaudio too.
"""

from __future__ import annotations

import sys

from benchmarks.engine_cases import FOURTH, gradient_jobs, noise, ten_bands
from benchmarks.engine_peers import FLUXION, FXLAB, PHILTORCH, TORCHLPC
from benchmarks.engine_rounds import interleaved
from benchmarks.report import machine, table

SECONDS = 10
PEERS = (FLUXION, PHILTORCH, TORCHLPC)


def rows(rounds: int) -> list[list[str]]:
    """Time each filter for one and two channels."""
    filters = {
        "one section": (FOURTH[:1], True),
        "4th-order Butterworth": (FOURTH, True),
        "4th-order Butterworth, signal alone": (FOURTH, False),
        "ten-band EQ": (ten_bands(), True),
    }
    found = []
    for channels, name in ((1, "mono"), (2, "stereo")):
        x = noise(channels, SECONDS)
        for title, (sos, coefficients) in filters.items():
            jobs = gradient_jobs(x, sos, coefficients)
            times = interleaved({job: jobs[job] for job in (FXLAB, *PEERS) if job in jobs}, rounds, warm=True)
            ours = times[FXLAB]
            cells = [f"{times[peer] / ours:.1f} (≥ 1)" if peer in times else "–" for peer in PEERS]
            found.append([f"{name}, {title}", f"{ours:.1f}", *cells])
    return found


def report(rounds: int = 4) -> str:
    """Return the table of this file as Markdown."""
    head = [f"{SECONDS} s", "fxlab, ms", *(f"{peer} / fxlab" for peer in PEERS)]
    return "\n\n".join(["## Gradients of a whole signal", table(head, rows(rounds))])


if __name__ == "__main__":
    print(machine(), end="\n\n")
    print(report(int(sys.argv[1]) if len(sys.argv) > 1 else 4))
