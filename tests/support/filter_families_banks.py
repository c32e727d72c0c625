"""The rows of the table in docs/filters.md for filter banks and equalizers."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable

import numpy as np
import torch
from scipy import signal
from torchaudio import functional as ta

import fxlab as fx
from tests.filters.equalizers.test_graphic_eq import patterns
from tests.support.filter_family import HERTZ, RATE, Error, Family, far, worst


def butterworths(make: Callable[[int], fx.Bank]) -> Error:
    """Return a function that compares each band with SciPy's Butterworth between the same edges."""

    def error() -> float:
        def errors() -> Iterable[float]:
            for order in (1, 3, 5):
                bank = make(order)
                for found, edges in zip(bank.band_responses(HERTZ, RATE), bank.edges(RATE).tolist(), strict=True):
                    sos = signal.butter(order, edges, "bandpass", fs=RATE, output="sos")
                    yield far(found, signal.sosfreqz(sos, HERTZ, fs=RATE)[1])

        return worst(errors())

    return error


def crossover() -> float:
    """Return the largest deviation of the magnitude of the sum from 1."""

    def errors() -> Iterable[float]:
        for cutoffs, order in itertools.product(([700.0], [150.0, 900.0, 5000.0]), (2, 4, 8)):
            yield far(fx.Crossover(cutoffs, order).response(HERTZ, RATE).abs(), np.ones(len(HERTZ)))

    return worst(errors())


def gammatone() -> float:
    """Compare the denominators with SciPy's, whose numerators are multiplied out and have only six correct digits."""

    def errors() -> Iterable[float]:
        bank = fx.GammatoneBank(80.0, 15_000.0, 9)
        for band, center in zip(bank.filters(RATE), bank.centers(RATE).tolist(), strict=True):
            yield far(band.ba(RATE)[1], signal.gammatone(center, "iir", fs=RATE)[1])

    return worst(errors())


def graphic() -> float:
    """Compare the level at each center frequency with the gain set there, in dB."""

    def errors() -> Iterable[float]:
        for bands in (10, 31):
            gains = patterns(bands, 12.0)
            eq = fx.GraphicEQ(gains)
            yield float((eq.magnitude_db(eq.frequencies, RATE) - gains).abs().max())

    return worst(errors())


def parametric() -> float:
    """Compare with torchaudio's biquads in series."""
    x = 1e-3 * torch.randn(1, 800, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    eq = fx.ParametricEQ(fx.LowShelf(120.0, 6.0, 0.8), fx.Peak(900.0, -9.0, 2.0), fx.HighShelf(6000.0, 3.0, 0.7))
    y = ta.bass_biquad(x, int(RATE), 6.0, 120.0, 0.8)
    y = ta.treble_biquad(ta.equalizer_biquad(y, int(RATE), 900.0, -9.0, 2.0), int(RATE), 3.0, 6000.0, 0.7)
    return far(eq(x, sample_rate=RATE), y)


FAMILIES: dict[str, Family] = {
    "Crossover": Family(
        (fx.Crossover,), "any number of corners; order 2, 4, 6 …", "a flat sum", crossover
    ),
    "OctaveBank": Family(
        (lambda **p: fx.OctaveBank(high=16_000, **p),), "octaves, thirds; IEC 61260 centers", "SciPy `butter`",
        butterworths(lambda order: fx.OctaveBank(order=order, high=16_000)),
    ),
    "LogFilterBank": Family(
        (fx.LogFilterBank,), "any number of bands", "SciPy `butter`",
        butterworths(lambda order: fx.LogFilterBank(order=order)),
    ),
    "MelBank": Family(
        (fx.MelBank,), "HTK's and Slaney's scale", "SciPy `butter`", butterworths(lambda order: fx.MelBank(order=order))
    ),
    "GammatoneBank": Family((fx.GammatoneBank,), "bands even in ERB", "SciPy `gammatone`, its poles", gammatone),
    "GraphicEQ": Family(
        (lambda **p: fx.GraphicEQ(**{"gains_db": [6.0, -3.0, 0.0, 4.0, -12.0, 12.0, 3.0, -1.0, 2.0, 0.0], **p}),),
        "10 or 31 bands", "the gains asked for", graphic, "dB",
    ),
    "ParametricEQ": Family(
        (fx.ParametricEQ,), "any bands", "torchaudio's biquads in a row", parametric
    ),
}  # fmt: skip
