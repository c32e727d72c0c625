"""The window method with any number of edges, and without scaling: SciPy's taps, exact gradients."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from scipy import signal

import fxlab as fx

RATE = 48_000.0
CUTOFFS: tuple[list[float], ...] = (
    [5000.0],
    [900.0, 4000.0],
    [900.0, 4000.0, 4100.0],
    [300.0, 2000.0, 9000.0, 23_000.0],
    [float(f) for f in range(2000, 23_000, 3000)],
)


@pytest.mark.parametrize("pass_zero", [True, False])
@pytest.mark.parametrize("scale", [True, False])
@pytest.mark.parametrize("cutoffs", CUTOFFS, ids=len)
def test_the_taps_are_scipys_firwin(cutoffs, scale, pass_zero):
    for taps, window in itertools.product([1, 4, 31, 60, 501], ["hamming", "kaiser", "boxcar"]):
        if taps % 2 == 0 and pass_zero == (len(cutoffs) % 2 == 0):
            continue
        named = ("kaiser", 5.0) if window == "kaiser" else window
        expected = signal.firwin(taps, cutoffs, window=named, pass_zero=pass_zero, scale=scale, fs=RATE)
        found = fx.MultibandSinc(cutoffs, taps, pass_zero, window, 5.0, scale).kernel(RATE).numpy()
        np.testing.assert_allclose(found, expected, atol=1e-12 * max(1, np.abs(expected).max()), rtol=1e-12)


@pytest.mark.parametrize("kind", ["lowpass", "highpass", "bandpass", "bandstop"])
def test_scipys_words_for_pass_zero(kind):
    for cutoffs in ([900.0, 4000.0], [900.0, 4000.0, 9000.0]) if kind.startswith("band") else ([900.0],):
        expected = signal.firwin(101, cutoffs, pass_zero=kind, fs=RATE)
        made = fx.MultibandSinc(cutoffs, 101, pass_zero=kind)
        np.testing.assert_allclose(made.kernel(RATE).numpy(), expected, atol=1e-12)
        assert made.pass_zero is (kind in {"lowpass", "bandstop"})


@pytest.mark.parametrize("kind", ["lowpass", "highpass", "bandpass", "bandstop"])
def test_a_windowed_sinc_without_scaling_is_scipys(kind):
    at = (900.0, 4000.0) if kind.startswith("band") else 900.0
    for taps, window in itertools.product([3, 51], fx.WindowedSinc.window.choices):
        named = ("kaiser", 5.0) if window == "kaiser" else window
        expected = signal.firwin(taps, at, window=named, pass_zero=kind, scale=False, fs=RATE)
        found = fx.WindowedSinc(at, taps, kind, window, 5.0, scale=False).kernel(RATE).numpy()
        np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize(("pass_zero", "scale"), [(True, True), (True, False), (False, True), (False, False)])
def test_gradients_are_exact(pass_zero, scale):
    cutoffs = torch.tensor([2.0, 6.0, 11.0], dtype=torch.float64, requires_grad=True)
    beta = torch.tensor(6.0, dtype=torch.float64, requires_grad=True)

    def taps(cutoffs, beta):
        return fx.MultibandSinc(cutoffs * 1000, 21, pass_zero, "kaiser", beta, scale).kernel(RATE)

    assert torch.autograd.gradcheck(taps, (cutoffs, beta))


def test_examples_that_differ_equal_a_loop():
    cutoffs = torch.tensor([[1000.0, 3000.0, 9000.0], [2000.0, 2500.0, 4000.0]])
    beta = torch.tensor([[2.0, 8.0]])
    x = torch.randn(2, 2, 200, dtype=torch.float64)
    y = fx.MultibandSinc(cutoffs, window="kaiser", beta=beta)(x, sample_rate=RATE)
    for row, channel in itertools.product(range(2), range(2)):
        alone = fx.MultibandSinc(cutoffs[row], window="kaiser", beta=beta[0, channel].item())
        torch.testing.assert_close(y[row, channel], alone(x[row, channel], sample_rate=RATE), atol=1e-12, rtol=0)


@pytest.mark.parametrize(
    ("run", "says"),
    [
        (
            lambda: fx.MultibandSinc(taps=60, pass_zero=False).kernel(RATE),
            "the gain at half the sample rate is 1, and 60 symmetric taps, an even number, have a gain of 0 there; use "
            "59 or 61 taps",
        ),
        (
            lambda: fx.MultibandSinc([900.0, 500.0]).kernel(RATE),
            "cutoffs has 500 Hz after 900 Hz; each must be above the one before",
        ),
        (lambda: fx.MultibandSinc([900.0, 900.0]).kernel(RATE), "cutoffs has 900 Hz after 900 Hz"),
        (lambda: fx.MultibandSinc([900.0, 5000.0]).kernel(8000), "cutoffs is 5000 Hz; it must be above 0 Hz and below"),
        (lambda: fx.MultibandSinc([0.0, 500.0]), "cutoffs is 0 Hz; it must be above 0 Hz"),
        (
            lambda: fx.MultibandSinc([900.0], pass_zero="bandstop"),
            "is 'bandstop', and there is 1 cutoff; a band",
        ),
        (
            lambda: fx.MultibandSinc(pass_zero="lowpass"),
            "is 'lowpass', and there are 3 cutoffs; low-",
        ),
        (lambda: fx.MultibandSinc(pass_zero="no"), "pass_zero is 'no'; it must be True or False"),
        (lambda: fx.MultibandSinc(taps=2, window="hann").kernel(RATE), "a hann window of 2 taps"),
    ],
)
def test_what_cannot_be_is_said(run, says):
    with pytest.raises(fx.ParameterError, match=says):
        run()
