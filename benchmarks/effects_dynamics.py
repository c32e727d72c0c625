"""Dynamics and distortion compared with pedalboard and torchcomp, alternately in one run.

    python -m benchmarks.effects_dynamics [rounds]

10 s of stereo at 44.1 kHz in float32. torchcomp, whose loops are compiled, is left out if it is not installed.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable

import pedalboard
import torch
from torch import Tensor

import fxlab as fx
from benchmarks.engine_rounds import Jobs, interleaved
from benchmarks.report import machine, table

RATE = 44_100
SECONDS = 10


def speech() -> Tensor:
    """Return bursts of tones and noise, `(2, time)`."""
    generator = torch.Generator().manual_seed(0)
    time = torch.arange(SECONDS * RATE) / RATE
    gate = 0.1 + 0.8 * (torch.sin(8.2 * time) > 0)
    tone = 0.6 * torch.sin(1382 * time) + 0.3 * torch.sin(8275 * time)
    return gate * (tone + 0.2 * torch.randn(2, len(time), generator=generator))


EFFECTS: dict[str, tuple[Callable[[], fx.Module], Callable[[], object] | None]] = {
    "Compressor": (fx.Compressor, lambda: pedalboard.Compressor(-20.0, 4.0, 10.0, 100.0)),
    "Expander": (fx.Expander, None),
    "Gate": (fx.Gate, lambda: pedalboard.NoiseGate(-40.0, 10.0, 1.0, 100.0)),
    "Limiter": (fx.Limiter, lambda: pedalboard.Limiter(-1.0, 100.0)),
    "Limiter, true peak": (lambda: fx.Limiter(peak="true"), None),
    "TransientShaper": (fx.TransientShaper, None),
    "DeEsser": (fx.DeEsser, None),
    "MultibandCompressor, 3 bands": (fx.MultibandCompressor, None),
    "Distortion, tanh": (lambda: fx.Distortion(25.0), lambda: pedalboard.Distortion(25.0)),
    "Distortion, hard": (lambda: fx.Distortion(25.0, "hard"), lambda: pedalboard.Clipping(-25.0)),
    "Distortion, tanh, 4 times": (lambda: fx.Distortion(25.0, "tanh", 4), None),
    "Distortion, tanh, 8 times": (lambda: fx.Distortion(25.0, "tanh", 8), None),
    "Distortion, tanh, antiderivative": (lambda: fx.Distortion(25.0, antialias="antiderivative"), None),
    "Overdrive": (fx.Overdrive, None),
    "WaveShaper": (fx.WaveShaper, None),
    "BitCrush": (fx.BitCrush, lambda: pedalboard.Bitcrush(8)),
    "Quantize, triangular": (fx.Quantize, None),
    "Quantize, shaped": (lambda: fx.Quantize(dither="shaped"), None),
    "Decimate": (fx.Decimate, None),
    "MuLaw": (fx.MuLaw, None),
}


def gradients(x: Tensor) -> Jobs:
    """Return a compressor for each channel with gradients for threshold and ratio, here and in torchcomp."""

    def ours() -> None:
        values = [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (-20.0, 4.0)]
        y = fx.Compressor(*values, knee_db=0.0, link=False)(x, sample_rate=RATE)
        torch.autograd.grad(y.square().sum(), values)

    jobs: Jobs = {"fxlab": ours}
    try:
        torchcomp = importlib.import_module("torchcomp")
    except ImportError:
        return jobs
    attack, release = (torchcomp.ms2coef(torch.tensor(time), RATE) for time in (10.0, 100.0))

    def theirs() -> None:
        values = [torch.tensor(value, requires_grad=True) for value in (-20.0, 4.0)]
        level = x.abs().clamp(min=1e-6)
        y = x * torchcomp.compexp_gain(level, *values, -200.0, 1 - 1e-6, attack, release)
        torch.autograd.grad(y.square().sum(), values)

    return {**jobs, "torchcomp": theirs}


def main() -> None:
    """Print one table of the effects, and one of the gradients."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    x = speech()
    array = x.numpy()
    rows = []
    for name, (make, make_peer) in EFFECTS.items():
        effect, peer = make(), None if make_peer is None else make_peer()
        jobs: Jobs = {"fxlab": lambda effect=effect: effect(x, sample_rate=RATE)}  # type: ignore[misc]
        if peer is not None:
            jobs["pedalboard"] = lambda peer=peer: peer(array, RATE)  # type: ignore[misc]
        with torch.no_grad():
            times = interleaved(jobs, rounds)
        other = times.get("pedalboard")
        compared = ["", ""] if other is None else [f"{other:.1f}", f"{times['fxlab'] / other:.1f}"]
        rows.append([name, f"{times['fxlab']:.1f}", *compared])
    print(f"{machine()}\n")
    print(table(["effect, 10 s of stereo", "fxlab, ms", "pedalboard, ms", "ratio"], rows))
    times = interleaved(gradients(x), rounds)
    print()
    print(table(["compressor, forward and backward", "ms"], [[name, f"{ms:.1f}"] for name, ms in times.items()]))


if __name__ == "__main__":
    main()
