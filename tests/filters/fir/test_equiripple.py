"""Equal ripple: SciPy's remez, the alternation theorem, exact gradients."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

import fxlab as fx
from tests.filters.fir.test_least_squares import KINDS, RATE, edges_of


def errors(taps, edges, wanted, weight):
    """The weighted error over each band, on a dense grid: of symmetric taps the response without its delay."""
    found = []
    for start, stop, one in zip(edges[::2], edges[1::2], wanted, strict=True):
        turn = np.exp(2j * np.pi * np.linspace(start, stop, 6000) / RATE * (len(taps) - 1) / 2)
        response = signal.zoom_fft(taps, [start, stop], 6000, fs=RATE, endpoint=True)
        found.append((one - (response * turn).real) * (1.0 if one else weight))
    return found


def cases(kind, lengths):
    for taps, share, weight in itertools.product(lengths, [0.02, 0.08, 0.15], [0.01, 1.0, 100.0]):
        for low, high in ((400.0, 900.0), (5000.0, 9000.0), (12_000.0, 20_000.0)):
            if taps % 2 or kind in ("lowpass", "bandpass"):
                yield taps, share, weight, low, high


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_the_ripple_is_equal_and_alternates_as_often_as_the_theorem_asks(kind):
    for taps, share, weight, low, high in cases(kind, [3, 5, 30, 31, 81]):
        edges = edges_of(kind, low, high, share)
        found = fx.Equiripple(low, taps, kind, share, weight, high).kernel(RATE).numpy()
        np.testing.assert_allclose(found, found[::-1], atol=1e-12)
        over = errors(found, edges, KINDS[kind], weight)
        most = max(np.abs(one).max() for one in over)
        course = np.concatenate(over)
        signs = np.sign(course[np.abs(course) > most * (1 - 1e-3)])
        turns = 1 + np.count_nonzero(np.diff(signs))
        assert turns >= (taps + 1) // 2 + 1, (taps, share, weight, low, turns)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_it_comes_as_close_as_scipys_remez_and_to_the_same_taps(kind):
    compared = 0
    for taps, share, weight, low, high in cases(kind, [21, 60, 61]):
        edges = edges_of(kind, low, high, share)
        weights = [1.0 if one else weight for one in KINDS[kind]]
        try:
            theirs = signal.remez(taps, edges, KINDS[kind], weight=weights, fs=RATE, maxiter=250, grid_density=64)
        except ValueError:  # it does not converge
            continue
        ours = fx.Equiripple(low, taps, kind, share, weight, high).kernel(RATE).numpy()
        far, close = (max(np.abs(one).max() for one in errors(h, edges, KINDS[kind], weight)) for h in (theirs, ours))
        assert close < far * (1 + 1e-5), (taps, share, weight, low)
        if far < close * 1.01:  # where SciPy's grid finds it
            compared += 1
            np.testing.assert_allclose(ours, theirs, atol=0.02 * far / min(1.0, weight))
    assert compared > 10


@pytest.mark.parametrize(
    ("low", "high", "taps", "share", "weight"),
    [(12_001.55062, 17_921.7998, 60, 0.0592483502, 1.05991), (21_170.0, 23_570.0, 60, 0.15, 0.01)],
)
def test_peaks_that_a_grid_overlooks_are_found(low, high, taps, share, weight):
    found = fx.Equiripple(low, taps, "bandpass", share, weight, high).kernel(RATE).numpy()
    most = [np.abs(one).max() for one in errors(found, edges_of("bandpass", low, high, share), (0, 1, 0), weight)]
    assert most[0] == pytest.approx(most[1], rel=1e-3)


def test_all_peaks_of_what_is_stopped_have_one_height():
    made = fx.Equiripple(6000.0, 81, transition=0.12, weight=10.0)
    level = made.magnitude_db(np.linspace(6720, 24_000, 60_000), RATE).numpy()
    inner = (level[1:-1] > level[:-2]) & (level[1:-1] > level[2:])
    peaks = np.concatenate([level[[0]], level[1:-1][inner]])
    assert len(peaks) > 25
    assert np.ptp(peaks) < 0.01
    ripple = made.response(np.linspace(0, 5280, 60_000), RATE).abs().sub(1).abs().max().item()
    assert ripple == pytest.approx(10 * 10 ** (peaks.max() / 20), rel=1e-4)  # ten times the stopped one, as weighted


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("taps", [20, 21])
def test_gradients_are_exact(kind, taps):
    if kind in ("highpass", "bandstop") and taps == 20:
        return
    given = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (6.0, 11.0, 0.1, 2.0)]

    def made(low, high, share, weight):
        return fx.Equiripple(low * 1000, taps, kind, share, weight, high * 1000).kernel(RATE)

    used = given if kind.startswith("band") else [given[0], given[1].detach(), *given[2:]]
    assert torch.autograd.gradcheck(made, used, eps=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", ["lowpass", "highpass", "bandpass", "bandstop"])
def test_numbers_and_tensors_have_the_same_taps_to_the_last_bit(kind):
    values = {"cutoff": 5000.0, "upper": 11_000.0, "transition": 0.13, "weight": 3.7}
    batch = {name: torch.tensor([value, 1.01 * value], dtype=torch.float64) for name, value in values.items()}
    taps = fx.Equiripple(taps=41, kind=kind, **values).kernel(RATE)
    assert torch.equal(taps, fx.Equiripple(taps=41, kind=kind, **batch).kernel(RATE)[0])
    assert torch.equal(taps, fx.Equiripple(taps=41, kind=kind, **values).learn().kernel(RATE))


def test_examples_that_differ_equal_a_loop():
    cutoff, weight = torch.tensor([2000.0, 9000.0]), torch.tensor([[1.0, 30.0]])
    x = torch.randn(2, 2, 200, dtype=torch.float64)
    y = fx.Equiripple(cutoff, weight=weight)(x, sample_rate=RATE)
    for row, channel in itertools.product(range(2), range(2)):
        alone = fx.Equiripple(cutoff[row].item(), weight=weight[0, channel].item())
        torch.testing.assert_close(y[row, channel], alone(x[row, channel], sample_rate=RATE), atol=1e-10, rtol=0)


@pytest.mark.parametrize(
    ("cutoff", "taps", "share", "level"), [(562.5, 641, 1 / 3, -84.541), (6000.0, 2001, 0.01, -85.426)]
)
def test_long_filters_are_found_and_are_as_good_as_scipys(cutoff, taps, share, level):
    edges = edges_of("lowpass", cutoff, 0.0, share)
    theirs = signal.remez(taps, edges, [1, 0], fs=RATE, maxiter=100)
    ours = fx.Equiripple(cutoff, taps, transition=share).kernel(RATE).numpy()
    far, close = (max(np.abs(one).max() for one in errors(h, edges, (1, 0), 1.0)) for h in (theirs, ours))
    assert close < far
    assert 20 * np.log10(close) == pytest.approx(level, abs=0.01)


def test_taps_that_rounding_would_determine_are_zero():
    taps = fx.Equiripple(6000.0, 2001).kernel(RATE).numpy()
    assert not taps[:500].any()
    assert max(np.abs(one).max() for one in errors(taps, edges_of("lowpass", 6000.0, 0.0, 0.12), (1, 0), 1.0)) < 1e-10


@settings(max_examples=60)
@given(
    place=st.floats(0.001, 0.96),
    wide=st.floats(0.005, 0.9),
    share=st.floats(0.02, 0.15),
    weight=st.floats(-2, 2),
    taps=st.integers(3, 81),
    kind=st.sampled_from(list(KINDS)),
)
def test_it_settles_all_over_the_sliders(place, wide, share, weight, taps, kind):
    low = place * RATE / 2
    high = low + wide * (RATE / 2 - low)
    taps += taps % 2 == 0 and kind in ("highpass", "bandstop")
    made = fx.Equiripple(low, taps, kind, share, 10**weight, high).kernel(RATE).numpy()
    over = errors(made, edges_of(kind, low, high, share), KINDS[kind], 10**weight)
    assert np.isfinite(made).all()
    assert max(np.abs(one).max() for one in over) < 1.01 * max(1, 10**weight)


@pytest.mark.parametrize(
    ("run", "says"),
    [
        (
            lambda: fx.Equiripple(taps=60, kind="highpass").kernel(RATE),
            "taps is 60, .* which a highpass must pass; use 59",
        ),
        (lambda: fx.Equiripple(taps=2), "taps is 2; it must be a whole number of at least 3"),
        (lambda: fx.Equiripple(transition=1.0), "transition is 1; it must be above 0 and below 1. It is a fraction of"),
        (lambda: fx.Equiripple(transition=500.0), "transition is 500; .* fx.MultibandEquiripple .* edges in Hz"),
        (lambda: fx.Equiripple(transition=float("nan")), "is nan; it must be a finite number, above 0 and below 1"),
        (lambda: fx.Equiripple(1e-6).kernel(RATE), "No equiripple filter was found .* edges farther from 0 Hz"),
        (
            lambda: fx.Equiripple(fx.LFO(1.0, 2000, 9000), 301)(torch.zeros(1, 9), sample_rate=RATE),
            r"cutoff is LFO\(.*, and a design with 301 taps takes too long to be repeated; use at most 201 taps",
        ),
        (lambda: fx.Equiripple(weight=0.0), "weight is 0; it must be above 0"),
    ],
)
def test_what_cannot_be_is_said(run, says):
    with pytest.raises(fx.ParameterError, match=says):
        run()
