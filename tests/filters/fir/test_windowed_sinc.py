"""Filters by the window method: SciPy's taps, what a textbook says, exact gradients."""

from __future__ import annotations

import itertools

import julius
import numpy as np
import pytest
import torch
from scipy import signal

import fxlab as fx

KINDS = ["lowpass", "highpass", "bandpass", "bandstop"]
RATES = [8000.0, 44_100.0, 192_000.0]


def edge(kind, rate, low=0.11, high=0.3):
    return (low * rate, high * rate) if kind.startswith("band") else low * rate


@pytest.mark.slow
@pytest.mark.parametrize("window", fx.WindowedSinc.window.choices)
@pytest.mark.parametrize("kind", KINDS)
def test_the_taps_are_scipys_firwin(kind, window):
    for taps, rate in itertools.product([1, 3, 4, 7, 101, 200, 501], RATES):
        if kind in ("highpass", "bandstop") and taps % 2 == 0:
            continue
        for low, high in ((0.11, 0.3), (0.001, 0.002), (0.45, 0.499)):
            at = edge(kind, rate, low, high)
            named = ("kaiser", 5.0) if window == "kaiser" else window
            expected = signal.firwin(taps, at, window=named, pass_zero=kind, fs=rate)
            found = fx.WindowedSinc(at, taps, kind, window, 5.0).kernel(rate).numpy()
            np.testing.assert_allclose(found, expected, atol=1e-9 * max(1, np.abs(expected).max()), rtol=1e-9)


def test_seven_taps_as_matlab_prints_them():
    """MATLAB Answers 1680944."""
    taps = fx.WindowedSinc(0.24 * 24_000, 7).kernel(48_000).numpy()
    np.testing.assert_allclose(taps[:4], [0.0095, 0.0717, 0.2442, 0.3493], atol=5e-5)
    np.testing.assert_allclose(taps, taps[::-1], atol=1e-16)


def test_kaiser_by_width_and_attenuation():
    """The example of SciPy's kaiserord: 167 taps, beta 6.20426."""
    made = fx.Kaiser(1000.0, width=24 / 500 * 24_000, attenuation_db=65.0)
    taps = made.kernel(48_000).numpy()
    expected = signal.firwin(167, 1000.0, window=("kaiser", 6.20426), fs=48_000)
    np.testing.assert_allclose(taps, expected, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("attenuation", [8.0, 20.9, 21.0, 30.0, 50.0, 65.0, 120.0])
def test_kaiser_is_scipys_kaiserord_and_firwin(kind, attenuation):
    for width, rate in itertools.product([0.01, 0.05, 0.3], RATES):
        at = edge(kind, rate)
        taps, beta = signal.kaiserord(attenuation, width)
        taps += kind in ("highpass", "bandstop") and taps % 2 == 0
        expected = signal.firwin(taps, at, window=("kaiser", beta), pass_zero=kind, fs=rate)
        found = fx.Kaiser(at, width * rate / 2, attenuation, kind).kernel(rate).numpy()
        np.testing.assert_allclose(found, expected, atol=1e-9)


@pytest.mark.parametrize("attenuation", [40.0, 60.0, 90.0])
def test_kaisers_estimate_holds_within_half_a_db_beyond_the_transition(attenuation):
    made = fx.Kaiser(6000.0, width=1000.0, attenuation_db=attenuation)
    beyond = made.magnitude_db(np.linspace(6500, 24_000, 5000), 48_000).max().item()
    assert -attenuation - 5 < beyond < -attenuation + 0.5
    within = made.magnitude_db(np.linspace(0, 5500, 5000), 48_000).abs().max().item()
    assert within < 20 * np.log10(1 + 1.2 * 10 ** (-attenuation / 20))


@pytest.mark.parametrize("taps", [51, 200, 501])
def test_the_edge_is_6_db_down_and_the_phase_is_linear(taps):
    made = fx.WindowedSinc(6000.0, taps)
    assert made.magnitude_db(6000.0, 48_000).item() == pytest.approx(-6.02, abs=0.05)
    delay = made.group_delay(np.linspace(0, 5000, 100), 48_000)
    torch.testing.assert_close(delay, torch.full_like(delay, (taps - 1) / 2))
    assert made.magnitude_db(0.0, 48_000).item() == pytest.approx(0, abs=1e-12)


def test_a_low_pass_and_its_high_pass_add_up_to_a_delay():
    low, high = (fx.WindowedSinc(5000.0, 301, kind).kernel(48_000) for kind in ("lowpass", "highpass"))
    both = low + high
    assert both[150].item() == pytest.approx(1, abs=1e-3)
    both[150] = 0
    assert both.abs().max() < 1e-4


def test_julius_makes_the_same_low_pass():
    x = torch.randn(1, 2000)
    for cutoff in (0.05, 0.125, 0.25):
        theirs = julius.LowPassFilter(cutoff, zeros=8)
        taps = 2 * theirs._lowpasses.half_size + 1
        ours = fx.WindowedSinc(cutoff * 48_000, taps, window="hann")
        y = theirs(x)[:, taps:-taps]
        late = ours(x, sample_rate=48_000)[:, taps + theirs._lowpasses.half_size :][:, : y.shape[-1]]
        torch.testing.assert_close(late, y, atol=1e-5, rtol=1e-5)


# -- gradients, examples, what cannot be ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_are_exact_to_edges_beta_and_attenuation(kind):
    low, high, beta, attenuation = (
        torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (3000.0, 9000.0, 6.0, 57.0)
    )
    edges = (low, high) if kind.startswith("band") else (low,)

    def windowed(beta, *edges):
        return fx.WindowedSinc(edges[0], 31, kind, "kaiser", beta, edges[-1]).kernel(48_000) * 1e4

    def kaiser(attenuation, *edges):
        return fx.Kaiser(edges[0], 3000.0, attenuation, kind, edges[-1]).kernel(48_000) * 1e4

    assert torch.autograd.gradcheck(windowed, (beta, *edges), eps=1e-4, atol=1e-6)
    assert torch.autograd.gradcheck(kaiser, (attenuation, *edges), eps=1e-4, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_examples_of_other_lengths_equal_a_loop(kind):
    width = torch.tensor([500.0, 2000.0, 7000.0])
    attenuation = torch.tensor([[40.0, 80.0]])
    x = torch.randn(3, 2, 300, dtype=torch.float64)
    edges = {"cutoff": 4000.0, "upper": 9000.0}
    y = fx.Kaiser(width=width, attenuation_db=attenuation, kind=kind, **edges)(x, sample_rate=48_000)
    for row, channel in itertools.product(range(3), range(2)):
        alone = fx.Kaiser(width=width[row].item(), attenuation_db=attenuation[0, channel].item(), kind=kind, **edges)
        torch.testing.assert_close(y[row, channel], alone(x[row, channel], sample_rate=48_000), rtol=0, atol=1e-12)


def test_a_learned_edge_finds_its_place():
    cutoff = torch.nn.Parameter(torch.tensor(3000.0, dtype=torch.float64))
    made, wanted = fx.WindowedSinc(cutoff, 41), fx.WindowedSinc(4000.0, 41).kernel(48_000)
    optimiser = torch.optim.Adam([cutoff], lr=50.0)
    for _ in range(200):
        optimiser.zero_grad()
        (made.kernel(48_000) - wanted).square().sum().backward()
        optimiser.step()
    assert cutoff.item() == pytest.approx(4000, abs=5)


@pytest.mark.parametrize(
    ("run", "says"),
    [
        (
            lambda: fx.WindowedSinc(taps=100, kind="highpass").kernel(48_000),
            "WindowedSinc: taps is 100, and an even number .* which a highpass must pass; use 99 or 101",
        ),
        (
            lambda: fx.LeastSquares(taps=60, kind="bandstop", sample_rate=48_000),
            "LeastSquares: taps is 60, .* which a bandstop must pass; use 59 or 61",
        ),
        (lambda: fx.WindowedSinc(taps=2, window="hann").kernel(8000), "a hann window of 2 taps is 0 at all of them"),
        (lambda: fx.WindowedSinc(taps=0), "taps is 0; it must be a whole number of at least 1"),
        (lambda: fx.WindowedSinc(window="ham"), "window is 'ham'; it must be one of 'hamming'"),
        (lambda: fx.WindowedSinc((900.0, 500.0), kind="bandpass").kernel(8000), "cutoff is 900 Hz and upper 500 Hz"),
        (lambda: fx.WindowedSinc(4000.0).kernel(8000), "cutoff is 4000 Hz; it must be above 0 Hz and below half"),
        (lambda: fx.Kaiser(attenuation_db=7.9), "attenuation_db is 7.9 dB; it must be at least 8 dB"),
        (
            lambda: fx.Kaiser(attenuation_db=float("inf")),
            "is inf dB; it must be a finite number, at least 8 dB",
        ),
        (
            lambda: fx.Kaiser(attenuation_db=400.0),
            "at most 300 dB. .* float64 taps reach 290",
        ),
        (
            lambda: fx.Kaiser(width=1e-3).kernel(48_000),
            "width is 0.001 Hz, which at 48000 Hz needs .* taps; the limit is 1048576",
        ),
        (lambda: fx.Kaiser(width=0.0), "width is 0 Hz; it must be above 0 Hz"),
    ],
)
def test_what_cannot_be_is_said(run, says):
    with pytest.raises(fx.ParameterError, match=says):
        run()
