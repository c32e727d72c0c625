"""A flanger: its notches and peaks, its sweep, its loop, and delays that are too short."""

import math

import pytest
import torch

import fxlab as fx

RATE = 48_000


def levels(flanger: fx.Flanger) -> torch.Tensor:
    """The magnitude of the response at multiples of 1 Hz."""
    x = torch.zeros(1, RATE, dtype=torch.float64)
    x[0, 0] = 1.0
    return torch.fft.rfft(flanger(x, sample_rate=RATE)[0]).abs()


def test_the_notches_are_where_theory_puts_them():
    level = levels(fx.Flanger(delay_ms=2.0, depth=0.0))
    notches = [250 + 500 * k for k in range(48)]  # (k + 1/2) / d
    peaks = [500 * k for k in range(48)]
    assert level[notches].max() < 1e-9
    assert level[peaks].min().item() == pytest.approx(1.0)


@pytest.mark.parametrize("feedback", [0.5, 0.9, -0.7])
def test_feedback_makes_the_response_of_the_loop(feedback):
    level = levels(fx.Flanger(delay_ms=1.0, depth=0.0, feedback=feedback, mix=0.4))
    frequency = torch.tensor([0, 100, 250, 500, 1000, 7300])
    echo = torch.exp(-2j * math.pi * frequency.double() / 1000)
    torch.testing.assert_close(level[frequency], (0.6 + 0.4 * echo / (1 - feedback * echo)).abs(), atol=1e-6, rtol=0)


@pytest.mark.parametrize("feedback", [0.0, 0.6])
def test_the_delay_sweeps_by_two_octaves(feedback):
    """With a mix of 1 and at most one pass, an impulse returns after the delay of the moment it returns."""
    flanger = fx.Flanger(rate_hz=1.0, depth=1.0, delay_ms=4.0, mix=1.0, feedback=feedback)
    for turn, factor in ((0.25, 4.0), (0.75, 0.25)):
        delay = round(0.004 * factor * RATE)
        arrival = round(turn * RATE)
        x = torch.zeros(1, RATE)
        x[0, arrival - delay] = 1.0
        y = flanger(x, sample_rate=RATE)[0]
        assert int(y[: arrival + delay // 2].abs().argmax()) == pytest.approx(arrival, abs=1)


@pytest.mark.slow
@pytest.mark.parametrize("feedback", [0.0, -0.8])
@pytest.mark.parametrize("size", [1, 7, 512])
def test_blocks_equal_one_call(feedback, size):
    x = torch.randn(2, 900, dtype=torch.float64)
    flanger = fx.Flanger(rate_hz=8.0, depth=1.0, feedback=feedback, stereo_phase=90.0)
    stream = flanger.stream(RATE)
    blocks = torch.cat([stream(block) for block in x.split(size, -1)], -1)
    torch.testing.assert_close(blocks, flanger(x, sample_rate=RATE), rtol=0, atol=1e-9)


@pytest.mark.slow
def test_gradients_are_exact():
    def run(x, rate, depth, delay, feedback, degrees):
        flanger = fx.Flanger(rate, depth, delay_ms=delay, feedback=feedback, stereo_phase=degrees)
        return flanger(x, sample_rate=1000)

    values = (torch.randn(2, 60), *map(torch.tensor, (9.0, 0.37, 6.1, 0.6, 61.0)))
    assert torch.autograd.gradcheck(run, [value.double().requires_grad_() for value in values])


def test_extremes():
    silence = torch.zeros(8, 3000)
    loop = fx.Flanger(feedback=0.95, depth=1.0, rate_hz=10.0)
    for rate in (8000, 192_000):
        assert torch.equal(loop(silence, sample_rate=rate), silence)
    square = torch.sign(torch.sin(torch.arange(20_000) * 0.3))[None]
    assert loop(square, sample_rate=RATE).abs().max() < 20  # 1 / (1 - 0.95)
    ones = torch.ones(1, RATE, dtype=torch.float64)
    assert fx.Flanger(feedback=0.5, mix=1.0)(ones, sample_rate=RATE)[0, -1].item() == pytest.approx(2.0)


def test_a_delay_shorter_than_a_sample_is_refused():
    with pytest.raises(fx.ParameterError, match=r"as short as 0.25 samples .* at 1000 Hz it must be at least 1 sample"):
        fx.Flanger(delay_ms=1.0, depth=1.0, rate_hz=2.0)(torch.zeros(1, 1000), sample_rate=1000)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"delay_ms": 30.0}, "delay_ms is 30 ms; it must be above 0 ms and at most 25 ms"),
        ({"feedback": -1.0}, "feedback is -1; it must be above -1 and below 1"),
        ({"rate_hz": 0.0}, "rate_hz is 0"),
        ({"mix": 1.5}, "mix is 1.5"),
    ],
)
def test_invalid_values_are_refused(values, message):
    with pytest.raises(fx.ParameterError, match=message):
        fx.Flanger(**values)
