"""A vibrato: its pitch, its rate, the error of the interpolation, and delays that are too long."""

import math

import pytest
import torch

import fxlab as fx

RATE = 48_000
TIME = torch.arange(RATE, dtype=torch.float64) / RATE


def instantaneous_frequency(y: torch.Tensor) -> torch.Tensor:
    spectrum = torch.fft.fft(y)
    spectrum[len(y) // 2 :] = 0
    phase = torch.angle(torch.fft.ifft(spectrum))
    steps = torch.diff(phase)
    return (steps - 2 * math.pi * torch.round(steps / (2 * math.pi))) * RATE / (2 * math.pi)


@pytest.mark.parametrize("cents", [10.0, 50.0, 100.0])
def test_the_pitch_rises_by_the_depth_at_the_rate(cents):
    tone = torch.sin(2 * math.pi * 1000 * TIME)[None]
    y = fx.Vibrato(rate_hz=5.0, depth_cents=cents)(tone, sample_rate=RATE)[0]
    found = instantaneous_frequency(y)[4800:-4800]
    assert 1200 * math.log2(found.max() / 1000) == pytest.approx(cents, abs=0.2)
    fall = 1200 * math.log2(2 - 2 ** (cents / 1200))
    assert 1200 * math.log2(found.min() / 1000) == pytest.approx(fall, abs=0.2)
    crossings = torch.nonzero((found[:-1] < 1000) & (found[1:] >= 1000))[:, 0]
    assert torch.diff(crossings).double().mean().item() == pytest.approx(RATE / 5, rel=1e-3)


@pytest.mark.parametrize(("order", "decibels"), [(1, -52.0), (3, -98.0), (5, -140.0)])
def test_the_error_of_the_interpolation_falls_with_its_order(order, decibels):
    """Of a tone at a fortieth of the sample rate, against the same tone with the exact delay."""
    frequency, cents, rate = RATE / 40, 30.0, 6.0
    tone = torch.sin(2 * math.pi * frequency * TIME)[None]
    y = fx.Vibrato(rate_hz=rate, depth_cents=cents, order=order)(tone, sample_rate=RATE)[0]
    amplitude = (2 ** (cents / 1200) - 1) / (2 * math.pi * rate)
    exact = torch.sin(2 * math.pi * frequency * (TIME - amplitude * (1 - torch.cos(2 * math.pi * rate * TIME))))
    error = 10 * torch.log10((y - exact)[1000:].square().mean() / exact.square().mean())
    assert decibels - 6 < error < decibels


def test_a_depth_of_0_changes_nothing():
    x = torch.randn(2, 3000)
    assert torch.equal(fx.Vibrato(depth_cents=0.0)(x, sample_rate=RATE), x)


@pytest.mark.parametrize("size", [1, 7, 512, 40_000])
def test_blocks_equal_one_call(size):
    x = torch.randn(2, 900 if size < 1000 else 90_000, dtype=torch.float64)
    vibrato = fx.Vibrato(rate_hz=9.0, depth_cents=150.0, stereo_phase=90.0)
    stream = vibrato.stream(RATE)
    blocks = torch.cat([stream(block) for block in x.split(size, -1)], -1)
    torch.testing.assert_close(blocks, vibrato(x, sample_rate=RATE), rtol=0, atol=1e-9)


def test_a_delay_beyond_the_line_is_refused_and_the_stream_goes_on():
    x = torch.randn(1, 500)
    with pytest.raises(fx.ParameterError, match=r"its delay would reach 189\.\d ms; it must be at most 100 ms"):
        fx.Vibrato(rate_hz=0.1, depth_cents=100.0)(x, sample_rate=RATE)
    vibrato = fx.Vibrato()
    stream, expected = vibrato.stream(RATE), vibrato(x, sample_rate=RATE)
    first = stream(x[:, :200])
    vibrato.rate_hz = 0.01
    with pytest.raises(fx.ParameterError, match="Raise rate_hz, or lower depth_cents"):
        stream(x[:, 200:])
    vibrato.rate_hz = 5.0
    torch.testing.assert_close(torch.cat([first, stream(x[:, 200:])], -1), expected)


@pytest.mark.parametrize(
    ("values", "message"),
    [({"rate_hz": 0.0}, "rate_hz is 0"), ({"depth_cents": -5.0}, "depth_cents is -5"), ({"order": 0}, "order is 0")],
)
def test_invalid_values_are_refused(values, message):
    with pytest.raises(fx.ParameterError, match=message):
        fx.Vibrato(**values)
