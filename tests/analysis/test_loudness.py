"""Loudness: the test tones of the standards, their gates, and torchaudio."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
import torchaudio

import fxlab as fx
from fxlab.analysis import loudness_over_time


def tone(level_db: float, seconds: float, rate: int = 48_000, channels: int = 2, hz: float = 1000.0) -> torch.Tensor:
    t = torch.arange(round(seconds * rate), dtype=torch.float64) / rate
    return (10 ** (level_db / 20) * torch.sin(2 * math.pi * hz * t)).float().expand(channels, -1)


@pytest.mark.parametrize("rate", [8000, 22_050, 44_100, 48_000, 96_000, 192_000])
def test_reference_tones_of_the_standards(rate: int) -> None:
    """BS.1770-4: 997 Hz at full scale in one channel is -3.01 LUFS; EBU Tech 3341: 1 kHz at -23 dBFS in two is -23."""
    assert fx.loudness(fx.Signal(tone(0.0, 2.0, rate, 1, 997.0), rate)) == pytest.approx(-3.01, abs=0.06)
    assert fx.loudness(fx.Signal(tone(-23.0, 2.0, rate), rate)) == pytest.approx(-23.0, abs=0.1)


def test_ebu_tech_3341() -> None:
    """Cases 1 to 5 of EBU Tech 3341: the absolute and the relative gate."""
    cases = [
        ([(-23.0, 20)], -23.0),
        ([(-33.0, 20)], -33.0),
        ([(-36.0, 10), (-23.0, 60), (-36.0, 10)], -23.0),
        ([(-72.0, 10), (-36.0, 10), (-23.0, 60), (-36.0, 10), (-72.0, 10)], -23.0),
        ([(-26.0, 20), (-20.0, 20.1), (-26.0, 20)], -23.0),
    ]
    for parts, expected in cases:
        x = torch.cat([tone(level, seconds) for level, seconds in parts], -1)
        assert fx.loudness(fx.Signal(x, 48_000)) == pytest.approx(expected, abs=0.1), parts


def test_momentary_and_short_term() -> None:
    """EBU Tech 3341, cases 9 and 12: alternating tones, with the same energy in every window."""
    short = torch.cat([tone(level, s) for _ in range(5) for level, s in ((-20.0, 1.34), (-30.0, 1.66))], -1)
    values = loudness_over_time(fx.Signal(short, 48_000), 3.0)
    assert values.numpy() == pytest.approx(-23.0, abs=0.1)
    fast = torch.cat([tone(level, s) for _ in range(25) for level, s in ((-20.0, 0.18), (-30.0, 0.22))], -1)
    values = loudness_over_time(fx.Signal(fast, 48_000))
    assert values.shape == (97,)
    assert values[1:].numpy() == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize("channels", [1, 2, 5])
def test_torchaudio_agrees(channels: int) -> None:
    """The loudness of noise matches torchaudio, up to its different K-weighting filter."""
    x = 0.05 * torch.randn(channels, 48_000 * 6, generator=torch.Generator().manual_seed(3))
    x[:, : 48_000 * 2] *= 0.01
    expected = float(torchaudio.functional.loudness(x, 48_000))
    assert fx.loudness(fx.Signal(x, 48_000)) == pytest.approx(expected, abs=0.1)


def test_surround_channels_count_more_and_lfe_does_not_count() -> None:
    """The six channels are L R C LFE Ls Rs."""
    for channel, expected in ((0, -3.01), (2, -3.01), (4, -3.01 + 1.49), (5, -3.01 + 1.49)):
        x = torch.zeros(6, 48_000)
        x[channel] = tone(0.0, 1.0, channels=1, hz=997.0)[0]
        assert fx.loudness(fx.Signal(x, 48_000)) == pytest.approx(expected, abs=0.02)
    x = torch.zeros(6, 48_000)
    x[3] = 1.0 * tone(0.0, 1.0, channels=1)[0]
    assert fx.loudness(fx.Signal(x, 48_000)) == -math.inf


def test_ebu_tech_3341_surround() -> None:
    """EBU Tech 3341, case 6: a tone in five channels with the weights of the standard."""
    gains = torch.tensor([-28.0, -28.0, -24.0, -30.0, -30.0])[:, None]
    x = tone(0.0, 20, channels=5) * 10 ** (gains / 20)
    assert fx.loudness(fx.Signal(x, 48_000)) == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize(("window", "seconds", "step"), [(3.0, 3.0, 0.15), (0.4, 0.4, 0.02)])
def test_ebu_tech_3341_largest_blocks(window: float, seconds: float, step: float) -> None:
    """EBU Tech 3341, cases 10 and 13: a tone as long as a block is found wherever it begins.

    The first block in which the whole tone lies begins up to 0.1 s after it; a meter that updates every 0.1 s reads at
    most 0.15 dB too little for 3 s of tone. For 0.4 s of tone it needs to update more often.
    """
    for number in (0, 3, 7, 19):
        silences = (torch.zeros(2, round(length * 48_000)) for length in (number * step, 1.0))
        before, after = silences
        sound = fx.Signal(torch.cat([before, tone(-23.0, seconds), after], -1), 48_000)
        found = loudness_over_time(sound, window, step=0.1 if window == 3.0 else 0.01)
        assert float(found.max()) == pytest.approx(-23.0, abs=0.1), number


@pytest.mark.parametrize(
    ("levels", "expected"),
    [((-20, -30), 10), ((-20, -15), 5), ((-40, -20), 20), ((-50, -35, -20, -35, -50), 15)],
)
def test_ebu_tech_3342(levels: tuple[float, ...], expected: float) -> None:
    """Cases 1 to 4 of EBU Tech 3342 allow 1 LU; the definition gives the values almost exactly."""
    x = torch.cat([tone(level, 20.0) for level in levels], -1)
    assert fx.loudness_range(fx.Signal(x, 48_000)) == pytest.approx(expected, abs=0.1)


def test_pyloudnorm_agrees() -> None:
    """Loudness and loudness range of noise with a varying level; pyloudnorm adds 1.5 s of silence for the range."""
    import pyloudnorm

    rate, seconds = 48_000, 40
    t = torch.arange(rate * seconds) / rate
    level = -30 + 12 * torch.sin(2 * math.pi * 0.05 * t) - 25 * (t > 30)
    noise = torch.randn(2, len(t), generator=torch.Generator().manual_seed(5))
    x = 10 ** (level / 20) * noise / 4
    meter = pyloudnorm.Meter(rate, filter_class="DeMan")  # the coefficients of the standard
    assert fx.loudness(fx.Signal(x, rate)) == pytest.approx(meter.integrated_loudness(x.T.double().numpy()), abs=0.02)
    followed = torch.nn.functional.pad(x, (0, rate * 3 // 2))
    expected = meter.loudness_range(x.T.double().numpy())
    assert fx.loudness_range(fx.Signal(followed, rate)) == pytest.approx(expected, abs=0.1)


def test_range_of_silence_and_of_short_signals() -> None:
    """Silence has no range; less than 3 s is refused."""
    assert math.isnan(fx.loudness_range(fx.silence(5.0)))
    with pytest.raises(fx.SignalError, match="shorter than the 3 s of one block"):
        fx.loudness_range(fx.silence(2.9))
    with pytest.raises(fx.SignalError, match=r"loudness_range: the input is ndarray, not a Signal"):
        fx.loudness_range(np.zeros(48_000))


def test_silence_and_invalid_arguments() -> None:
    """Silence is minus infinity; invalid arguments raise."""
    assert fx.loudness(fx.silence(1.0)) == -math.inf
    assert torch.isneginf(loudness_over_time(fx.silence(1.0))).all()
    with pytest.raises(fx.SignalError, match="shorter than the 400 ms of one block"):
        fx.loudness(fx.silence(0.39))
    with pytest.raises(fx.SignalError, match=r"not a Signal\. Write Signal"):
        fx.loudness(np.zeros(48_000))
    with pytest.raises(fx.ParameterError, match="needs one of at least 2000 Hz"):
        fx.loudness(fx.silence(1.0, sample_rate=1900))
    with pytest.raises(fx.SignalError, match="shorter than the window of 3 s"):
        loudness_over_time(fx.silence(1.0), 3.0)
    with pytest.raises(fx.SignalError, match="loudness_over_time: the input is ndarray, not a Signal"):
        loudness_over_time(np.zeros(48_000))
    with pytest.raises(fx.ParameterError, match="step is 0"):
        loudness_over_time(fx.silence(1.0), step=0)
