"""A chorus: the delays and the levels of its voices, the deviation of their pitch, and extremes."""

import math

import pytest
import torch

import fxlab as fx

RATE = 48_000


def test_a_constant_delay_is_an_echo():
    x = torch.zeros(1, 2000)
    x[0, 0] = 1.0
    y = fx.Chorus(delay_ms=20.0, depth=0.0, mix=0.25)(x, sample_rate=RATE)[0]
    assert torch.nonzero(y)[:, 0].tolist() == [0, 960]
    assert y[[0, 960]].tolist() == [0.75, 0.25]


@pytest.mark.parametrize("shape", ["sine", "triangle"])
def test_the_delays_of_the_voices_move_by_the_depth(shape):
    """Of a ramp x[n] = n, the output of one voice is n minus its delay."""
    ramp = torch.arange(24_000, dtype=torch.float64)[None]
    settings = {"rate_hz": 2.0, "depth": 0.5, "delay_ms": 10.0, "shape": shape, "mix": 1.0}
    delay = (ramp - fx.Chorus(**settings)(ramp, sample_rate=RATE))[0, 1000:]
    assert (delay.min().item(), delay.max().item()) == pytest.approx((240.0, 720.0), abs=0.1)
    assert delay[6000 - 1000].item() == pytest.approx(720.0, abs=0.1)  # a quarter of a cycle
    two = (ramp - fx.Chorus(voices=2, **settings)(ramp, sample_rate=RATE))[0, 1000:]
    torch.testing.assert_close(two, torch.full_like(two, 480.0), rtol=0, atol=1e-6)  # half a cycle apart


def test_the_pitch_deviates_as_documented():
    time = torch.arange(2 * RATE, dtype=torch.float64) / RATE
    tone = torch.exp(2j * math.pi * 1000 * time)
    chorus = fx.Chorus(mix=1.0)
    y = torch.complex(*(chorus(part[None], sample_rate=RATE)[0] for part in (tone.real, tone.imag)))
    frequency = torch.angle(y[2001:] / y[2000:-1]) * RATE / (2 * math.pi)
    deviation = 2 * math.pi * 0.8 * 0.2 * 0.015
    assert (frequency.max() / 1000).item() == pytest.approx(1 + deviation, rel=2e-4)
    assert 1200 * math.log2(1 + deviation) == pytest.approx(25, abs=1.5)


@pytest.mark.parametrize("size", [1, 7, 512])
def test_blocks_equal_one_call(size):
    x = torch.randn(2, 900, dtype=torch.float64)
    chorus = fx.Chorus(rate_hz=8.0, depth=1.0, voices=3, stereo_phase=120.0)
    stream = chorus.stream(RATE)
    blocks = torch.cat([stream(block) for block in x.split(size, -1)], -1)
    torch.testing.assert_close(blocks, chorus(x, sample_rate=RATE), rtol=0, atol=1e-9)


def test_gradients_are_exact():
    def run(x, rate, depth, delay, degrees):
        chorus = fx.Chorus(rate_hz=rate, depth=depth, delay_ms=delay, voices=2, stereo_phase=degrees)
        return chorus(x, sample_rate=1000)

    values = (torch.randn(2, 60), torch.tensor(9.0), torch.tensor(0.37), torch.tensor(13.1), torch.tensor(61.0))
    assert torch.autograd.gradcheck(run, [value.double().requires_grad_() for value in values])


def test_extremes():
    for rate in (8000, 192_000):
        silence = torch.zeros(8, 3000)
        assert torch.equal(fx.Chorus(depth=1.0, voices=8)(silence, sample_rate=rate), silence)
    ones = torch.ones(1, RATE // 2)
    assert fx.Chorus(mix=1.0, voices=3)(ones, sample_rate=RATE)[0, -1].item() == pytest.approx(1.0, abs=1e-6)
    square = torch.sign(torch.sin(torch.arange(20_000) * 0.3))[None]
    assert fx.Chorus()(square, sample_rate=RATE).abs().max() < 1.3


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"delay_ms": 60.0}, "delay_ms is 60 ms; it must be above 0 ms and at most 50 ms"),
        ({"delay_ms": -1.0}, "delay_ms is -1 ms"),
        ({"voices": 0}, "voices is 0"),
        ({"depth": math.nan}, "depth is nan"),
    ],
)
def test_invalid_values_are_refused(values, message):
    with pytest.raises(fx.ParameterError, match=message):
        fx.Chorus(**values)
