"""Equal ripple over any bands, Hilbert transformers, differentiators: SciPy's remez, sloped gains, exact gradients."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from scipy import signal

import fxlab as fx

RATE = 48_000.0
BANDS = {
    "three": ([0, 2000, 3000, 9000, 10_000, 24_000], [1, 0, 0.5], [1, 10, 1]),
    "five": ([0, 1500, 2500, 5000, 6000, 9000, 10_500, 15_000, 16_500, 24_000], [0, 1, 0, 2, 0], [1, 2, 10, 1, 3]),
    "free at the end": ([0, 3000, 5000, 23_000], [1, 0], [1, 1]),
}


def amplitude(taps, f, antisymmetric=False):
    turned = signal.freqz(taps, worN=f, fs=RATE)[1] * np.exp(2j * np.pi * f / RATE * (len(taps) - 1) / 2)
    return turned.imag if antisymmetric else turned.real


def worst(taps, edges, gains, weights):
    found = 0.0
    for band, (gain, weight) in enumerate(zip(gains, weights, strict=True)):
        f = np.linspace(edges[2 * band], edges[2 * band + 1], 4000)
        found = max(found, weight * np.abs(amplitude(taps, f) - gain).max())
    return found


@pytest.mark.parametrize("bands", BANDS.values(), ids=BANDS)
def test_the_ripple_is_scipys(bands):
    edges, gains, weights = bands
    for taps in (31, 61, 101):
        theirs = signal.remez(taps, edges, gains, weight=weights, fs=RATE, maxiter=250, grid_density=128)
        ours = fx.MultibandEquiripple(edges, gains, taps, weights).kernel(RATE).numpy()
        ripple = worst(ours, edges, gains, weights)
        assert ripple <= worst(theirs, edges, gains, weights) * (1 + 1e-6)
        np.testing.assert_allclose(ours, theirs, atol=0.01 * ripple)


@pytest.mark.parametrize("taps", [30, 31, 60, 61])
def test_hilbert_transformers_and_differentiators_are_scipys(taps):
    edges, half = [1000, 23_000], np.repeat([1.0], 1)
    theirs = signal.remez(taps, edges, half, type="hilbert", fs=RATE, maxiter=100, grid_density=128)
    ours = fx.MultibandEquiripple(edges, [1.0], taps, response_type="hilbert").kernel(RATE).numpy()
    np.testing.assert_allclose(ours, theirs, atol=1e-6)
    np.testing.assert_array_equal(ours, -ours[::-1])
    edges = [0, 8000, 10_000, 24_000]
    theirs = signal.remez(taps, edges, [2 * np.pi, 0], type="differentiator", fs=RATE, maxiter=100, grid_density=128)
    ours = fx.MultibandEquiripple(edges, [1.0, 0.0], taps, response_type="differentiator").kernel(RATE).numpy()
    np.testing.assert_allclose(ours, theirs, atol=1e-5)
    assert (amplitude(ours, np.linspace(100, 7000, 50), antisymmetric=True) > 0).all()


@pytest.mark.parametrize("taps", [40, 41])
def test_the_error_of_sloped_gains_alternates(taps):
    edges, gains, weights = [0.0, 6000.0, 8000.0, 14_000.0, 16_000.0], [1.0, 2.0, 0.5, 0.2, 0.0, 0.0], [1.0, 5.0, 2.0]
    ours = fx.MultibandEquiripple(edges, gains, taps, weights).kernel(RATE).numpy()
    full, errors = [*edges, 24_000.0], []
    for band, weight in enumerate(weights):
        within = np.linspace(0, 1, 6000)
        f = full[2 * band] + (full[2 * band + 1] - full[2 * band]) * within
        wanted = gains[2 * band] + (gains[2 * band + 1] - gains[2 * band]) * within
        errors.append(weight * (wanted - amplitude(ours, f)))
    course = np.concatenate(errors)
    most = np.abs(course).max()
    signs = np.sign(course[np.abs(course) > most * (1 - 1e-3)])
    assert 1 + np.count_nonzero(np.diff(signs)) >= (taps + 1) // 2 + 1


@pytest.mark.slow
@pytest.mark.parametrize("response_type", ["magnitude", "hilbert", "differentiator"])
@pytest.mark.parametrize("taps", [18, 19])
def test_gradients_are_exact(response_type, taps):
    edges = torch.tensor([1.0, 5.0, 7.5, 12.0, 14.0, 21.0], dtype=torch.float64, requires_grad=True)
    gains = torch.tensor([1.0, 0.8, 0.1, 0.2, 0.7, 0.9], dtype=torch.float64, requires_grad=True)
    weights = torch.tensor([1.0, 3.0, 0.5], dtype=torch.float64, requires_grad=True)

    def made(edges, gains, weights):
        return fx.MultibandEquiripple(edges * 1000, gains, taps, weights, response_type).kernel(RATE)

    assert torch.autograd.gradcheck(made, (edges, gains, weights), eps=1e-5, atol=1e-6)


def test_examples_that_differ_equal_a_loop():
    edges = torch.tensor([[0.0, 3000.0, 5000.0], [0.0, 8000.0, 9000.0]])
    weights = torch.tensor([[[1.0, 20.0], [5.0, 1.0]]])
    x = torch.randn(2, 2, 200, dtype=torch.float64)
    y = fx.MultibandEquiripple(edges, weights=weights)(x, sample_rate=RATE)
    for row, channel in itertools.product(range(2), range(2)):
        alone = fx.MultibandEquiripple(edges[row], weights=weights[0, channel])
        torch.testing.assert_close(y[row, channel], alone(x[row, channel], sample_rate=RATE), atol=1e-10, rtol=0)


@pytest.mark.parametrize(
    ("run", "says"),
    [
        (
            lambda: fx.MultibandEquiripple(gains=[0, 1], taps=60).kernel(RATE),
            "the gain at half the sample rate is 1, and 60 symmetric taps, an even number, .* use 59 or 61 taps",
        ),
        (
            lambda: fx.MultibandEquiripple(response_type="hilbert").kernel(RATE),
            "the gain at 0 Hz is 1, and 61 antisymmetric taps, an odd number, have a gain of 0 there",
        ),
        (
            lambda: fx.MultibandEquiripple([0.0, 24_000.0], [1.0], response_type="differentiator").kernel(RATE),
            "the gain at half the sample rate is 1, and 61 antisymmetric taps, .* use 60 or 62 taps",
        ),
        (lambda: fx.MultibandEquiripple(taps=1), "taps is 1; it must be a whole number of at least 2 and at most 4001"),
    ],
)
def test_what_cannot_be_is_said(run, says):
    with pytest.raises(fx.ParameterError, match=says):
        run()
