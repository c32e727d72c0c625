"""A phaser: its notches, its loop, its sweep, and streams that begin within a step."""

import math

import numpy as np
import pytest
import torch
from scipy.signal import freqz

import fxlab as fx

RATE = 48_000


def impulse_spectrum(module: fx.Module) -> torch.Tensor:
    """The response at multiples of 1 Hz."""
    x = torch.zeros(1, RATE, dtype=torch.float64)
    x[0, 0] = 1.0
    return torch.fft.rfft(module(x, sample_rate=RATE)[0])


@pytest.mark.parametrize("stages", [2, 4, 6, 12])
@pytest.mark.parametrize("feedback", [0.0, 0.6, -0.4])
def test_the_notches_are_where_theory_puts_them(stages, feedback):
    # Where the chain gives -1, the loop gives -1 / (1 + feedback); this mix cancels it completely.
    mix = (1 + feedback) / (2 + feedback)
    phaser = fx.Phaser(depth=0.0, frequency=1000.0, stages=stages, feedback=feedback, mix=mix)
    level = impulse_spectrum(phaser).abs()
    corner = math.tan(math.pi * 1000 / RATE)
    expected = [
        RATE / math.pi * math.atan(corner * math.tan(math.pi * (2 * k + 1) / (2 * stages))) for k in range(stages // 2)
    ]
    minima = (torch.nonzero((level[1:-1] < level[:-2]) & (level[1:-1] < level[2:]))[:, 0] + 1).tolist()
    assert minima == pytest.approx(expected, abs=1.0)
    assert all(level[frequency] < 0.02 for frequency in minima)


@pytest.mark.parametrize("feedback", [0.0, 0.7, -0.9])
def test_the_response_is_that_of_the_all_passes_in_a_loop(feedback):
    phaser = fx.Phaser(depth=0.0, frequency=500.0, stages=4, feedback=feedback, mix=0.3)
    corner = math.tan(math.pi * 500 / RATE)
    pole = (corner - 1) / (corner + 1)
    frequencies = np.array([50.0, 300.0, 1000.0, 9000.0])
    _, stage = freqz([pole, 1.0], [1.0, pole], frequencies, fs=RATE)
    expected = 0.7 + 0.3 * stage**4 / (1 - feedback * stage**4)
    found = impulse_spectrum(phaser)[frequencies.astype(int)].numpy()
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_the_chain_with_a_loop_equals_the_chain_of_sections():
    x = torch.randn(2, 3000, dtype=torch.float64)
    plain, loop = (fx.Phaser(rate_hz=8.0, feedback=f)(x, sample_rate=RATE) for f in (0.0, 1e-12))
    torch.testing.assert_close(plain, loop, rtol=0, atol=1e-9)


def test_the_corner_sweeps_by_two_octaves():
    """A constant phaser with the corner of the sweep's extremes gives the same notch there."""
    rate = 0.5
    x = fx.noise(duration=2.0, sample_rate=RATE, seed=3).samples.double()
    y = fx.Phaser(rate_hz=rate, depth=1.0, frequency=800.0, stages=2)(x, sample_rate=RATE)[0]
    for turn, factor in ((0.25, 4.0), (0.75, 0.25)):
        corner = RATE / math.pi * math.atan(math.tan(math.pi * 800 / RATE) * factor)
        middle = int(turn / rate * RATE)
        part = slice(middle - 4096, middle + 4096)
        window = torch.hann_window(8192, dtype=torch.float64)
        gain = (torch.fft.rfft(y[part] * window) / torch.fft.rfft(x[0, part] * window)).abs()
        frequencies = torch.arange(len(gain)) * RATE / 8192
        near = gain[(frequencies - corner).abs() < 0.02 * corner].median()
        away = gain[(frequencies > 8 * corner) | (frequencies < corner / 8)].median()
        assert near < 0.1 < 0.8 < away


@pytest.mark.slow
@pytest.mark.parametrize("feedback", [0.0, 0.5])
@pytest.mark.parametrize("size", [1, 7, 512])
def test_blocks_equal_one_call(feedback, size):
    x = torch.randn(2, 700, dtype=torch.float64)
    phaser = fx.Phaser(rate_hz=5.0, feedback=feedback, stereo_phase=90.0)
    stream = phaser.stream(RATE)
    blocks = torch.cat([stream(block) for block in x.split(size, -1)], -1)
    torch.testing.assert_close(blocks, phaser(x, sample_rate=RATE), rtol=0, atol=1e-10)


def test_gradients_with_a_stereo_phase_and_at_no_feedback_are_exact():
    def run(x, rate, depth, feedback, degrees):
        phaser = fx.Phaser(rate_hz=rate, depth=depth, frequency=30.0, feedback=feedback, stereo_phase=degrees)
        return phaser(x, sample_rate=200)

    values = [torch.randn(2, 40), *map(torch.tensor, (9.0, 0.7, 0.0, 60.0))]
    assert torch.autograd.gradcheck(run, [value.double().requires_grad_() for value in values])


def test_silence_stays_silent_and_a_loud_square_stays_bounded():
    silence = torch.zeros(2, 1000)
    assert torch.equal(fx.Phaser(feedback=0.9)(silence, sample_rate=RATE), silence)
    square = torch.sign(torch.sin(torch.arange(192_000) * 0.01))[None].expand(8, -1)
    y = fx.Phaser(feedback=-0.95, rate_hz=10.0, depth=1.0)(square, sample_rate=192_000)
    assert y.shape == square.shape
    assert y.abs().max() < 1 / (1 - 0.95) + 1


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"feedback": 1.0}, "feedback is 1; it must be above -1 and below 1"),
        ({"stages": 3}, "stages is 3"),
        ({"frequency": math.nan}, "frequency is nan"),
        ({"mix": -0.1}, "mix is -0.1"),
    ],
)
def test_invalid_values_are_refused(values, message):
    with pytest.raises(fx.ParameterError, match=message):
        fx.Phaser(**values)
