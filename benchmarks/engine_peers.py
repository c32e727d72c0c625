"""Other libraries that filter with second-order sections; one that is not installed or does not run is left out."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import numpy as np
import scipy.signal
import torch
import torchaudio
from torch import Tensor

from benchmarks.engine_rounds import Jobs

RATE = 44_100
FXLAB, SCIPY, AUDIO, TORCHFX = "fxlab", "SciPy", "torchaudio", "TorchFX"
FLUXION, PHILTORCH, TORCHLPC, PEDALBOARD = "fluxion-dsp", "philtorch", "torchlpc", "pedalboard"
PEERS = (SCIPY, AUDIO, TORCHFX, FLUXION, PHILTORCH, TORCHLPC, PEDALBOARD)

Filter = Callable[[Tensor], object]


def torchaudio_cascade(x: Tensor, sos: Tensor) -> Tensor:
    """Filter with torchaudio: one section after the other, with `lfilter`."""
    for b, a in zip(sos[:, :3], sos[:, 3:], strict=True):
        x = torchaudio.functional.lfilter(x, a, b, clamp=False)
    return x


def philtorch_cascade(x: Tensor, sos: Tensor) -> Tensor:
    lti = importlib.import_module("philtorch.lti")
    for section in sos:
        x = lti.lfilter(section[:3], section[4:], x)
    return x


def torchlpc_cascade(x: Tensor, sos: Tensor) -> Tensor:
    """Filter with torchlpc: the zeros of each section by convolution, its poles by `sample_wise_lpc`."""
    torchlpc = importlib.import_module("torchlpc")
    for section in sos:
        padded = torch.nn.functional.pad(x, (2, 0))
        zeros = sum(section[k] * padded[:, 2 - k : padded.shape[1] - k] for k in range(3))
        x = torchlpc.sample_wise_lpc(zeros, section[4:].expand(*x.shape, 2))
    return x


def fluxion_coefficients(sos: np.ndarray) -> np.ndarray:
    """Return the rows `b0 b1 b2 a1 a2` in float32."""
    return np.ascontiguousarray(np.delete(sos / sos[:, 3:4], 3, axis=1), np.float32)


def _torchfx(sos: np.ndarray) -> Filter:
    operators, exact = importlib.import_module("torchfx")._ops, torch.from_numpy(sos)
    return lambda x: operators.parallel_iir_forward(x, exact, None, None)[0]


def _fluxion(sos: np.ndarray) -> Filter:
    fluxion, coefficients = importlib.import_module("fluxion"), fluxion_coefficients(sos).ravel()
    return lambda x: np.stack([fluxion.sos_forward(row, coefficients) for row in x.numpy()])


def _philtorch(sos: np.ndarray) -> Filter:
    single = torch.from_numpy(sos).float()
    return lambda x: philtorch_cascade(x, single)


def _torchlpc(sos: np.ndarray) -> Filter:
    single = torch.from_numpy(sos).float()
    return lambda x: torchlpc_cascade(x, single)


OPTIONAL = {TORCHFX: _torchfx, FLUXION: _fluxion, PHILTORCH: _philtorch, TORCHLPC: _torchlpc}


@lru_cache
def installed() -> tuple[str, ...]:
    """Return the optional libraries that filter a short noise as SciPy does, and print why others are left out."""
    sos, found = scipy.signal.butter(2, 0.1, output="sos"), []
    x = torch.randn(2, 64, generator=torch.Generator().manual_seed(0))
    expected = scipy.signal.sosfilt(sos, x.numpy())
    for name, make in OPTIONAL.items():
        try:
            np.testing.assert_allclose(np.asarray(make(sos)(x)), expected, atol=1e-4)
            found.append(name)
        except ModuleNotFoundError as error:
            print(f"{name} is left out, since {error.name} is not installed.", end="\n\n")
        except Exception as error:  # whatever an optional library raises, it is left out
            print(f"{name} is left out: {type(error).__name__}: {str(error).strip().splitlines()[0][:100]}", end="\n\n")
    return tuple(found)


def optional_jobs(x: Tensor, sos: np.ndarray) -> Jobs:
    """Return a job for each optional library that filters `x` with the cascade `sos`."""
    return {name: partial(OPTIONAL[name](sos), x) for name in installed()}


def optional_gradient_runs() -> dict[str, Callable[[Tensor, Tensor], Tensor]]:
    """Return, for each optional library with gradients, a differentiable function of a signal and sections."""
    runs: dict[str, Callable[[Tensor, Tensor], Tensor]] = {}
    if FLUXION in installed():
        module: Any = importlib.import_module("fluxion.torch")

        def fluxion(x: Tensor, sos: Tensor) -> Tensor:
            coefficients = torch.cat([sos[:, :3], sos[:, 4:]], 1).ravel()
            return torch.stack([module.sos_filter(row, coefficients) for row in x])

        runs[FLUXION] = fluxion
    for name, run in ((PHILTORCH, philtorch_cascade), (TORCHLPC, torchlpc_cascade)):
        if name in installed():
            runs[name] = run
    return runs


def pedalboard_equalizer(x: Tensor, bands: list[tuple[float, float, float]]) -> Jobs:
    """Return a job that filters with pedalboard's peak filters of the bands `(frequency, gain_db, q)`."""
    try:
        pedalboard: Any = importlib.import_module("pedalboard")
    except ImportError as error:
        print(f"{PEDALBOARD} is left out: {error}", end="\n\n")
        return {}
    board, plain = pedalboard.Pedalboard([pedalboard.PeakFilter(*band) for band in bands]), x.numpy()
    return {PEDALBOARD: lambda: board(plain, RATE)}
