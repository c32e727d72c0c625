"""Oversampling: passband, images, aliases, alignment and gradients of the resampling filters."""

import math

import pytest
import torch

from fxlab.engine import downsample, oversampling_reach, upsample
from fxlab.errors import EngineError

FACTORS = range(1, 9)
EDGE = 20_000 / 44_100


def response_db(taps: torch.Tensor, turns: torch.Tensor) -> torch.Tensor:
    """Return the magnitude in dB at frequencies in cycles per sample."""
    phases = 2 * math.pi * turns[:, None] * torch.arange(taps.shape[-1])
    return 20 * torch.polar(taps.expand_as(phases), -phases).sum(-1).abs().log10()


@pytest.mark.parametrize("factor", FACTORS)
def test_the_interpolator_is_flat_up_to_20_khz_and_removes_the_images(factor):
    impulse = torch.zeros(400, dtype=torch.float64)
    impulse[200] = 1.0
    taps = upsample(impulse, factor)
    passband = response_db(taps, torch.linspace(0, EDGE / factor, 50, dtype=torch.float64))
    torch.testing.assert_close(passband, torch.full_like(passband, 20 * math.log10(factor)), rtol=0, atol=2e-3)
    if factor > 1:
        stop = response_db(taps, torch.linspace((1 - EDGE) / factor, 0.5, 300, dtype=torch.float64))
        assert stop.max() < 20 * math.log10(factor) - 95


@pytest.mark.parametrize("factor", FACTORS)
def test_every_input_sample_stays_and_a_tone_comes_back(factor):
    n = torch.arange(600, dtype=torch.float64)
    x = torch.sin(2 * torch.pi * 0.4 * n)
    high = upsample(x, factor)
    torch.testing.assert_close(high[::factor], x, rtol=0, atol=1e-12)
    middle = slice(200 * factor, 400 * factor)
    exact = torch.sin(2 * torch.pi * 0.4 * torch.arange(600 * factor, dtype=torch.float64) / factor)
    torch.testing.assert_close(high[middle], exact[middle], rtol=0, atol=5e-5)
    torch.testing.assert_close(downsample(high, factor)[200:400], x[200:400], rtol=0, atol=1e-4)


@pytest.mark.parametrize("factor", [2, 3, 4, 8])
def test_what_is_above_the_band_does_not_come_back_as_an_alias(factor):
    n = torch.arange(600 * factor, dtype=torch.float64)
    tone = torch.sin(2 * torch.pi * (1.1 - EDGE) / factor * n)
    assert downsample(tone, factor)[200:400].abs().max() < 2e-5


@pytest.mark.parametrize("factor", FACTORS)
def test_the_reach_is_that_of_the_filters(factor):
    x = torch.zeros(401, dtype=torch.float64)
    x[200] = 1.0
    reach = oversampling_reach(factor)
    y = downsample(upsample(x, factor), factor)
    assert y[: 200 - reach].abs().max() == 0
    assert y[200 + reach + 1 :].abs().max() == 0


@pytest.mark.parametrize("factor", [2, 6])
def test_a_constant_stays_exact_and_gradients_are(factor):
    y = downsample(upsample(torch.ones(2, 300, dtype=torch.float64), factor), factor)
    torch.testing.assert_close(y[:, 150], torch.ones(2, dtype=torch.float64), rtol=0, atol=1e-12)
    x = torch.randn(2, 10, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: upsample(x, factor), (x,))
    assert torch.autograd.gradcheck(lambda x: downsample(x, 2), (x,), check_forward_ad=True)
    assert torch.autograd.gradgradcheck(lambda x: upsample(x, factor).sin(), (x,))
    torch.testing.assert_close(torch.vmap(lambda x: upsample(x, factor))(x), upsample(x, factor))


@pytest.mark.parametrize("factor", [0, -1, -2, 2.0, 2.5, True, "2", None])
def test_a_factor_that_is_no_positive_integer_is_an_error(factor):
    x = torch.zeros(8)
    for name, call in (
        ("upsample", lambda: upsample(x, factor)),
        ("downsample", lambda: downsample(x, factor)),
        ("oversampling_reach", lambda: oversampling_reach(factor)),
    ):
        with pytest.raises(EngineError, match=f"{name}: factor is {factor!r}; it must be an integer, 1 or more"):
            call()


def test_a_signal_that_cannot_be_converted_is_an_error():
    for call in (upsample, downsample):
        with pytest.raises(EngineError, match=r"x has dtype torch\.int64"):
            call(torch.zeros(8, dtype=torch.int64), 2)
        with pytest.raises(EngineError, match="x is a list"):
            call([0.0, 0.0], 2)
    with pytest.raises(EngineError, match="x has 401 samples; the length must be a multiple of the factor 2"):
        downsample(torch.zeros(401), 2)
