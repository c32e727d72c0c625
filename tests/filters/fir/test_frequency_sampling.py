"""Any response by the window method: SciPy's firwin2, its four types, exact gradients."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from scipy import signal

import fxlab as fx

RATE = 48_000.0
POINTS = {
    "linear": ([0.0, 3000.0, 12_000.0, 24_000.0], [0.5, 1.0, 0.25, 2.0]),
    "steps": ([0.0, 6000.0, 6000.0, 11_111.0, 11_111.0, 24_000.0], [1.0, 1.0, 0.2, 0.4, 2.0, 1.5]),
    "two points": ([0.0, 24_000.0], [0.3, 0.9]),
}


@pytest.mark.parametrize("antisymmetric", [False, True])
@pytest.mark.parametrize("points", POINTS.values(), ids=POINTS)
def test_the_taps_are_scipys_firwin2(points, antisymmetric):
    frequencies, gains = points
    for taps, window, grid in itertools.product(
        [1, 2, 5, 30, 31, 128, 501], ["hamming", "kaiser", "boxcar"], [0, 3000]
    ):
        forced = list(gains)
        if antisymmetric:
            forced[0] = 0.0
        if antisymmetric == bool(taps % 2):
            forced[-1] = 0.0
        named = ("kaiser", 5.0) if window == "kaiser" else window
        nfreqs = grid or (2 if taps == 1 else None)  # SciPy divides by zero for one tap
        theirs = signal.firwin2(
            taps, frequencies, forced, window=named, nfreqs=nfreqs, antisymmetric=antisymmetric, fs=RATE
        )
        ours = fx.FrequencySampling(frequencies, forced, taps, window, 5.0, antisymmetric, grid).kernel(RATE).numpy()
        np.testing.assert_allclose(ours, theirs, atol=1e-13)


def test_the_gain_stays_constant_below_the_first_and_above_the_last_frequency():
    short = fx.FrequencySampling([3000.0, 4000.0], [1.0, 0.0], 101)
    for rate in (8000.0, 44_100.0, 96_000.0):
        edges = [0.0, 3000.0, min(4000.0, rate / 2 - 1e-3), rate / 2]
        full = fx.FrequencySampling(edges, [1.0, 1.0, 0.0, 0.0], 101)
        torch.testing.assert_close(short.kernel(rate), full.kernel(rate), atol=1e-6, rtol=0)


@pytest.mark.parametrize("antisymmetric", [False, True])
def test_gradients_are_exact(antisymmetric):
    frequencies = torch.tensor([0.5, 6.01, 9.3, 21.7], dtype=torch.float64, requires_grad=True)
    gains = torch.tensor([1.0, 2.0, 0.5, 0.7], dtype=torch.float64, requires_grad=True)
    ends = torch.tensor([0.0 if antisymmetric else 1.0, 1.0], dtype=torch.float64)

    def taps(frequencies, gains):
        edges = torch.cat([torch.zeros(1, dtype=torch.float64), frequencies])
        made = fx.FrequencySampling(
            edges * 1000, torch.cat([ends[:1], gains]), 20 if antisymmetric else 21, antisymmetric=antisymmetric
        )
        return made.kernel(RATE)

    assert torch.autograd.gradcheck(taps, (frequencies, gains))


def test_a_step_has_a_gradient_to_its_gains_and_none_to_its_frequency():
    frequencies = torch.tensor([0.0, 6000.0, 6000.0, 24_000.0], dtype=torch.float64, requires_grad=True)
    gains = torch.tensor([1.0, 1.0, 0.0, 0.0], dtype=torch.float64, requires_grad=True)
    fx.FrequencySampling(frequencies, gains, 33).kernel(RATE).square().sum().backward()
    assert torch.isfinite(frequencies.grad).all()
    assert frequencies.grad[1:3].abs().max() == 0
    assert gains.grad.abs().min() > 0


def test_examples_that_differ_equal_a_loop():
    gains = torch.tensor([[1.0, 2.0, 0.0], [0.5, 0.1, 0.0]])
    x = torch.randn(2, 2, 200, dtype=torch.float64)
    y = fx.FrequencySampling([0.0, 5000.0, 9000.0], gains)(x, sample_rate=RATE)
    for row in range(2):
        alone = fx.FrequencySampling([0.0, 5000.0, 9000.0], gains[row])
        torch.testing.assert_close(y[row], alone(x[row], sample_rate=RATE), atol=1e-12, rtol=0)


@pytest.mark.parametrize(
    ("run", "says"),
    [
        (lambda: fx.FrequencySampling(gains=[1.0]).kernel(RATE), "there are 3 frequencies and 1 gains; give one gain"),
        (lambda: fx.FrequencySampling([0, 5000, 4000]).kernel(RATE), "frequencies has 4000 Hz after 5000 Hz"),
        (lambda: fx.FrequencySampling([9, 9, 9]).kernel(RATE), "frequencies has 9 Hz three times"),
        (lambda: fx.FrequencySampling([0, 0, 9]).kernel(RATE), "frequencies has a step at the start of the spectrum"),
        (lambda: fx.FrequencySampling([1, 4000, 4000]).kernel(8000), "a step at the end of the spectrum"),
        (lambda: fx.FrequencySampling([-1, 5, 9]).kernel(RATE), "frequencies has -1 Hz; each must be at least 0 Hz"),
        (lambda: fx.FrequencySampling().kernel(7000), r"has 4000 Hz; .* at most half the sample rate \(3500 Hz\)"),
        (
            lambda: fx.FrequencySampling(grid_points=61).kernel(RATE),
            "grid_points is 61 and taps 61; there must",
        ),
        (
            lambda: fx.FrequencySampling(gains=[1, 1, 1], taps=30).kernel(RATE),
            "the gain at half the sample rate is 1, and 30 symmetric taps, an even number, have a gain of 0 there; use "
            "29 or 31 taps",
        ),
        (
            lambda: fx.FrequencySampling(antisymmetric=True).kernel(RATE),
            "the gain at 0 Hz is 1, and 61 antisymmetric taps, an odd number, have a gain of 0 there; let",
        ),
        (lambda: fx.FrequencySampling(gains=[0, 1, 1], antisymmetric=True).kernel(RATE), "use 60 or 62 taps, or let"),
    ],
)
def test_what_cannot_be_is_said(run, says):
    with pytest.raises(fx.ParameterError, match=says):
        run()
