"""Comb against its difference equation, and MovingAverage against its kernel."""

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
HERTZ = np.linspace(0, RATE / 2, 500)
KINDS = ["feedforward", "feedback"]


def polynomials(delay, gain, kind):
    taps = np.zeros(delay + 1)
    taps[0], taps[delay] = 1.0, gain if kind == "feedforward" else -gain
    return (taps, [1.0]) if kind == "feedforward" else ([1.0], taps)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("gain", [0.8, -0.6, 0.0])
@pytest.mark.parametrize("delay", [1, 2, 3, 7, 48, 131, 960])
def test_output_and_analysis_match_the_difference_equation(delay, gain, kind):
    module = fx.Comb(1000 * delay / RATE, gain, kind)
    b, a = polynomials(delay, gain, kind)
    x = np.random.default_rng(delay).standard_normal((2, 3000))
    y = module(torch.from_numpy(x), sample_rate=RATE).numpy()
    np.testing.assert_allclose(y, signal.lfilter(b, a, x), atol=1e-9)
    np.testing.assert_allclose(module.response(HERTZ, RATE).numpy(), signal.freqz(b, a, HERTZ, fs=RATE)[1], atol=1e-9)
    np.testing.assert_allclose(
        module.group_delay(HERTZ, RATE).numpy(), signal.group_delay((b, a), HERTZ, fs=RATE)[1], atol=1e-6
    )
    assert module.is_stable(RATE)
    roots = module.zeros(RATE) if kind == "feedforward" else module.poles(RATE)
    power = -gain if kind == "feedforward" else gain
    np.testing.assert_allclose(roots.numpy() ** delay, power, atol=1e-9)
    assert roots.shape == (delay,)
    sections = module.sos(RATE).numpy()
    np.testing.assert_allclose(signal.sosfilt(sections, x), y, atol=1e-8 if delay < 200 else 1e-5)
    expected = 1 + gain**2 if kind == "feedforward" else 1 / (1 - gain**2)
    assert module.noise_gain(RATE).item() == pytest.approx(expected)
    impulse_response = module.impulse_response(RATE)
    assert impulse_response[delay].item() == pytest.approx(gain)
    assert len(impulse_response) > delay


def test_peaks_are_at_multiples_of_the_fundamental():
    module = fx.Comb.tuned(500.0, 0.9, "feedback")
    assert module.delay_ms == 2.0
    peaks = module.magnitude_db([0.0, 500.0, 1000.0, 12_000.0], RATE)
    np.testing.assert_allclose(peaks.numpy(), 20, atol=1e-9)  # 1 / (1 − 0.9)
    between = module.magnitude_db([250.0, 750.0], RATE)
    np.testing.assert_allclose(between.numpy(), -20 * np.log10(1.9), atol=1e-9)
    inverted = fx.Comb.tuned(500.0, -1.0)
    assert inverted.response(500.0, RATE).abs().item() < 1e-12


@settings(max_examples=25)
@given(cuts=st.lists(st.integers(0, 900), max_size=5), kind=st.sampled_from(KINDS), same=st.booleans())
def test_batch_equals_loop_over_examples_and_stream(cuts, kind, same):
    delay = torch.full((3, 1), 0.7) if same else torch.tensor([[0.05], [1.3], [9.0]])
    gain = torch.tensor([[0.5, -0.9]])
    module = fx.Comb(delay, gain, kind)
    x = torch.randn(3, 2, 900, dtype=torch.float64)
    expected = module(x, sample_rate=RATE)
    for row, channel in itertools.product(range(3), range(2)):
        single = fx.Comb(delay[row, 0].item(), gain[0, channel].item(), kind)
        torch.testing.assert_close(expected[row, channel], single(x[row, channel], sample_rate=RATE))
    stream, edges = module.stream(RATE), [0, *sorted(cuts), 900]
    y = torch.cat([stream(x[..., a:b]) for a, b in itertools.pairwise(edges)], -1)
    torch.testing.assert_close(y, expected)


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_by_gain_and_input(kind):
    gain = torch.tensor(0.6, dtype=torch.float64, requires_grad=True)
    x = torch.randn(1, 60, dtype=torch.float64, requires_grad=True)

    def both(gain, x):
        module = fx.Comb(0.3, gain, kind)
        return module(x, sample_rate=RATE), torch.view_as_real(module.response(HERTZ[::50], RATE)), module.sos(RATE)

    assert torch.autograd.gradcheck(both, (gain, x))


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (lambda: fx.Comb(0.01).response(0.0, RATE), r"delay_ms is 0.01 ms; at 48000 Hz it must be .* \(0.01042 ms\)"),
        (lambda: fx.Comb(1e6)(torch.zeros(1, 8), sample_rate=RATE), "delay_ms is 1e.06 ms; .* at most 1048576 samples"),
        (lambda: fx.Comb(gain=1.0, kind="feedback", sample_rate=RATE), "gain is 1, .* echoes would never decay"),
        (lambda: fx.Comb.tuned(0.0), "frequency is 0.0 Hz; it must be a number above 0 Hz"),
        (lambda: fx.MovingAverage(0.9, sample_rate=RATE), "length is 0.9 samples; it must be at least 1 samples"),
        (lambda: fx.MovingAverage(0.01, "ms", sample_rate=RATE), "length is 0.01 ms; .* 0.0208333 ms, one sample at"),
    ],
)
def test_invalid_parameters_raise(run, message):
    with pytest.raises(fx.ParameterError, match=message):
        run()


# -- the moving average ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [1, 2, 7, 48, 1000])
def test_integer_length_is_a_boxcar_with_the_dirichlet_kernel(length):
    module = fx.MovingAverage(length)
    np.testing.assert_allclose(module.kernel(RATE).numpy(), np.full(length, 1 / length), atol=1e-15)
    from scipy.special import diric

    kernel = diric(2 * np.pi * HERTZ / RATE, length)
    np.testing.assert_allclose(module.response(HERTZ, RATE).abs().numpy(), np.abs(kernel), atol=1e-12)
    assert module.response(0.0, RATE).item() == 1
    ms = fx.MovingAverage(1000 * length / RATE, "ms")
    np.testing.assert_allclose(ms.kernel(RATE).numpy(), module.kernel(RATE).numpy(), atol=1e-15)


@pytest.mark.parametrize("length", [1.25, 9.999, 64.5])
def test_fractional_length_is_a_weighted_mean(length):
    module = fx.MovingAverage(length)
    taps = module.kernel(RATE).numpy()
    assert len(taps) == int(np.ceil(length))
    assert taps.sum() == pytest.approx(1)
    np.testing.assert_allclose(
        module.response(HERTZ, RATE).numpy(), signal.freqz(taps, worN=HERTZ, fs=RATE)[1], atol=1e-12
    )
    learned = torch.tensor(length, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda n: fx.MovingAverage(n).kernel(RATE), (learned,))
    assert torch.autograd.gradcheck(lambda n: fx.MovingAverage(n).response(HERTZ, RATE).abs(), (learned,))


def test_moving_average_batch_equals_loop_over_examples():
    length = torch.tensor([1.0, 5.0, 31.7], dtype=torch.float64)
    x = torch.randn(3, 1, 100, dtype=torch.float64)
    y = fx.MovingAverage(length)(x, sample_rate=RATE)
    for row in range(3):
        single = fx.MovingAverage(length[row].item())(x[row], sample_rate=RATE)
        torch.testing.assert_close(y[row], single)
