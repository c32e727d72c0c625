"""Recursive filters compared with other libraries, alternately in one run.

    python -m benchmarks.engine_recursion [rounds]

44.1 kHz, in float32 where supported (SciPy too computes in float32), each library with its default number of threads.
TorchFX is included if its compiled extension loads with the installed PyTorch.
"""

from __future__ import annotations

import importlib
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from types import ModuleType

import numpy as np
import scipy.signal
import torch
import torchaudio
from torch import Tensor

import fxlab as fx
from benchmarks.engine_convolution import peers as convolvers
from benchmarks.engine_memory import added_memory
from benchmarks.engine_rounds import Jobs, interleaved
from benchmarks.report import machine, table
from fxlab.engine import branching_smoother, smoothing_pole, sosfilt

RATE = 44_100
FXLAB, SCIPY, AUDIO, TORCHFX = "fxlab", "SciPy", "torchaudio", "TorchFX"


def load_torchfx() -> ModuleType | None:
    """Return TorchFX if its compiled cascade runs here."""
    try:
        found = importlib.import_module("torchfx")
        _torchfx(found, torch.zeros(1, 8), torch.tensor(scipy.signal.butter(2, 0.1, output="sos")))
    except (ImportError, AttributeError, RuntimeError, TypeError) as error:
        print(f"TorchFX is left out: {type(error).__name__}: {str(error).splitlines()[0][:100]}", end="\n\n")
        return None
    return found


def _torchfx(torchfx: ModuleType, x: Tensor, sos: Tensor) -> Tensor:
    y: Tensor = torchfx._ops.parallel_iir_forward(x, sos, None, None)[0]
    return y


def torchaudio_cascade(x: Tensor, sos: Tensor) -> Tensor:
    """Filter with torchaudio: one section after the other, with `lfilter`."""
    for b, a in zip(sos[:, :3], sos[:, 3:], strict=True):
        x = torchaudio.functional.lfilter(x, a, b, clamp=False)
    return x


def filter_jobs(x: Tensor, sos: np.ndarray, torchfx: ModuleType | None) -> Jobs:
    """Return a job for each library that filters one signal with one cascade."""
    exact, single, plain = torch.from_numpy(sos), torch.from_numpy(sos).float(), x.numpy()
    jobs: Jobs = {
        FXLAB: lambda: sosfilt(x, exact)[0],
        SCIPY: lambda: scipy.signal.sosfilt(sos, plain, axis=-1),
        AUDIO: lambda: torchaudio_cascade(x, single),
    }
    if torchfx is not None:
        jobs[TORCHFX] = lambda: _torchfx(torchfx, x, exact)
    return jobs


def ten_bands() -> np.ndarray:
    """Return the sections of a ten-band graphic equaliser with one band per octave."""
    bands = [
        fx.Peak(frequency=31.25 * 2**k, gain_db=6.0 if k % 2 else -4.0, q=1.4).sos(RATE)[0].detach().numpy()
        for k in range(10)
    ]
    return np.stack(bands)


def design_jobs(x: Tensor, torchfx: ModuleType | None) -> Jobs:
    """Time a biquad whose cutoff changes at each call, so that its design is included."""
    corners = iter(np.linspace(500.0, 5000.0, 1_000_000))
    plain = x.numpy()
    module = fx.LowPass()

    def run_fxlab() -> Tensor:
        module.cutoff = float(next(corners))
        return module(x, sample_rate=RATE)

    def run_scipy() -> np.ndarray:
        return scipy.signal.sosfilt(scipy.signal.butter(2, next(corners), fs=RATE, output="sos"), plain)

    def run_torchaudio() -> Tensor:
        return torchaudio.functional.lowpass_biquad(x, RATE, float(next(corners)))

    jobs: Jobs = {FXLAB: run_fxlab, SCIPY: run_scipy, AUDIO: run_torchaudio}
    if torchfx is not None:
        kind = torchfx.filter.LoButterworth
        jobs[TORCHFX] = lambda: kind(float(next(corners)), order=2, fs=RATE)(x)
    return jobs


def gradient_jobs(x: Tensor, sos: np.ndarray) -> Jobs:
    """Time forward and backward passes, with gradients for the signal and the coefficients."""

    def job(run: Callable[[Tensor, Tensor], Tensor], kind: torch.dtype) -> Callable[[], object]:
        def step() -> object:
            signal, sections = x.clone().requires_grad_(), torch.from_numpy(sos).to(kind).requires_grad_()
            with torch.enable_grad():
                return torch.autograd.grad(run(signal, sections).square().sum(), (signal, sections))

        return step

    return {
        FXLAB: job(lambda signal, sections: sosfilt(signal, sections)[0], torch.float64),
        AUDIO: job(torchaudio_cascade, torch.float32),
    }


def torchfx_suite(torchfx: ModuleType | None, rounds: int) -> list[list[str]]:
    """Run the scenario of TorchFX's benchmarks: four filters in series, by length and channels."""
    parts = [
        scipy.signal.butter(2, 1000, "high", fs=RATE, output="sos"),
        scipy.signal.butter(2, 5000, "low", fs=RATE, output="sos"),
        scipy.signal.cheby1(2, 1, 1500, "high", fs=RATE, output="sos"),
        scipy.signal.cheby1(2, 1, 1800, "low", fs=RATE, output="sos"),
    ]
    sos = np.concatenate(parts)
    rows = []
    for seconds in (1, 5, 30, 60):
        for channels in (1, 2, 4, 8):
            times = interleaved(filter_jobs(noise(channels, seconds), sos, torchfx), rounds)
            rows.append([f"{seconds} s × {channels}", *row(times)])
    return rows


def batches(torchfx: ModuleType | None, rounds: int) -> list[list[str]]:
    """Time a filter of order 8 over batches of 1 s of stereo."""
    sos = scipy.signal.butter(8, 2000, fs=RATE, output="sos")
    return [
        [f"{files} files", *row(interleaved(filter_jobs(noise(2 * files, 1), sos, torchfx), rounds))]
        for files in (8, 32, 128, 512)
    ]


def run_sosfilt(x: Tensor, sos: Tensor) -> Tensor:
    return sosfilt(x, sos)[0]


def noise(channels: int, seconds: float) -> Tensor:
    return torch.randn(channels, int(seconds * RATE), generator=torch.Generator().manual_seed(0))


def row(times: dict[str, float]) -> list[str]:
    """Return fxlab's milliseconds, and the time of each peer as a multiple of it."""
    peers = [f"{times[name] / times[FXLAB]:.1f}" if name in times else "–" for name in (SCIPY, AUDIO, TORCHFX)]
    return [f"{times[FXLAB]:.2f}", *peers]


def latency(rounds: int = 2000) -> float:
    """Return the median milliseconds of streaming a stereo block of 512 samples through ten sections."""
    sos, state = torch.from_numpy(ten_bands()), None
    block, each = torch.randn(2, 512), []
    for _ in range(rounds):
        begin = time.perf_counter()
        _, state = sosfilt(block, sos, state)
        each.append((time.perf_counter() - begin) * 1e3)
    return statistics.median(each)


def report(rounds: int = 9) -> str:
    """Return all tables of this file as Markdown."""
    torchfx = load_torchfx()
    fourth = scipy.signal.butter(4, 1000, fs=RATE, output="sos")
    eighth = scipy.signal.butter(8, 1000, fs=RATE, output="sos")
    jobs = {
        "60 s stereo, 4th-order Butterworth": (filter_jobs(noise(2, 60), fourth, torchfx), ("3", "12", "1.6")),
        "10 s stereo, ten-band EQ": (filter_jobs(noise(2, 10), ten_bands(), torchfx), ("3.5", "12", "2.5")),
        "64 channels × 10 s, 8th order": (filter_jobs(noise(64, 10), eighth, torchfx), ("2.5", "30", "1.2")),
        "10 s mono, one biquad, design included": (design_jobs(noise(1, 10), torchfx), ("1.5", "3", "1.3")),
        "forward and backward, 10 s stereo, 4th order": (gradient_jobs(noise(2, 10), fourth), ("–", "8", "–")),
    }
    rows = []
    for name, (each, targets) in jobs.items():
        found = row(interleaved(each, rounds))
        met = [f"{value} (≥ {goal})" if goal != "–" else value for value, goal in zip(found[1:], targets, strict=True)]
        rows.append([name, found[0], *met])
    head = ["", "fxlab, ms", "SciPy / fxlab", "torchaudio / fxlab", "TorchFX / fxlab"]
    parts = ["## Recursive filters", table(head, rows)]
    rows = []
    for taps in (101, 127, 511, 2047):
        times = interleaved(convolvers(taps, torchfx=torchfx), rounds)
        names = ("SciPy oaconvolve", "torchaudio fftconvolve", "julius fft_conv1d", TORCHFX)
        peers = (f"{times[name] / times[FXLAB]:.1f}" if name in times else "–" for name in names)
        rows.append([f"{taps} taps", f"{times[FXLAB]:.1f}", *peers])
    head = [
        "60 s stereo",
        "fxlab, ms",
        "SciPy `oaconvolve` / fxlab",
        "torchaudio `fftconvolve` / fxlab",
        "julius / fxlab",
        "TorchFX / fxlab",
    ]
    parts += ["## FIR filters", table(head, rows)]
    x = noise(2, 10).abs()
    poles = [smoothing_pole(ms, RATE) for ms in (5.0, 100.0)]
    follower = interleaved({FXLAB: lambda: branching_smoother(x, *poles)}, rounds)[FXLAB]
    memory = added_memory(partial(run_sosfilt, sos=torch.from_numpy(fourth)))
    rows = [
        ["512-sample stereo block through ten sections, ms", f"{latency():.3f}", "≤ 0.5"],
        ["envelope with attack and release, 10 s stereo, ms", f"{follower:.1f}", "≤ 60 (a compressor)"],
        ["memory added by 10 min of stereo, relative to the input", f"{memory:.2f}", "≤ 2"],
    ]
    parts += ["## Other figures", table(["", "measured", "target"], rows)]
    head = ["", "fxlab, ms", "SciPy / fxlab", "torchaudio / fxlab", "TorchFX / fxlab"]
    parts += ["## Four filters in series, as in TorchFX's own suite", table(head, torchfx_suite(torchfx, 5))]
    parts += ["## Order 8 over 1 s of stereo, in batches", table(head, batches(torchfx, 5))]
    return "\n\n".join(parts)


if __name__ == "__main__":
    torch.set_grad_enabled(False)
    print(machine(), end="\n\n")
    print(report(int(sys.argv[1]) if len(sys.argv) > 1 else 9))
