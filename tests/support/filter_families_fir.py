"""The rows of the table in docs/filters.md for FIR filters and combs."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from scipy import signal

import fxlab as fx
from tests.filters.fir.test_least_squares import KINDS, edges_of
from tests.support.filter_family import HERTZ, RATE, Family, far, worst

X = np.random.default_rng(0).standard_normal((2, 900))
SOUND = torch.from_numpy(X)


def edge(kind: str) -> Any:
    """Return one cutoff, or two for a band, in Hz."""
    return (3000.0, 9000.0) if kind.startswith("band") else 4000.0


def windowed_sinc() -> float:
    """Compare the taps with SciPy's `firwin`."""

    def errors() -> Iterable[float]:
        for kind, window, taps in itertools.product(KINDS, fx.WindowedSinc.declarations["window"].choices, (7, 101)):
            named = ("kaiser", 5.0) if window == "kaiser" else window
            theirs = signal.firwin(taps, edge(kind), window=named, pass_zero=kind, fs=RATE)
            yield far(fx.WindowedSinc(edge(kind), taps, kind, window, 5.0).kernel(RATE), theirs)

    return worst(errors())


def kaiser() -> float:
    """Compare the taps with SciPy's `kaiserord` and `firwin`."""

    def errors() -> Iterable[float]:
        for kind, (width, depth) in itertools.product(KINDS, ((1152.0, 65.0), (3000.0, 40.0))):
            taps, beta = signal.kaiserord(depth, width / (RATE / 2))
            if kind in ("highpass", "bandstop"):
                taps += 1 - taps % 2
            theirs = signal.firwin(taps, edge(kind), window=("kaiser", beta), pass_zero=kind, fs=RATE)
            yield far(fx.Kaiser(edge(kind), width, depth, kind).kernel(RATE), theirs)

    return worst(errors())


def least_squares() -> float:
    """Compare the taps with SciPy's `firls`."""

    def errors() -> Iterable[float]:
        for (kind, wanted), taps, weight in itertools.product(KINDS.items(), (31, 81), (0.1, 10.0)):
            weights = [1.0 if one else weight for one in wanted]
            edges = edges_of(kind, 5000.0, 12_000.0, 0.1)
            theirs = signal.firls(taps, edges, np.repeat(wanted, 2), weight=weights, fs=RATE)
            yield far(fx.LeastSquares(5000.0, taps, kind, 0.1, weight, 12_000.0).kernel(RATE), theirs)

    return worst(errors())


def equiripple() -> float:
    """Compare the taps with SciPy's `remez` on a dense grid, at whose points alone it optimizes the bands."""

    def errors() -> Iterable[float]:
        for (kind, wanted), taps in itertools.product(KINDS.items(), (21, 41)):
            edges = edges_of(kind, 5000.0, 12_000.0, 0.12)
            theirs = signal.remez(taps, edges, wanted, fs=RATE, grid_density=512)
            yield far(fx.Equiripple(5000.0, taps, kind, 0.12, 1.0, 12_000.0).kernel(RATE), theirs)

    return worst(errors())


def multiband_sinc() -> float:
    """Compare the taps with SciPy's `firwin`."""

    def errors() -> Iterable[float]:
        edges = (900.0, 4000.0, 9000.0, 9500.0, 20_000.0)
        for count, pass_zero, scale, taps in itertools.product((1, 3, 5), (True, False), (True, False), (7, 101)):
            theirs = signal.firwin(taps, edges[:count], pass_zero=pass_zero, scale=scale, fs=RATE)
            yield far(fx.MultibandSinc(edges[:count], taps, pass_zero, scale=scale).kernel(RATE), theirs)

    return worst(errors())


def frequency_sampling() -> float:
    """Compare the taps with SciPy's `firwin2`, for its four types."""

    def errors() -> Iterable[float]:
        frequencies, gains = (0.0, 3000.0, 3000.0, 12_000.0, 24_000.0), (0.0, 1.0, 0.2, 2.0, 0.0)
        for turned, taps, grid in itertools.product((False, True), (30, 31, 400), (0, 3000)):
            theirs = signal.firwin2(taps, frequencies, gains, nfreqs=grid or None, antisymmetric=turned, fs=RATE)
            made = fx.FrequencySampling(frequencies, gains, taps, antisymmetric=turned, grid_points=grid)
            yield far(made.kernel(RATE), theirs)

    return worst(errors())


BANDS = (0.0, 2000.0, 3000.0, 9000.0, 10_000.0, 24_000.0)
WEIGHTS = (1.0, 10.0, 2.0)


def multiband_least_squares() -> float:
    """Compare the taps with SciPy's `firls`."""

    def errors() -> Iterable[float]:
        for taps, gains in itertools.product(
            (31, 101), ((1.0, 1.0, 0.0, 0.0, 0.5, 0.5), (0.0, 2.0, 1.5, 0.1, 0.0, 1.0))
        ):
            theirs = signal.firls(taps, BANDS, gains, weight=WEIGHTS, fs=RATE)
            yield far(fx.MultibandLeastSquares(BANDS, gains, taps, WEIGHTS).kernel(RATE), theirs)

    return worst(errors())


def multiband_equiripple() -> float:
    """Compare the taps with SciPy's `remez` on a dense grid."""

    def errors() -> Iterable[float]:
        for taps in (31, 61):
            theirs = signal.remez(taps, BANDS, (1, 0, 0.5), weight=WEIGHTS, fs=RATE, grid_density=1024, maxiter=100)
            yield far(fx.MultibandEquiripple(BANDS, (1, 0, 0.5), taps, WEIGHTS).kernel(RATE), theirs)
            for kind, at, gains in (
                ("hilbert", (1000, 23_000), (1,)),
                ("differentiator", (0, 8e3, 1e4, 24_000), (1, 0)),
            ):
                scaled = 2 * np.pi * np.array(gains) if kind == "differentiator" else gains
                theirs = signal.remez(taps, at, scaled, type=kind, fs=RATE, grid_density=1024, maxiter=100)
                yield far(fx.MultibandEquiripple(at, gains, taps, response_type=kind).kernel(RATE), theirs)

    return worst(errors())


def minimum_phase() -> float:
    """Compare the taps with SciPy's `minimum_phase`."""

    def errors() -> Iterable[float]:
        for taps, halve in itertools.product((31, 101), (False, True)):
            made = fx.WindowedSinc(2000.0, taps)
            theirs = signal.minimum_phase(made.kernel(RATE).numpy(), half=halve)
            yield far(fx.MinimumPhase(made, halve=halve).kernel(RATE), theirs)
            if halve:
                theirs = signal.minimum_phase(made.kernel(RATE).numpy(), "hilbert")
                yield far(fx.MinimumPhase(made, "hilbert", halve=True).kernel(RATE), theirs)

    return worst(errors())


def quarter_turn() -> float:
    """Return the largest deviation of the phase, without the delay, from a quarter of a turn, in turns."""

    def errors() -> Iterable[float]:
        inner = HERTZ[(HERTZ > 2000) & (HERTZ < 22_000)]
        for made, taps in itertools.product((fx.Hilbert, lambda taps: fx.Differentiator(23_000.0, taps)), (30, 61)):
            turned = made(taps=taps).response(inner, RATE).numpy() * np.exp(1j * np.pi * inner / RATE * (taps - 1))
            yield float(np.abs(np.abs(np.angle(turned)) - np.pi / 2).max() / (2 * np.pi))

    return worst(errors())


def moving_average() -> float:
    """Compare the response with Dirichlet's kernel."""

    def errors() -> Iterable[float]:
        for length in (2, 8, 63):
            w = 2 * np.pi * HERTZ[1:] / RATE
            theirs = np.exp(-0.5j * w * (length - 1)) * np.sin(w * length / 2) / (length * np.sin(w / 2))
            yield far(fx.MovingAverage(length).response(HERTZ[1:], RATE), theirs)

    return worst(errors())


def comb() -> float:
    """Compare the output with SciPy's `lfilter`."""

    def errors() -> Iterable[float]:
        for delay, gain in itertools.product((1, 48, 333), (-0.9, 0.5)):
            echo = np.concatenate([[1.0], np.zeros(delay - 1), [gain]])
            ring = np.concatenate([[1.0], np.zeros(delay - 1), [-gain]])
            ms = 1000 * delay / RATE
            yield far(fx.Comb(ms, gain)(SOUND, sample_rate=RATE), signal.lfilter(echo, [1.0], X))
            yield far(fx.Comb(ms, gain, "feedback")(SOUND, sample_rate=RATE), signal.lfilter([1.0], ring, X))

    return worst(errors())


def convolve() -> float:
    """Compare the output with SciPy's `fftconvolve`."""
    room = np.random.default_rng(3).standard_normal(700)
    made = fx.Convolve(fx.Signal(torch.from_numpy(room), RATE))
    return far(made(SOUND, sample_rate=RATE), signal.fftconvolve(X, room[None], axes=-1)[:, : X.shape[1]])


FAMILIES: dict[str, Family] = {
    "WindowedSinc": Family(
        (fx.WindowedSinc, lambda **p: fx.WindowedSinc(**{"window": "kaiser", **p})),
        "low-pass, high-pass, band-pass, band-stop; 18 windows", "SciPy `firwin`", windowed_sinc,
    ),
    "Kaiser": Family((fx.Kaiser,), "the same, by width and attenuation", "SciPy `kaiserord`, `firwin`", kaiser),
    "LeastSquares": Family((fx.LeastSquares,), "the same", "SciPy `firls`", least_squares),
    "Equiripple": Family((fx.Equiripple,), "the same", "SciPy `remez`, on a dense grid", equiripple),
    "MultibandSinc": Family((fx.MultibandSinc,), "any number of edges", "SciPy `firwin`", multiband_sinc),
    "FrequencySampling": Family(
        (lambda **p: fx.FrequencySampling([100.0, 3100.0, 4100.0, 5000.0], [1.0, 0.5, 0.5, 0.0], **p),),
        "any gains, linear or in steps; types I to IV", "SciPy `firwin2`", frequency_sampling,
    ),
    "MultibandLeastSquares": Family(
        (lambda **p: fx.MultibandLeastSquares([100.0, 5000.0, 7000.0, 23_000.0], **p),),
        "any bands; gains may be sloped", "SciPy `firls`", multiband_least_squares,
    ),
    "MultibandEquiripple": Family(
        (lambda **p: fx.MultibandEquiripple([100.0, 5000.0, 7000.0, 23_000.0], **p),),
        "the same; magnitude, Hilbert, differentiator", "SciPy `remez`, on a dense grid", multiband_equiripple,
    ),
    "MinimumPhase": Family(
        (lambda **p: fx.MinimumPhase(fx.WindowedSinc(2000.0, 31), **p),),
        "any FIR filter; homomorphic, Hilbert; the same or half the gain in dB", "SciPy `minimum_phase`", minimum_phase,
    ),
    "Hilbert, Differentiator": Family(
        (
            fx.Hilbert,
            fx.Differentiator,
            lambda **p: fx.Hilbert(31, method="equiripple", **p),
            lambda **p: fx.Differentiator(taps=31, method="equiripple", **p),
        ),
        "window, equiripple; even and odd lengths", "a quarter of a turn", quarter_turn
    ),
    "MovingAverage": Family(
        (lambda **p: fx.MovingAverage(**{"length": 8.5, **p}),), "samples or ms, also between",
        "Dirichlet's kernel", moving_average,
    ),
    "Comb": Family((fx.Comb,), "feedforward, feedback", "SciPy `lfilter`", comb),
    "Convolve": Family(
        (lambda **p: fx.Convolve([0.5, 0.2, -0.1], **p),), "any impulse response", "SciPy `fftconvolve`", convolve
    ),
}  # fmt: skip
