"""The cases of `engine_recursion`: for each, a job for every library, to be timed alternately."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy.signal
import torch
import torchaudio
from torch import Tensor

import fxlab as fx
from benchmarks.engine_convolution import peers as convolvers
from benchmarks.engine_peers import (
    AUDIO,
    FXLAB,
    RATE,
    SCIPY,
    TORCHFX,
    installed,
    optional_gradient_runs,
    optional_jobs,
    pedalboard_equalizer,
    torchaudio_cascade,
)
from benchmarks.engine_rounds import Jobs
from fxlab.engine import branching_smoother, smoothing_pole, sosfilt

BANDS = [(31.25 * 2**k, 6.0 if k % 2 else -4.0, 1.4) for k in range(10)]  # frequency, gain in dB, q
FOURTH = scipy.signal.butter(4, 1000, fs=RATE, output="sos")
EIGHTH = scipy.signal.butter(8, 1000, fs=RATE, output="sos")


def noise(channels: int, seconds: float) -> Tensor:
    return torch.randn(channels, int(seconds * RATE), generator=torch.Generator().manual_seed(0))


def ten_bands() -> np.ndarray:
    """Return the sections of a ten-band graphic equaliser with one band per octave."""
    peaks = (fx.Peak(frequency=frequency, gain_db=gain_db, q=q) for frequency, gain_db, q in BANDS)
    return np.stack([peak.sos(RATE)[0].detach().numpy() for peak in peaks])


def filter_jobs(x: Tensor, sos: np.ndarray) -> Jobs:
    """Return a job for each library that filters one signal with one cascade."""
    exact, single, plain = torch.from_numpy(sos), torch.from_numpy(sos).float(), x.numpy()
    return {
        FXLAB: lambda: sosfilt(x, exact)[0],
        SCIPY: lambda: scipy.signal.sosfilt(sos, plain, axis=-1),
        AUDIO: lambda: torchaudio_cascade(x, single),
        **optional_jobs(x, sos),
    }


def design_jobs(x: Tensor) -> Jobs:
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
    if TORCHFX in installed():
        import torchfx

        kind = torchfx.filter.LoButterworth
        jobs[TORCHFX] = lambda: kind(float(next(corners)), order=2, fs=RATE)(x)
    return jobs


def gradient_jobs(x: Tensor, sos: np.ndarray, coefficients: bool = True) -> Jobs:
    """Time forward and backward passes, with gradients for the signal and, with `coefficients`, for the sections.

    SciPy has no gradients. Its job is the filter forwards and backwards, which is the least that gradients cost.
    """

    def job(run: Callable[[Tensor, Tensor], Tensor], kind: torch.dtype) -> Callable[[], object]:
        def step() -> object:
            signal, sections = x.clone().requires_grad_(), torch.from_numpy(sos).to(kind).requires_grad_(coefficients)
            with torch.enable_grad():
                loss = run(signal, sections).square().sum()
                return torch.autograd.grad(loss, (signal, sections) if coefficients else (signal,))

        return step

    def run_scipy() -> np.ndarray:
        y = scipy.signal.sosfilt(sos, x.numpy())
        return scipy.signal.sosfilt(sos, y[:, ::-1])

    jobs = {
        FXLAB: job(lambda signal, sections: sosfilt(signal, sections)[0], torch.float64),
        SCIPY: run_scipy,
        AUDIO: job(torchaudio_cascade, torch.float32),
    }
    return jobs | {name: job(run, torch.float32) for name, run in optional_gradient_runs().items()}


def recursive_cases() -> dict[str, Callable[[], Jobs]]:
    """Return the cases by name, as functions that make their jobs."""
    return {
        "60 s stereo, 4th-order Butterworth": lambda: filter_jobs(noise(2, 60), FOURTH),
        "10 s stereo, ten-band EQ": lambda: (
            filter_jobs(x := noise(2, 10), ten_bands()) | pedalboard_equalizer(x, BANDS)
        ),
        "64 channels × 10 s, 8th order": lambda: filter_jobs(noise(64, 10), EIGHTH),
        "10 s mono, one biquad, design included": lambda: design_jobs(noise(1, 10)),
        "forward and backward, 10 s stereo, 4th order": lambda: gradient_jobs(noise(2, 10), FOURTH),
    }


def convolution_cases() -> dict[str, Callable[[], Jobs]]:
    """Return the cases by the number of taps, on 60 s of stereo."""
    return {f"{taps} taps": lambda taps=taps: convolution_jobs(taps) for taps in (101, 127, 511, 2047)}


def convolution_jobs(taps: int) -> Jobs:
    import importlib

    return convolvers(taps, torchfx=importlib.import_module("torchfx") if TORCHFX in installed() else None)


def follower_jobs() -> Jobs:
    """Time an envelope follower with attack and release on 10 s of stereo."""
    x = noise(2, 10).abs()
    poles = [smoothing_pole(ms, RATE) for ms in (5.0, 100.0)]
    return {FXLAB: lambda: branching_smoother(x, *poles)}
