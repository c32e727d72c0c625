"""Least squares: SciPy's taps, the definition of the family, exact gradients."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from scipy import signal

import fxlab as fx

KINDS = {"lowpass": (1, 0), "highpass": (0, 1), "bandpass": (0, 1, 0), "bandstop": (1, 0, 1)}
RATE = 48_000.0


def edges_of(kind, low, high, share):
    """The bands' edges in Hz, from the words that describe `transition`."""
    half = RATE / 2
    if kind.startswith("band"):
        middle = (high - low) / 2
        a, b = share * min(low, middle), share * min(half - high, middle)
        return [0, low - a, low + a, high - b, high + b, half]
    return [0, low - share * min(low, half - low), low + share * min(low, half - low), half]


@pytest.mark.parametrize("kind", KINDS)
def test_the_taps_are_scipys_firls(kind):
    for taps, share, weight in itertools.product([1, 5, 31, 61, 81], [0.02, 0.08, 0.15], [0.01, 1.0, 100.0]):
        for low, high in ((400.0, 900.0), (5000.0, 9000.0), (12_000.0, 20_000.0)):
            wanted = np.repeat(KINDS[kind], 2)
            weights = [1.0 if one else weight for one in KINDS[kind]]
            expected = signal.firls(taps, edges_of(kind, low, high, share), wanted, weight=weights, fs=RATE)
            made = fx.LeastSquares(low, taps, kind, share, weight, high)
            np.testing.assert_allclose(made.kernel(RATE).numpy(), expected, atol=1e-8)


@pytest.mark.parametrize("kind", ["lowpass", "bandpass"])
@pytest.mark.parametrize("taps", [30, 31])
def test_no_other_taps_come_closer(kind, taps):
    """Also of an even length, which SciPy does not make."""
    low, high, weight = 6000.0, 12_000.0, 5.0
    taps_found = fx.LeastSquares(low, taps, kind, 0.1, weight, high).kernel(RATE).numpy()
    edges = edges_of(kind, low, high, 0.1)
    bands = list(zip(edges[::2], edges[1::2], KINDS[kind], strict=True))

    def error(h):
        total = 0.0
        for start, stop, wanted in bands:
            f = (np.arange(4000) + 0.5) / 4000 * (stop - start) + start
            turn = np.exp(2j * np.pi * f / RATE * (taps - 1) / 2)
            level = (signal.freqz(h, worN=f, fs=RATE)[1] * turn).real
            total += (stop - start) * np.mean((level - wanted) ** 2) * (1 if wanted else weight)
        return total

    least = error(taps_found)
    draw = np.random.default_rng(0)
    for _ in range(30):
        half = draw.standard_normal(taps) * 1e-4
        assert error(taps_found + half + half[::-1]) > least


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_are_exact(kind):
    given = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (6.0, 11.0, 0.1, 2.0)]

    def taps(low, high, share, weight):
        return fx.LeastSquares(low * 1000, 21, kind, share, weight, high * 1000).kernel(RATE)

    used = given if kind.startswith("band") else [given[0], given[1].detach(), *given[2:]]
    assert torch.autograd.gradcheck(taps, used, eps=1e-5, atol=1e-7)


def test_examples_that_differ_equal_a_loop():
    cutoff, weight = torch.tensor([2000.0, 9000.0]), torch.tensor([[1.0, 30.0]])
    x = torch.randn(2, 2, 200, dtype=torch.float64)
    y = fx.LeastSquares(cutoff, weight=weight)(x, sample_rate=RATE)
    for row, channel in itertools.product(range(2), range(2)):
        alone = fx.LeastSquares(cutoff[row].item(), weight=weight[0, channel].item())
        torch.testing.assert_close(y[row, channel], alone(x[row, channel], sample_rate=RATE), atol=1e-10, rtol=0)
