"""A filter whose cutoff moves, beside the same filter with a constant cutoff and philtorch's time-varying filter.

    python -m benchmarks.moving_parameters [rounds]

44.1 kHz, 10 s of stereo in float32. fxlab's calls include the values of the controls and the designs. philtorch gets
its coefficients ready-made, a set for every sample, which it requires; they change every 16 samples like fxlab's. It
filters section after section: the numerator with PyTorch's `vecdot`, the denominator in a compiled loop over samples.
It computes in the dtype of its input, so it is measured in float32, and in float64, in which fxlab runs the recursion.

The memory is that of `engine_memory`: the growth of the resident memory of a fresh process during a call, the output
included, as a multiple of the input.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

import fxlab as fx
from benchmarks.engine_memory import added_memory
from benchmarks.engine_peers import FXLAB, PHILTORCH, RATE, installed
from benchmarks.engine_rounds import Jobs, interleaved
from benchmarks.report import machine, table

SECONDS = 10
FIXED = "constant"
PHILTORCH_64 = PHILTORCH + ", float64"


def sweep() -> fx.LFO:
    return fx.LFO(rate_hz=0.5, low=200.0, high=4000.0)


MODULES: dict[str, tuple[Callable[[], fx.Module], Callable[[], fx.Module]]] = {
    "4th-order Butterworth": (lambda: fx.Butterworth(cutoff=sweep(), order=4), lambda: fx.Butterworth(900.0, order=4)),
    "state variable": (lambda: fx.StateVariable(cutoff=sweep()), lambda: fx.StateVariable(900.0)),
}


def noise() -> Tensor:
    return torch.randn(2, SECONDS * RATE, generator=torch.Generator().manual_seed(0))


def philtorch_job(module: fx.Module, x: Tensor) -> Callable[[], Tensor]:
    """Return a job that filters `x` with the sections of `module` at every sample, computed beforehand."""
    lfilter = importlib.import_module("philtorch.lpv").lfilter
    control = module.cutoff
    cutoff = control.evaluate(torch.arange(0, x.shape[-1], control.hop), RATE, "log")
    sections = fx.Butterworth(cutoff=cutoff, order=module.order).sos(RATE).to(x.dtype)
    each = sections.repeat_interleave(control.hop, 0)[: x.shape[-1]]

    def run() -> Tensor:
        y = x
        for number in range(each.shape[1]):
            y = lfilter(each[:, number, :3], each[:, number, 4:], y)
        return y

    torch.testing.assert_close(run(), module(x, RATE), rtol=0, atol=1e-3)
    return run


def jobs(moving: fx.Module, fixed: fx.Module, x: Tensor) -> Jobs:
    found: Jobs = {FXLAB: lambda: moving(x, RATE), FIXED: lambda: fixed(x, RATE)}
    if isinstance(moving, fx.Butterworth) and PHILTORCH in installed():
        found[PHILTORCH] = philtorch_job(moving, x)
        found[PHILTORCH_64] = philtorch_job(moving, x.double())
    return found


def run_moving(x: Tensor, name: str) -> Tensor:
    return MODULES[name][0]()(x, RATE)


def report(rounds: int = 9) -> str:
    """Return the table of this file as Markdown."""
    x, rows = noise(), []
    for name, (make_moving, make_fixed) in MODULES.items():
        times = interleaved(jobs(make_moving(), make_fixed(), x), rounds)
        ours = times[FXLAB]
        others = [f"{times[name] / ours:.1f} (≥ 5)" if name in times else "–" for name in (PHILTORCH, PHILTORCH_64)]
        memory = [f"{added_memory(partial(run_moving, name=name), seconds):.1f} (≤ 4)" for seconds in (SECONDS, 600)]
        rows.append([name, f"{ours:.1f}", f"{ours / times[FIXED]:.1f} (≤ 6)", *others, *memory])
    head = ["10 s stereo", "moving, ms", "moving / constant", "philtorch / moving", "in float64"]
    head += ["memory / input", "of 10 min"]
    return "\n\n".join(["## A cutoff that moves", table(head, rows)])


if __name__ == "__main__":
    torch.set_grad_enabled(False)
    print(machine(), end="\n\n")
    print(report(int(sys.argv[1]) if len(sys.argv) > 1 else 9))
