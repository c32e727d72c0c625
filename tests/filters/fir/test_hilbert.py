"""The quarter turn and the slope: exact in phase, flat or rising in level."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from scipy import signal

import fxlab as fx

RATE = 48_000.0


def amplitude(made, f):
    """The response without its delay."""
    late = (made.taps - 1) / 2
    return made.response(f, RATE).numpy() * np.exp(2j * np.pi * np.asarray(f) / RATE * late)


@pytest.mark.parametrize("taps", [2, 5, 30, 61, 250])
@pytest.mark.parametrize("window", ["hamming", "blackman", "boxcar"])
def test_every_phase_turns_by_exactly_a_quarter(taps, window):
    if taps == 2 and window == "blackman":
        return
    f = np.linspace(10, 23_990, 400)
    turned = amplitude(fx.Hilbert(taps, window), f)
    np.testing.assert_allclose(turned.real, 0, atol=1e-12)
    loud = np.abs(turned) > 1e-6
    assert (turned.imag[loud] < 0).all()
    risen = amplitude(fx.Differentiator(10_000.0, taps, window), f)
    np.testing.assert_allclose(risen.real, 0, atol=1e-12)
    assert (risen.imag[f < 8000] > 0).all()


@pytest.mark.parametrize("taps", [201, 200])
def test_the_level_is_flat_within_the_band(taps):
    level = np.abs(amplitude(fx.Hilbert(taps), np.linspace(800, 23_200 if taps % 2 else 24_000, 2000)))
    np.testing.assert_allclose(level, 1, atol=3e-3)
    ends = np.abs(amplitude(fx.Hilbert(taps), [0.0, 24_000.0]))
    np.testing.assert_allclose(ends, [0, 0 if taps % 2 else 1], atol=3e-3)


def test_it_makes_the_analytic_signal_of_scipy():
    t = np.arange(4800) / RATE
    x = np.sin(2 * np.pi * 1500 * t) * (1 - np.cos(2 * np.pi * 10 * t)) + 0.2 * np.sin(2 * np.pi * 6000 * t)
    made = fx.Hilbert(301, "blackman")
    ours = made(torch.from_numpy(np.pad(x, (0, 150))), sample_rate=RATE).numpy()[150:]
    np.testing.assert_allclose(ours[300:-300], signal.hilbert(x).imag[300:-300], atol=2e-3)


@pytest.mark.parametrize(("taps", "window"), [(101, "hamming"), (100, "blackman"), (401, "hann")])
def test_the_level_of_the_slope_is_the_frequency(taps, window):
    f = np.linspace(100, 8000, 300)
    slope = amplitude(fx.Differentiator(12_000.0, taps, window), f).imag
    np.testing.assert_allclose(slope, 2 * np.pi * f / RATE, atol=3e-3)
    above = amplitude(fx.Differentiator(12_000.0, taps, window), np.linspace(16_000, 24_000, 300)).imag
    np.testing.assert_allclose(above, 0, atol=5e-3)
    assert amplitude(fx.Differentiator(12_000.0, taps, window), [12_000.0]).imag[0] == pytest.approx(
        np.pi / 4, rel=0.03
    )


def test_the_slope_of_a_sine_is_a_cosine():
    t = np.arange(6000) / RATE
    x = torch.from_numpy(np.sin(2 * np.pi * 1000 * t))
    y = fx.Differentiator(15_000.0, 401, "blackman", "second")(x, sample_rate=RATE).numpy()[200:]
    expected = 2 * np.pi * 1000 * np.cos(2 * np.pi * 1000 * t)[: len(y)]
    np.testing.assert_allclose(y[400:], expected[400:], atol=2 * np.pi * 1000 * 1e-3)
    by_sample = fx.Differentiator(15_000.0, 401, "blackman")(x, sample_rate=RATE).numpy()[200:]
    np.testing.assert_allclose(by_sample * RATE, y, rtol=1e-9, atol=1e-9)


def test_the_gradient_to_the_edge_is_exact():
    edge = torch.tensor([2.0, 9.0], dtype=torch.float64, requires_grad=True)
    for taps, window in itertools.product([20, 21], ["hamming", "hann"]):
        assert torch.autograd.gradcheck(
            lambda edge, taps=taps, window=window: fx.Differentiator(edge * 1000, taps, window).kernel(RATE), (edge,)
        )


# -- equal ripple ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("taps", [30, 31, 62, 101])
def test_an_equiripple_transformer_is_scipys_and_turns_like_the_windowed_one(taps):
    made = fx.Hilbert(taps, method="equiripple", cutoff=1500.0)
    edges = [1500.0, 22_500.0 if taps % 2 else 24_000.0]
    theirs = signal.remez(taps, edges, [1], type="hilbert", fs=RATE, maxiter=100, grid_density=128)
    np.testing.assert_allclose(made.kernel(RATE).numpy(), -theirs, atol=1e-6)
    turned = amplitude(made, np.linspace(*edges, 2000))
    np.testing.assert_allclose(turned.real, 0, atol=1e-12)
    error = np.abs(-turned.imag - 1)
    assert error.max() < np.abs(np.abs(amplitude(fx.Hilbert(taps), np.linspace(*edges, 2000))) - 1).max()
    assert np.count_nonzero(np.diff(np.sign(-turned.imag - 1))) >= taps // 2 - 1


@pytest.mark.parametrize("taps", [30, 31, 60, 61])
def test_an_equiripple_differentiator_is_scipys(taps):
    made = fx.Differentiator(9000.0, taps, method="equiripple", transition=0.1)
    edges = [0.0, 8100.0, 9900.0, 24_000.0]
    theirs = signal.remez(taps, edges, [2 * np.pi, 0], type="differentiator", fs=RATE, maxiter=100, grid_density=128)
    np.testing.assert_allclose(made.kernel(RATE).numpy(), theirs, atol=1e-5)
    by_second = fx.Differentiator(9000.0, taps, per="second", method="equiripple", transition=0.1)
    np.testing.assert_allclose(by_second.kernel(RATE).numpy(), RATE * made.kernel(RATE).numpy())


def test_the_gradients_of_equiripple_designs_are_exact():
    given = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (3.0, 0.1)]
    for taps in (20, 21):
        assert torch.autograd.gradcheck(
            lambda edge, share, taps=taps: torch.stack(
                [
                    fx.Hilbert(taps, method="equiripple", cutoff=edge * 1000).kernel(RATE),
                    fx.Differentiator(edge * 3000, taps, method="equiripple", transition=share).kernel(RATE),
                ]
            ),
            given,
            eps=1e-5,
            atol=1e-6,
        )


@pytest.mark.parametrize(
    ("run", "says"),
    [
        (lambda: fx.Hilbert(1), "Hilbert: taps is 1; it must be a whole number of at least 2"),
        (
            lambda: fx.Hilbert(3, "hann").kernel(RATE),
            "Hilbert: the middle one of 3 taps is 0, and a hann window makes the others 0",
        ),
        (
            lambda: fx.Differentiator(taps=3, window="hann").kernel(RATE),
            "Differentiator: the middle one of 3 taps .* use 5 or more",
        ),
        (lambda: fx.Differentiator(taps=2, window="hann").kernel(RATE), "a hann window of 2 taps is 0 at all"),
        (lambda: fx.Differentiator(30_000.0).kernel(RATE), "cutoff is 30000 Hz; it must be above 0 Hz and below half"),
        (
            lambda: fx.Hilbert(61, method="equiripple", cutoff=12_000.0).kernel(RATE),
            "cutoff is 12000 Hz; with 61 taps, an odd number, it must be below a quarter of the sample rate",
        ),
        (
            lambda: fx.Hilbert(5001, method="equiripple").kernel(RATE),
            "taps is 5001; with method='equiripple' it must be at most 4001",
        ),
        (lambda: fx.Differentiator(per="minute"), "per is 'minute'; it must be one of 'sample', 'second'"),
    ],
)
def test_what_cannot_be_is_said(run, says):
    with pytest.raises(fx.ParameterError, match=says):
        run()
