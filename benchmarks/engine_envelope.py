"""Envelope followers and feedback delay lines compared with other implementations, alternately in one run.

    python -m benchmarks.engine_envelope [rounds]

10 s of stereo at 44.1 kHz in float32. The branching smoother is timed with typical attack and release times of
compressors: the engine's algorithm, the two others that `docs/engine-nonlinear.md` discusses, a loop in Python, the
loop compiled with Numba if that is installed, and pedalboard's complete compressor.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable

import numpy as np
import pedalboard
import torch
from torch import Tensor

from benchmarks.engine_rounds import Jobs, interleaved, ratios
from benchmarks.report import machine, table
from fxlab.engine import (
    branching_smoother,
    decoupled_smoother,
    feedback_comb,
    feedback_delay,
    one_pole,
    schroeder_allpass,
    smoothing_pole,
)
from fxlab.engine.delay.delay_recurrence import delay_recurrence
from fxlab.engine.envelope import follow_envelope as envelope

RATE = 44_100
Poles = tuple[float, float]


def speech(channels: int = 2, seconds: int = 10) -> Tensor:
    """Return a level in dB above a threshold, like that of a compressor's gain computer: bursts of tones and noise."""
    generator = torch.Generator().manual_seed(0)
    time = torch.arange(seconds * RATE) / RATE
    gate = 0.1 + 0.8 * (torch.sin(8.2 * time) > 0)
    tone = 0.6 * torch.sin(1382 * time) + 0.3 * torch.sin(8275 * time)
    x = gate * (tone + 0.2 * torch.randn(channels, len(time), generator=generator))
    return (20 * torch.log10(x.abs() + 1e-6) + 30).clamp_min(0)


def sample_loop(x: list[float], attack: float, release: float) -> list[float]:
    """Compute the envelope by its definition."""
    y, out = 0.0, []
    for v in x:
        pole = attack if v > y else release
        y = pole * y + (1 - pole) * v
        out.append(y)
    return out


def numba_loop() -> Callable[[np.ndarray, float, float], np.ndarray] | None:
    """Compute the envelope by its definition, compiled with Numba if it is installed."""
    try:
        numba = importlib.import_module("numba")
    except ImportError:
        return None

    @numba.njit(fastmath=False)
    def run(x, attack, release):
        out = np.empty_like(x)
        for row in range(x.shape[0]):
            y = 0.0
            for n in range(x.shape[1]):
                v = x[row, n]
                pole = attack if v > y else release
                y = pole * y + (1.0 - pole) * v
                out[row, n] = y
        return out

    return run


def policy_iteration(x: Tensor, attack: float, release: float) -> Tensor:
    """Guess the branch of every sample, solve the resulting linear recursion, update the branches and repeat."""
    state = torch.zeros(len(x), 1, dtype=torch.float64)
    exact = x.double()
    rises = torch.ones_like(x, dtype=torch.bool)
    while True:
        poles = torch.where(rises, attack, release).double()
        y, _ = delay_recurrence((1 - poles) * exact, poles, state, 1)
        now = exact > torch.cat([state, y[:, :-1]], 1)
        if torch.equal(now, rises):
            return y
        rises = now


def without_first_guesses(x: Tensor, attack: float, release: float) -> Tensor:
    """Run the engine's algorithm without its first pass over every sixteenth sample."""
    strides, envelope.COARSE_STRIDES = envelope.COARSE_STRIDES, ()
    try:
        return branching_smoother(x, attack, release)[0]
    finally:
        envelope.COARSE_STRIDES = strides


def followers(x: Tensor, attack_ms: float, release_ms: float) -> Jobs:
    """Return a job for each implementation of one envelope."""
    poles = smoothing_pole(attack_ms, RATE), smoothing_pole(release_ms, RATE)
    rows, array = x.double().tolist(), x.numpy()
    board = pedalboard.Pedalboard([pedalboard.Compressor(-30, 4, attack_ms, release_ms)])
    jobs: Jobs = {
        "fxlab branching_smoother": lambda: branching_smoother(x, *poles),
        "the same without first guesses": lambda: without_first_guesses(x, *poles),
        "policy iteration over all samples": lambda: policy_iteration(x, *poles),
        "loop in Python": lambda: [sample_loop(row, *poles) for row in rows],
        "pedalboard's Compressor (C++)": lambda: board(array, RATE),
    }
    compiled = numba_loop()
    if compiled is not None:
        jobs["loop in Numba"] = lambda: compiled(array, *poles)
    return jobs


def gradients(x: Tensor) -> Jobs:
    """Time forward and backward passes, with gradients for the signal and both poles."""
    poles = torch.tensor([smoothing_pole(5.0, RATE), smoothing_pole(100.0, RATE)], dtype=torch.float64)

    def run() -> None:
        signal, both = x.clone().requires_grad_(), poles.clone().requires_grad_()
        branching_smoother(signal, both[0], both[1])[0].square().mean().backward()

    return {"branching_smoother, forward and backward": run}


def lines(x: Tensor) -> Jobs:
    """Time feedback delay lines, and the eight damped combs of a reverberator on two channels."""
    combs = torch.tensor([[1116], [1188], [1277], [1356], [1422], [1491], [1557], [1617]]) + torch.tensor([0, 23])
    many = x.expand(8, 2, -1)
    return {
        "one_pole": lambda: one_pole(x, 0.999),
        "decoupled_smoother": lambda: decoupled_smoother(x, smoothing_pole(5.0, RATE), smoothing_pole(100.0, RATE)),
        "feedback_comb, 1116 samples": lambda: feedback_comb(x, 1116, 0.84),
        "feedback_comb, 20 samples": lambda: feedback_comb(x, 20, 0.84),
        "schroeder_allpass, 556 samples": lambda: schroeder_allpass(x, 556, 0.5),
        "feedback_delay, 22050 samples, damped": lambda: feedback_delay(x, 22_050, 0.6, 0.3),
        "16 damped combs, 8 on each channel": lambda: feedback_delay(many, combs, 0.84, 0.2),
    }


def main(rounds: int) -> None:
    """Print the tables."""
    print(machine(), end="\n\n")
    x = speech()
    head = ["10 s stereo", "ms", "time / fxlab"]
    with torch.no_grad():
        for attack_ms, release_ms in ((0.1, 50.0), (5.0, 100.0), (30.0, 1000.0), (1.0, 3000.0), (100.0, 5.0)):
            print(f"attack {attack_ms:g} ms, release {release_ms:g} ms", end="\n\n")
            times = interleaved(followers(x, attack_ms, release_ms), rounds)
            print(table(head, ratios(times, "fxlab branching_smoother")), end="\n\n")
    rows = [[name, f"{ms:.2f}"] for name, ms in interleaved({**gradients(x), **lines(x)}, rounds).items()]
    print(table(head[:2], rows))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
