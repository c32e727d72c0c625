"""Minimum phase: SciPy's taps, the magnitude that stays, zeros inside the unit circle, exact gradients."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from scipy import signal

import fxlab as fx

RATE = 48_000.0
FILTERS = {
    "windowed": lambda: fx.WindowedSinc(2000.0, 101),
    "even": lambda: fx.WindowedSinc(2000.0, 60),
    "high-pass": lambda: fx.WindowedSinc(2000.0, 301, "highpass"),
    "equiripple": lambda: fx.Equiripple(6000.0, 61),
    "least squares": lambda: fx.LeastSquares(6000.0, 81),
    "taps": lambda: fx.FIR([1.0, -0.5, 0.2, 0.3, 0.1]),
}


@pytest.mark.parametrize("name", FILTERS)
def test_the_taps_are_scipys_minimum_phase(name):
    made = FILTERS[name]()
    taps = made.kernel(RATE).numpy()
    for halve, n_fft in itertools.product([False, True], [0, 3000, 5051]):
        theirs = signal.minimum_phase(taps, n_fft=n_fft or None, half=halve)
        ours = fx.MinimumPhase(made, halve=halve, n_fft=n_fft).kernel(RATE).numpy()
        # A zero that is a point of the transform, at half the sample rate, is a rounding error of either.
        on_point = name == "even" and n_fft % 2 == 0
        np.testing.assert_allclose(ours, theirs, atol=1e-4 if on_point else 1e-10)


@pytest.mark.parametrize("name", ["windowed", "equiripple"])
def test_the_hilbert_method_is_scipys(name):
    made = FILTERS[name]()
    for n_fft in (0, 5051):
        theirs = signal.minimum_phase(made.kernel(RATE).numpy(), "hilbert", n_fft or None)
        ours = fx.MinimumPhase(made, "hilbert", halve=True, n_fft=n_fft).kernel(RATE).numpy()
        # At the zeros of an equiripple filter on the unit circle, SciPy's log magnitude is a rounding error.
        np.testing.assert_allclose(ours, theirs, atol=1e-9 if name == "windowed" else 2e-3)


@pytest.mark.parametrize("name", FILTERS)
def test_the_magnitude_stays_and_the_delay_becomes_smallest(name):
    made = FILTERS[name]()
    early = fx.MinimumPhase(made)
    f = np.linspace(0, 24_000, 5000)
    before, after = made.response(f, RATE).abs(), early.response(f, RATE).abs()
    assert (before - after).abs().max() < 2e-4
    passband = before > 0.5
    assert (20 * torch.log10(after / before))[passband].abs().max() < 1e-3
    assert early.latency(RATE) == 0
    assert np.abs(np.roots(early.kernel(RATE).numpy())).max() < 1.02
    # No filter with the same magnitude has more energy in its first samples.
    energy, other = (torch.cumsum(taps.square(), -1) for taps in (early.kernel(RATE), made.kernel(RATE)))
    assert (energy - other > -1e-6).all()


def test_zeros_outside_the_unit_circle_are_reflected():
    """(1 - 2 / z)(1 + 0.5 / z)² becomes 2 (1 - 0.5 / z)(1 + 0.5 / z)²."""
    taps = fx.MinimumPhase(fx.FIR(np.poly([2.0, -0.5, -0.5]))).kernel(RATE).numpy()
    np.testing.assert_allclose(taps, 2 * np.poly([0.5, -0.5, -0.5]), atol=1e-6)


def test_halving_an_autocorrelation_returns_the_filter():
    once = np.poly([0.5, -0.8, 0.3 + 0.4j, 0.3 - 0.4j]).real
    taps = fx.MinimumPhase(fx.FIR(np.convolve(once, once[::-1])), halve=True).kernel(RATE).numpy()
    np.testing.assert_allclose(taps, once, atol=1e-6)


def test_gradients_reach_the_filter():
    def made(cutoff, share):
        full = fx.MinimumPhase(fx.Equiripple(cutoff * 1000, 21, transition=share), n_fft=256)
        half = fx.MinimumPhase(fx.FIR(1.0 / (1 + torch.arange(9.0, dtype=torch.float64) * share)), halve=True)
        return torch.cat([full.kernel(RATE), half.kernel(RATE)])

    given = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (6.0, 0.1)]
    assert torch.autograd.gradcheck(made, given, eps=1e-6, atol=1e-5)


def test_examples_that_differ_equal_a_loop():
    cutoff = torch.tensor([[1000.0, 4000.0], [2000.0, 8000.0]])
    x = torch.randn(2, 2, 200, dtype=torch.float64)
    y = fx.MinimumPhase(fx.WindowedSinc(cutoff))(x, sample_rate=RATE)
    for row, channel in itertools.product(range(2), range(2)):
        alone = fx.MinimumPhase(fx.WindowedSinc(cutoff[row, channel].item()))
        torch.testing.assert_close(y[row, channel], alone(x[row, channel], sample_rate=RATE), atol=1e-10, rtol=0)


@pytest.mark.parametrize(
    ("run", "says"),
    [
        (lambda: fx.MinimumPhase(fx.LowPass()), r"LowPass\(\) is not a FIR filter; give one, such as fx.WindowedSinc"),
        (lambda: fx.MinimumPhase([1.0, 2.0]), "list is not a FIR filter"),
        (lambda: fx.MinimumPhase(fx.FIR([1.0, 0.5])).kernel(RATE), "has 2 taps; it must have at least 3"),
        (lambda: fx.MinimumPhase(fx.FIR([0.0, 0.0, 0.0])).kernel(RATE), "are 0, so its output has no phase"),
        (
            lambda: fx.MinimumPhase(fx.WindowedSinc(), n_fft=60).kernel(RATE),
            "n_fft is 60, and .* has 61 taps; use",
        ),
        (lambda: fx.MinimumPhase(fx.WindowedSinc(), "hilbert").kernel(RATE), "set halve=True, or method='homomorphic'"),
        (
            lambda: fx.MinimumPhase(fx.FIR([1.0, 0.5, 0.2]), "hilbert", halve=True).kernel(RATE),
            "are not symmetric; use method='homomorphic'",
        ),
        (
            lambda: fx.MinimumPhase(fx.FIR([1.0, 2.0, 1.0]), "hilbert", halve=True).kernel(RATE),
            "is made for gains of 1 and 0, and the gain reaches 4; scale the taps",
        ),
        (lambda: fx.MinimumPhase(fx.WindowedSinc(fx.LFO(1.0, 500, 900))).kernel(RATE), "its taps are computed once"),
    ],
)
def test_what_cannot_be_is_said(run, says):
    with pytest.raises(fx.ParameterError, match=says):
        run()
