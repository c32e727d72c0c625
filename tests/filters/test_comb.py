"""Echoes and means: combs in closed form, the moving average and its kernel."""

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
    long = np.zeros(delay + 1)
    long[0], long[delay] = 1.0, gain if kind == "feedforward" else -gain
    return (long, [1.0]) if kind == "feedforward" else ([1.0], long)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("gain", [0.8, -0.6, 0.0])
@pytest.mark.parametrize("delay", [1, 2, 3, 7, 48, 131, 960])
def test_sound_and_answers_are_those_of_the_difference_equation(delay, gain, kind):
    made = fx.Comb(1000 * delay / RATE, gain, kind)
    b, a = polynomials(delay, gain, kind)
    x = np.random.default_rng(delay).standard_normal((2, 3000))
    y = made(torch.from_numpy(x), sample_rate=RATE).numpy()
    np.testing.assert_allclose(y, signal.lfilter(b, a, x), atol=1e-9)
    np.testing.assert_allclose(made.response(HERTZ, RATE).numpy(), signal.freqz(b, a, HERTZ, fs=RATE)[1], atol=1e-9)
    np.testing.assert_allclose(
        made.group_delay(HERTZ, RATE).numpy(), signal.group_delay((b, a), HERTZ, fs=RATE)[1], atol=1e-6
    )
    assert made.is_stable(RATE)
    roots = made.zeros(RATE) if kind == "feedforward" else made.poles(RATE)
    power = -gain if kind == "feedforward" else gain
    np.testing.assert_allclose(roots.numpy() ** delay, power, atol=1e-9)
    assert roots.shape == (delay,)
    sections = made.sos(RATE).numpy()
    np.testing.assert_allclose(signal.sosfilt(sections, x), y, atol=1e-8 if delay < 200 else 1e-5)
    expected = 1 + gain**2 if kind == "feedforward" else 1 / (1 - gain**2)
    assert made.noise_gain(RATE).item() == pytest.approx(expected)
    heard = made.impulse_response(RATE)
    assert heard[delay].item() == pytest.approx(gain)
    assert len(heard) > delay


def test_its_teeth_stand_on_the_multiples_of_its_fundamental():
    made = fx.Comb.tuned(500.0, 0.9, "feedback")
    assert made.delay_ms == 2.0
    teeth = made.magnitude_db([0.0, 500.0, 1000.0, 12_000.0], RATE)
    np.testing.assert_allclose(teeth.numpy(), 20, atol=1e-9)  # 1 / (1 − 0.9)
    between = made.magnitude_db([250.0, 750.0], RATE)
    np.testing.assert_allclose(between.numpy(), -20 * np.log10(1.9), atol=1e-9)
    turned = fx.Comb.tuned(500.0, -1.0)
    assert turned.response(500.0, RATE).abs().item() < 1e-12


@settings(max_examples=25)
@given(cuts=st.lists(st.integers(0, 900), max_size=5), kind=st.sampled_from(KINDS), same=st.booleans())
def test_blocks_and_examples_equal_a_loop(cuts, kind, same):
    delay = torch.full((3, 1), 0.7) if same else torch.tensor([[0.05], [1.3], [9.0]])
    gain = torch.tensor([[0.5, -0.9]])
    made = fx.Comb(delay, gain, kind)
    x = torch.randn(3, 2, 900, dtype=torch.float64)
    whole = made(x, sample_rate=RATE)
    for row, channel in itertools.product(range(3), range(2)):
        alone = fx.Comb(delay[row, 0].item(), gain[0, channel].item(), kind)
        torch.testing.assert_close(whole[row, channel], alone(x[row, channel], sample_rate=RATE))
    stream, edges = made.stream(RATE), [0, *sorted(cuts), 900]
    y = torch.cat([stream(x[..., a:b]) for a, b in itertools.pairwise(edges)], -1)
    torch.testing.assert_close(y, whole)


@pytest.mark.parametrize("kind", KINDS)
def test_the_gradient_reaches_gain_and_input(kind):
    gain = torch.tensor(0.6, dtype=torch.float64, requires_grad=True)
    x = torch.randn(1, 60, dtype=torch.float64, requires_grad=True)

    def both(gain, x):
        made = fx.Comb(0.3, gain, kind)
        return made(x, sample_rate=RATE), torch.view_as_real(made.response(HERTZ[::50], RATE)), made.sos(RATE)

    assert torch.autograd.gradcheck(both, (gain, x))


@pytest.mark.parametrize(
    ("run", "says"),
    [
        (lambda: fx.Comb(0.01).response(0.0, RATE), r"delay_ms is 0.01 ms; at 48000 Hz allowed is .* \(0.01042 ms\)"),
        (lambda: fx.Comb(1e6)(torch.zeros(1, 8), sample_rate=RATE), "delay_ms is 1e.06 ms; .* at most 1048576 samples"),
        (lambda: fx.Comb(gain=1.0, kind="feedback", sample_rate=RATE), "gain is 1, .* echoes would never decay"),
        (lambda: fx.Comb.tuned(0.0), "frequency is 0.0 Hz; allowed is a number above 0 Hz"),
        (lambda: fx.MovingAverage(0.9, sample_rate=RATE), "length is 0.9 samples; allowed is at least 1 samples"),
        (lambda: fx.MovingAverage(0.01, "ms", sample_rate=RATE), "length is 0.01 ms; .* 0.0208333 ms, one sample at"),
    ],
)
def test_what_cannot_be_is_said(run, says):
    with pytest.raises(fx.ParameterError, match=says):
        run()


# -- the moving average ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [1, 2, 7, 48, 1000])
def test_a_mean_of_whole_samples_is_scipys_boxcar_with_dirichlets_kernel(length):
    made = fx.MovingAverage(length)
    np.testing.assert_allclose(made.kernel(RATE).numpy(), np.full(length, 1 / length), atol=1e-15)
    from scipy.special import diric

    kernel = diric(2 * np.pi * HERTZ / RATE, length)
    np.testing.assert_allclose(made.response(HERTZ, RATE).abs().numpy(), np.abs(kernel), atol=1e-12)
    assert made.response(0.0, RATE).item() == 1
    ms = fx.MovingAverage(1000 * length / RATE, "ms")
    np.testing.assert_allclose(ms.kernel(RATE).numpy(), made.kernel(RATE).numpy(), atol=1e-15)


@pytest.mark.parametrize("length", [1.25, 9.999, 64.5])
def test_a_length_between_two_is_a_mean_too(length):
    made = fx.MovingAverage(length)
    taps = made.kernel(RATE).numpy()
    assert len(taps) == int(np.ceil(length))
    assert taps.sum() == pytest.approx(1)
    np.testing.assert_allclose(
        made.response(HERTZ, RATE).numpy(), signal.freqz(taps, worN=HERTZ, fs=RATE)[1], atol=1e-12
    )
    learned = torch.tensor(length, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda n: fx.MovingAverage(n).kernel(RATE), (learned,))
    assert torch.autograd.gradcheck(lambda n: fx.MovingAverage(n).response(HERTZ, RATE).abs(), (learned,))


def test_examples_of_other_lengths_equal_a_loop():
    length = torch.tensor([1.0, 5.0, 31.7], dtype=torch.float64)
    x = torch.randn(3, 1, 100, dtype=torch.float64)
    y = fx.MovingAverage(length)(x, sample_rate=RATE)
    for row in range(3):
        alone = fx.MovingAverage(length[row].item())(x[row], sample_rate=RATE)
        torch.testing.assert_close(y[row], alone)
