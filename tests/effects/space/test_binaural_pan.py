"""A binaural pan: Woodworth's delay and the levels of Brown and Duda's head."""

import cmath
import math

import pytest
import torch

import fxlab as fx

RATE = 192_000
TRAVEL = 0.0875 / 343


def alphas(azimuth: float) -> list[float]:
    """Return the gain at high frequencies of the left and the right ear."""
    return [1.05 + 0.95 * math.cos(abs(azimuth - ear) / 150 * math.pi) for ear in (-90, 90)]


def impulse_spectra(azimuth: float, length: int = 4096, rate: float = RATE) -> torch.Tensor:
    x = torch.zeros(1, length, dtype=torch.float64)
    x[0, 0] = 1.0
    return torch.fft.rfft(fx.BinauralPan(azimuth)(x, sample_rate=rate))


@pytest.mark.parametrize("azimuth", [-90.0, -40.0, 0.0, 25.0, 60.0, 90.0])
def test_the_delay_between_the_ears_is_woodworths(azimuth):
    left, right = impulse_spectra(azimuth)
    index = 8  # a low frequency
    w = 2 * math.pi * index * RATE / 4096
    delay = -torch.angle(left[index] / right[index]).item() / w
    angle = math.radians(azimuth)
    woodworth = TRAVEL * (angle + math.sin(angle))
    # The filters have a phase as well, which adds to the delay.
    shadows = [(1 + 1j * alpha * w * TRAVEL / 2) / (1 + 1j * w * TRAVEL / 2) for alpha in alphas(azimuth)]
    filtered = -cmath.phase(shadows[0] / shadows[1]) / w
    assert delay == pytest.approx(woodworth + filtered, abs=1e-7)


@pytest.mark.parametrize(("azimuth", "near", "far"), [(90.0, 2.0, None), (60.0, None, 0.1), (0.0, None, None)])
def test_the_levels_at_high_frequencies_are_those_of_the_sphere(azimuth, near, far):
    left, right = impulse_spectra(azimuth).abs()
    expected = alphas(azimuth)
    dc = (left[0].item(), right[0].item())
    assert dc == pytest.approx((1.0, 1.0), abs=1e-9)
    if near is not None:
        assert expected[1] == pytest.approx(near)
    if far is not None:
        assert expected[0] == pytest.approx(far)
    # Interpolation between samples is exact at low frequencies only, so the level is compared at a quarter of the rate.
    at = len(left) // 2
    w = math.tan(math.pi * at / (len(left) - 1) / 2) * 2 * RATE
    for measured, alpha in zip((left[at], right[at]), expected, strict=True):
        shelf = abs((1 + 1j * alpha * w * TRAVEL / 2) / (1 + 1j * w * TRAVEL / 2))
        assert measured.item() == pytest.approx(shelf, rel=0.06)


def test_left_and_right_are_mirror_images_and_the_front_is_equal():
    x = torch.randn(1, 500, dtype=torch.float64)
    one, other = (fx.BinauralPan(azimuth)(x, sample_rate=48_000) for azimuth in (35.0, -35.0))
    torch.testing.assert_close(one, other.flip(0))
    front = fx.BinauralPan(0.0)(x, sample_rate=48_000)
    torch.testing.assert_close(front[0], front[1])


@pytest.mark.slow
@pytest.mark.parametrize("size", [1, 7, 512])
@pytest.mark.parametrize("azimuth", [70.0, fx.LFO(3.0, -170.0, 170.0)])
def test_blocks_equal_one_call(size, azimuth):
    pan, x = fx.BinauralPan(azimuth), torch.randn(2, 900, dtype=torch.float64)
    stream = pan.stream(48_000)
    y = torch.cat([*(stream(block) for block in x.split(size, -1)), stream.flush()], -1)
    torch.testing.assert_close(y, pan(x, sample_rate=48_000), rtol=0, atol=1e-12)


@pytest.mark.slow
def test_gradients_examples_and_errors():
    azimuth = torch.tensor([20.0, -130.0], dtype=torch.float64, requires_grad=True)
    radius = torch.tensor(8.0, dtype=torch.float64, requires_grad=True)
    x = torch.randn(2, 1, 60, dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda a, r: fx.BinauralPan(a, r)(x, sample_rate=48_000), (azimuth, radius))
    y = fx.BinauralPan(azimuth)(x, sample_rate=48_000)
    torch.testing.assert_close(y[1], fx.BinauralPan(-130.0)(x[1], sample_rate=48_000))
    with pytest.raises(fx.ParameterError, match="azimuth is 200 °"):
        fx.BinauralPan(200.0)
    with pytest.raises(fx.SignalError, match="4 channels"):
        fx.BinauralPan()(torch.ones(4, 9), sample_rate=48_000)


@pytest.mark.parametrize("shape", [(0, 3), (2, 0, 3)])
def test_a_sound_without_channels_is_refused(shape):
    with pytest.raises(fx.SignalError, match="BinauralPan: the input has 0 channels; it must have at least 1"):
        fx.BinauralPan()(torch.zeros(shape), sample_rate=44_100)
