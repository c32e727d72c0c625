"""Least squares over any bands: SciPy's firls, deep filters, exact gradients."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from scipy import signal

import fxlab as fx
from fxlab.filters.fir import weighted_squares
from tests.filters.fir.test_least_squares import edges_of

RATE = 48_000.0
BANDS = {
    "two steps": ([0, 2000, 3000, 9000, 10_000, 24_000], [1, 1, 0, 0, 0.5, 0.5], [1, 30, 0.5]),
    "slopes": ([0, 4000, 6000, 9000, 9000, 24_000], [0, 2, 1.5, 0.25, 0.25, 1], [1, 1, 4]),
    "one band": ([0, 24_000], [0, 3], [2]),
}


@pytest.mark.parametrize("bands", BANDS.values(), ids=BANDS)
def test_the_taps_are_scipys_firls(bands):
    edges, gains, weights = bands
    for taps in (3, 31, 101):
        expected = signal.firls(taps, edges, gains, weight=weights, fs=RATE)
        found = fx.MultibandLeastSquares(edges, gains, taps, weights).kernel(RATE).numpy()
        np.testing.assert_allclose(found, expected, atol=1e-10)


def test_one_gain_for_each_band_and_the_edge_that_is_omitted():
    full = fx.MultibandLeastSquares([0, 2000, 3000, 24_000], [1, 1, 0.5, 0.5], 31, [2.0, 2.0]).kernel(RATE)
    torch.testing.assert_close(fx.MultibandLeastSquares([0, 2000, 3000], [1, 0.5], 31).kernel(RATE), full)


@pytest.mark.parametrize("taps", [30, 31])
def test_no_other_taps_come_closer(taps):
    """Also of an even length, which SciPy does not make."""
    edges, gains, weights = [500.0, 4000.0, 6000.0, 9000.0, 11_000.0, 20_000.0], [0, 2, 1.5, 0.25, 1, 0.5], [1, 1, 4]
    found = fx.MultibandLeastSquares(edges, gains, taps, weights).kernel(RATE).numpy()
    place = np.arange(taps) - (taps - 1) / 2

    def error(h):
        total = 0.0
        for band, weight in enumerate(weights):
            within = (np.arange(4000) + 0.5) / 4000
            start, stop, first, last = *edges[2 * band : 2 * band + 2], *gains[2 * band : 2 * band + 2]
            f = start + (stop - start) * within
            level = np.cos(2 * np.pi * f[:, None] / RATE * place) @ h
            total += weight * (stop - start) * np.mean((level - (first + (last - first) * within)) ** 2)
        return total

    least, draw = error(found), np.random.default_rng(0)
    for _ in range(10):
        half = draw.standard_normal(taps) * 1e-4
        assert error(found + half + half[::-1]) > least


@pytest.mark.parametrize(("taps", "share"), [(301, 0.3), (301, 0.5), (1001, 0.12)])
def test_deep_filters_are_deeper_than_scipys(taps, share):
    edges = edges_of("lowpass", 5000.0, 0.0, share)
    ours = fx.LeastSquares(5000.0, taps, transition=share).kernel(RATE).numpy()
    theirs = signal.firls(taps, edges, [1, 1, 0, 0], fs=RATE)
    f = np.linspace(edges[2], edges[3], 4000)[:, None]
    place = np.arange(taps) - (taps - 1) / 2
    ours, theirs = (np.abs(np.cos(2 * np.pi * f / RATE * place) @ h).max() for h in (ours, theirs))
    assert 20 * np.log10(ours) < -260
    assert ours < theirs / 1000


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("taps", [20, 21])
def test_gradients_are_exact(taps, deep, monkeypatch):
    if deep:
        monkeypatch.setattr(weighted_squares, "MIN_PIVOT", 1.0)  # always by the QR factorisation
    edges = torch.tensor([1.0, 6.0, 7.5, 12.0, 13.0, 21.0], dtype=torch.float64, requires_grad=True)
    gains = torch.tensor([1.0, 0.5, 0.1, 0.0, 0.7, 1.2], dtype=torch.float64, requires_grad=True)
    weights = torch.tensor([1.0, 3.0, 0.5], dtype=torch.float64, requires_grad=True)

    def made(edges, gains, weights):
        return fx.MultibandLeastSquares(edges * 1000, gains, taps, weights).kernel(RATE)

    assert torch.autograd.gradcheck(made, (edges, gains, weights), eps=1e-6, atol=1e-6)


def test_both_solutions_agree(monkeypatch):
    edges, gains, weights = BANDS["slopes"]
    usual = fx.MultibandLeastSquares(edges, gains, 61, weights).kernel(RATE)
    monkeypatch.setattr(weighted_squares, "MIN_PIVOT", 1.0)
    deep = fx.MultibandLeastSquares(edges, gains, 61, weights).kernel(RATE)
    torch.testing.assert_close(deep, usual, atol=1e-11, rtol=0)


def test_examples_that_differ_equal_a_loop():
    edges = torch.tensor([[0.0, 3000.0, 5000.0], [0.0, 8000.0, 9000.0]])
    weights = torch.tensor([[[1.0, 20.0], [5.0, 1.0]]])
    x = torch.randn(2, 2, 200, dtype=torch.float64)
    y = fx.MultibandLeastSquares(edges, weights=weights)(x, sample_rate=RATE)
    for row, channel in itertools.product(range(2), range(2)):
        alone = fx.MultibandLeastSquares(edges[row], weights=weights[0, channel])
        torch.testing.assert_close(y[row, channel], alone(x[row, channel], sample_rate=RATE), atol=1e-10, rtol=0)


def test_a_moving_filter_is_designed_in_groups_of_limited_memory(monkeypatch):
    x = torch.randn(1, 3000, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    made = fx.LeastSquares(fx.LFO(20.0, 3000.0, 9000.0), 31)
    at_once = made(x, sample_rate=RATE)
    monkeypatch.setattr(weighted_squares, "MAX_NUMBERS", 3 * 16**2)
    torch.testing.assert_close(made(x, sample_rate=RATE), at_once, rtol=0, atol=1e-12)
    with pytest.raises(
        fx.ParameterError, match="a design with 1003 taps takes too long to be repeated; use at most 1001"
    ):
        fx.LeastSquares(fx.LFO(20.0, 3000.0, 9000.0), 1003)(x, sample_rate=RATE)


@pytest.mark.parametrize(
    ("run", "says"),
    [
        (
            lambda: fx.MultibandLeastSquares(gains=[1, 0, 1]).kernel(RATE),
            "3 edges are 2 bands, and there are 3 gains; give 2, one for each band, or 4, one for each edge",
        ),
        (
            lambda: fx.MultibandLeastSquares(weights=[1, 1, 1]).kernel(RATE),
            "3 edges are 2 bands, and there are 3 weights; give 2, one for each band, or one for all",
        ),
        (
            lambda: fx.MultibandLeastSquares([0, 5000, 4000]).kernel(RATE),
            "edges has 4000 Hz after 5000 Hz; each",
        ),
        (lambda: fx.MultibandLeastSquares([0, 0, 4000]).kernel(RATE), "a band starts and ends at 0 Hz"),
        (lambda: fx.MultibandLeastSquares([0, 100, 24_000]).kernel(RATE), "a band starts and ends at 24000 Hz"),
        (lambda: fx.MultibandLeastSquares().kernel(8000), r"edges has 5000 Hz; .* half the sample rate \(4000 Hz\)"),
        (lambda: fx.MultibandLeastSquares([0]), r"edges has shape \(1,\); give at least 2"),
        (lambda: fx.MultibandLeastSquares(weights=[1, 0]), "weights is 0; it must be above 0"),
        (
            lambda: fx.MultibandLeastSquares(gains=[0, 1], taps=60).kernel(RATE),
            "the gain at half the sample rate is 1, and 60 symmetric taps, an even number, .* use 59 or 61 taps",
        ),
    ],
)
def test_what_cannot_be_is_said(run, says):
    with pytest.raises(fx.ParameterError, match=says):
        run()
