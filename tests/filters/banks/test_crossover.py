"""Crossover: its Linkwitz-Riley bands sum to an all-pass for all corners and orders."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

import fxlab as fx

RATE = 48_000.0
F = np.geomspace(5, 23_900, 400)


@pytest.mark.parametrize("corners", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("order", [2, 4, 6, 8, 24])
def test_bands_sum_to_unit_gain(corners, order):
    cutoffs = np.geomspace(120.0, 9000.0, corners).tolist()
    crossover = fx.Crossover(cutoffs, order)
    bands = crossover.band_responses(F, RATE)
    assert bands.shape == (corners + 1, len(F))
    np.testing.assert_allclose(bands.sum(0).abs().numpy(), 1.0, atol=1e-9)
    np.testing.assert_allclose(crossover.response(F, RATE).numpy(), bands.sum(0).numpy(), atol=1e-12)


@settings(max_examples=30)
@given(st.lists(st.floats(20, 23_000), min_size=1, max_size=5, unique=True), st.sampled_from([2, 4, 8]))
def test_bands_sum_to_unit_gain_for_random_corners(cutoffs, order):
    response = fx.Crossover(sorted(cutoffs), order).response(F, RATE)
    np.testing.assert_allclose(response.abs().numpy(), 1.0, atol=1e-8)


@pytest.mark.parametrize("order", [2, 4, 8])
def test_each_band_has_the_magnitude_of_scipys_filters_in_series(order):
    """All-passes have unit gain, so only the Linkwitz-Riley high-passes and low-pass, squared Butterworths, remain."""
    cutoffs = [150.0, 900.0, 5000.0]
    bands = fx.Crossover(cutoffs, order).band_responses(F, RATE).abs().numpy()
    for number, band in enumerate(bands):
        expected = np.ones_like(F)
        for index, cutoff in enumerate(cutoffs):
            if index > number:
                continue
            kind = "highpass" if index < number else "lowpass"
            sos = signal.butter(order // 2, cutoff, kind, fs=RATE, output="sos")
            expected = expected * np.abs(signal.freqz_sos(sos, worN=F, fs=RATE)[1]) ** 2
        np.testing.assert_allclose(band, expected, atol=1e-9)


@pytest.mark.parametrize("order", [2, 4, 8])
def test_two_bands_match_linkwitz_riley(order):
    low, high = fx.Crossover([700.0], order).band_responses(F, RATE)
    halves = [fx.LinkwitzRiley(700.0, order, kind).response(F, RATE) for kind in ("lowpass", "highpass")]
    torch.testing.assert_close(low, halves[0], rtol=0, atol=1e-12)
    torch.testing.assert_close(high, halves[1] * (-1) ** (order // 2), rtol=0, atol=1e-12)


def test_adjacent_bands_are_in_phase_at_their_corner():
    cutoffs = [200.0, 1000.0, 6000.0]
    bands = fx.Crossover(cutoffs).band_responses(cutoffs, RATE)
    for corner in range(3):
        difference = torch.angle(bands[corner, corner] / bands[corner + 1, corner]).item()
        assert difference == pytest.approx(0.0, abs=1e-9)


def test_split_returns_bands_and_call_returns_their_sum():
    crossover = fx.Crossover([300.0, 3000.0], gains_db=[0.0, -6.0, 3.0])
    x = torch.randn(3, 2, 500, dtype=torch.float64)
    bands = crossover.split(x, RATE)
    assert bands.shape == (3, 2, 3, 500)
    torch.testing.assert_close(bands.sum(-2), crossover(x, sample_rate=RATE), rtol=0, atol=1e-12)
    for band, band_filter in zip(bands.unbind(-2), crossover.filters(RATE), strict=True):
        torch.testing.assert_close(band_filter(x), band, rtol=0, atol=1e-12)
    assert crossover.split(x[0, 0], RATE).shape == (3, 500)
    stereo = fx.Signal(x[0], RATE)
    signals = crossover.split(stereo)
    assert [type(band) for band in signals] == [fx.Signal] * 3
    torch.testing.assert_close(signals[1].samples, bands[0, :, 1])
    with pytest.raises(fx.SignalError, match="runs at 48000 Hz"):
        crossover.split(stereo, 44_100)


def test_gains_apply_to_their_bands():
    plain, loud = (fx.Crossover([300.0, 3000.0], gains_db=gains) for gains in ([0.0], [0.0, 6.0, -12.0]))
    factor = 10 ** (torch.tensor([[0.0], [6.0], [-12.0]], dtype=torch.float64) / 20)
    torch.testing.assert_close(loud.band_responses(F, RATE), plain.band_responses(F, RATE) * factor)
    one = fx.Crossover([300.0, 3000.0], gains_db=[-6.0])
    torch.testing.assert_close(one.response(F, RATE), plain.response(F, RATE) * 10 ** (-6 / 20))


@pytest.mark.parametrize("gains", [[0.0], [0.0, 6.0, -12.0]])
def test_sections_have_the_response_of_the_sum(gains):
    crossover = fx.Crossover([300.0, 3000.0], gains_db=gains)
    _, expected = signal.freqz_sos(crossover.sos(RATE).detach().numpy(), worN=F, fs=RATE)
    np.testing.assert_allclose(crossover.response(F, RATE).numpy(), expected, atol=1e-6)


@pytest.mark.parametrize("order", [2, 4, 6])
def test_sum_is_an_all_pass_with_half_the_order_per_corner(order):
    zeros, poles, _ = fx.Crossover([300.0, 3000.0], order).zpk(RATE)
    assert len(zeros) == len(poles) == order
    np.testing.assert_allclose(
        np.sort_complex(1 / zeros.numpy().conj()), np.sort_complex(poles.numpy()), rtol=1e-9, atol=1e-9
    )


@settings(max_examples=10)
@given(st.lists(st.integers(0, 300), max_size=5))
def test_stream_of_blocks_equals_one_call(cuts):
    crossover = fx.Crossover([200.0, 1500.0, 7000.0], 2, [0.0, 2.0, -3.0, 1.0])
    x = torch.randn(2, 300, dtype=torch.float64)
    stream, edges = crossover.stream(RATE), [0, *sorted(cuts), 300]
    y = torch.cat([stream(x[:, a:b]) for a, b in itertools.pairwise(edges)], -1)
    torch.testing.assert_close(y, crossover(x, sample_rate=RATE), rtol=0, atol=1e-10)


def test_changing_the_number_of_bands_in_a_stream_raises():
    crossover = fx.Crossover([200.0, 1500.0])
    stream = crossover.stream(RATE)
    stream(torch.randn(2, 10))
    crossover.cutoffs = [200.0]
    with pytest.raises(fx.SignalError, match="its bands or their order changed"):
        stream(torch.randn(2, 10))


def test_batch_equals_loop_over_examples():
    cutoffs = torch.tensor([[100.0, 1000.0], [500.0, 2000.0], [50.0, 9000.0]], dtype=torch.float64)
    gains = torch.tensor([[0.0, 1.0, 2.0], [3.0, -3.0, 0.0], [-6.0, 0.0, 6.0]], dtype=torch.float64)
    x = torch.randn(3, 2, 200, dtype=torch.float64)
    together = fx.Crossover(cutoffs, 4, gains)
    singles = [fx.Crossover(c, 4, g) for c, g in zip(cutoffs, gains, strict=True)]
    expected = torch.stack([single.split(row, RATE) for single, row in zip(singles, x, strict=True)])
    torch.testing.assert_close(together.split(x, RATE), expected, rtol=1e-10, atol=1e-12)
    expected = torch.stack([single.response(F, RATE) for single in singles])
    torch.testing.assert_close(together.response(F, RATE), expected)
    assert together.names(RATE) == ["band 1", "band 2", "band 3"]
    assert together.edges(RATE).shape == (3, 3, 2)


@pytest.mark.slow
@pytest.mark.parametrize("order", [2, 4])
def test_gradients_are_exact(order):
    x = torch.randn(2, 40, dtype=torch.float64)
    cutoffs = torch.tensor([400.0, 3000.0], dtype=torch.float64, requires_grad=True)
    gains = torch.tensor([1.0, -2.0, 3.0], dtype=torch.float64, requires_grad=True)

    def run(cutoffs: torch.Tensor, gains: torch.Tensor) -> torch.Tensor:
        return fx.Crossover(cutoffs, order, gains).split(x, RATE)

    assert torch.autograd.gradcheck(run, (cutoffs, gains), rtol=1e-4, atol=1e-8)


def test_levels_db_of_tone_and_silence():
    crossover = fx.Crossover([200.0, 2000.0])
    tone = fx.sine(50.0, duration=1.0, sample_rate=48_000)
    levels = crossover.levels_db(tone)
    assert levels.shape == (1, 3)
    rms = 20 * torch.log10(tone.samples.double().square().mean().sqrt()).item()
    assert levels[0, 0].item() == pytest.approx(rms, abs=0.1)
    assert (levels[0, 1:] < levels[0, 0] - 40).all()
    assert (crossover.levels_db(torch.zeros(2, 100), RATE) == -torch.inf).all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: fx.Crossover([2000.0, 200.0], sample_rate=RATE),
            "cutoffs has 200 Hz after 2000 Hz; each must be above",
        ),
        (lambda: fx.Crossover([200.0, 200.0], sample_rate=RATE), "each must be above the one before"),
        (lambda: fx.Crossover([200.0, 24_000.0], sample_rate=RATE), "cutoffs is 24000 Hz; it must be"),
        (lambda: fx.Crossover([-1.0]), "it must be above 0 Hz"),
        (lambda: fx.Crossover([]), "is empty"),
        (lambda: fx.Crossover([200.0], 3), "order is 3"),
        (lambda: fx.Crossover([200.0], gains_db=[1.0, 2.0, 3.0], sample_rate=RATE), "3 values, but there are 2 bands"),
    ],
)
def test_invalid_parameters_raise(make, message):
    with pytest.raises(fx.ParameterError, match=message):
        make()
