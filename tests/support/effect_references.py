"""What the effects of level, space and modulation agree with, and the largest difference; see `effects_page.py`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
import torchaudio
from scipy import signal as scipy_signal
from torch import Tensor

import fxlab as fx
from tests.support.reflections import reflections
from tests.support.reverberation import reverberation_time

RATE = 44_100


class Reference(NamedTuple):
    """What an effect is compared with."""

    text: str
    error: Callable[[], float]
    """Return the largest difference, relative to the largest sample of the reference, or in `unit`."""
    unit: str = ""


def noise(channels: int = 2, count: int = 8000) -> Tensor:
    """Return white noise in float64."""
    return 0.3 * torch.randn(channels, count, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


def tone(frequency: float, count: int = 8000, rate: float = RATE) -> Tensor:
    """Return a sine, `(1, count)`."""
    return torch.sin(2 * math.pi * frequency / rate * torch.arange(count, dtype=torch.float64))[None]


def difference(found: Tensor, expected: Any) -> float:
    """Return the largest difference relative to the largest value of `expected`."""
    expected = torch.as_tensor(np.asarray(expected)).double()
    return float((found.double() - expected).abs().max() / expected.abs().max())


def spectrum(module: fx.Module, count: int, channels: int = 1, rate: float = RATE) -> np.ndarray:
    """Return the spectrum of the response to a unit impulse."""
    x = torch.zeros(channels, count, dtype=torch.float64)
    x[:, 0] = 1.0
    return np.fft.rfft(module(x, sample_rate=rate).numpy())


def seconds(count: int = 8000) -> Tensor:
    """Return the times of samples in s."""
    return torch.arange(count, dtype=torch.float64) / RATE


# -- level ------------------------------------------------------------------------------------------------------------


def gain() -> float:
    return difference(fx.Gain(6.0)(noise(), sample_rate=RATE), torchaudio.functional.gain(noise(), 6.0))


def invert() -> float:
    return difference(fx.Invert()(noise(), sample_rate=RATE), -noise())


def offset() -> float:
    x = 0.1 * noise()
    return difference(fx.DCOffset(0.1)(x, sample_rate=RATE), torchaudio.functional.dcshift(x, 0.1))


def fade() -> float:
    x = torch.ones(1, 4000, dtype=torch.float64)
    shapes = ("linear", "quarter sine", "half sine", "exponential")
    return max(
        difference(
            fx.Fade(0.5, 0.3, shape)(x, sample_rate=1000),
            torchaudio.transforms.Fade(501, 301, shape.replace(" ", "_"))(x),
        )
        for shape in shapes
    )


def normalize() -> float:
    y = fx.Normalize(-23.0, "loudness")(noise(2, 2 * RATE), sample_rate=RATE)
    return abs(float(torchaudio.functional.loudness(y, RATE)) + 23.0)


# -- space ------------------------------------------------------------------------------------------------------------


def delay() -> float:
    x, samples = noise(), 441
    line = np.zeros(samples + 1)
    line[0], line[-1] = 1.0, -0.6
    ahead = np.zeros(samples + 1)
    ahead[-1] = 1.0
    expected = 0.7 * x + 0.3 * torch.from_numpy(scipy_signal.lfilter(ahead, line, x.numpy()))
    return difference(fx.Delay(delay_ms=10.0, feedback=0.6, mix=0.3)(x, sample_rate=RATE), expected)


def reverb() -> float:
    x, total = noise(1).numpy(), 0.0
    for samples in (1116, 1188, 1277, 1356, 1422, 1491, 1557, 1617):
        loop = 10 ** (-3 * samples / RATE)
        feedback = np.zeros(samples + 1)
        feedback[0], feedback[-1] = 1.0, -loop
        total = total + np.sqrt((1 - loop**2) / 8) * scipy_signal.lfilter(np.eye(samples + 1)[-1], feedback, x)
    for samples in (556, 441, 341, 225):
        feedback = np.zeros(samples + 1)
        feedback[0], feedback[-1] = 1.0, -0.5
        total = scipy_signal.lfilter(feedback[::-1], feedback, total)
    return difference(fx.Reverb(1.0, mix=1.0, damping=0.0)(noise(1), sample_rate=RATE), total)


def network() -> float:
    x = torch.zeros(1, RATE, dtype=torch.float64)
    x[0, 0] = 1.0
    worst = 0.0
    for matrix in ("hadamard", "householder"):
        effect = fx.FeedbackDelayNetwork(0.8, 0.8, 0.8, mix=1.0, matrix=matrix)
        found = reverberation_time(effect(x, sample_rate=RATE)[0], RATE)
        worst = max(worst, abs(found / 0.8 - 1))
    return 100 * worst


def room() -> float:
    size, at, ears = (5.0, 4.1, 2.7), (0.22, 0.41, 0.53), (0.71, 0.62, 0.44)
    x = torch.zeros(1, 8000, dtype=torch.float64)
    x[0, 0] = 1.0
    h = fx.Room(*size, 0.36, 1.0, *at, *ears, order=3)(x, sample_rate=16_000)[0]
    source, listener = ([f * s for f, s in zip(part, size, strict=True)] for part in (at, ears))
    expected = sum(0.8**count / distance for distance, count in reflections(size, source, listener, 3))
    return abs(float(h.sum()) / expected - 1)


def binaural() -> float:
    travel, worst = 0.0875 / 343, 0.0
    index, count, rate = 8, 4096, 192_000
    w = 2 * math.pi * index * rate / count
    for azimuth in (-90.0, -40.0, 25.0, 60.0):
        left, right = spectrum(fx.BinauralPan(azimuth), count, rate=rate)
        alphas = [1.05 + 0.95 * math.cos(abs(azimuth - ear) / 150 * math.pi) for ear in (-90, 90)]
        shadow = [(1 + 1j * alpha * w * travel / 2) / (1 + 1j * w * travel / 2) for alpha in alphas]
        angle = math.radians(azimuth)
        expected = travel * (angle + math.sin(angle)) - np.angle(shadow[0] / shadow[1]) / w
        worst = max(worst, abs(-np.angle(left[index] / right[index]) / w - expected))
    return 1e6 * worst


def convolution() -> float:
    x, h = noise(1), noise(1, 3000)
    effect = fx.ConvolutionReverb(fx.Signal(h, RATE), mix=1.0, normalize="none")
    return difference(effect(x, sample_rate=RATE), scipy_signal.fftconvolve(x[0], h[0])[None, : x.shape[-1]])


def width() -> float:
    x = noise()
    half = 1.5 * (x[0] - x[1]) / 2
    middle = (x[0] + x[1]) / 2
    return difference(fx.StereoWidth(1.5)(x, sample_rate=RATE), torch.stack([middle + half, middle - half]))


def mid_side() -> float:
    x = noise()
    middle, side = 10 ** (3 / 20) * (x[0] + x[1]) / 2, 10 ** (-6 / 20) * (x[0] - x[1]) / 2
    effect = fx.MidSide(mid_gain_db=3.0, side_gain_db=-6.0)
    return difference(effect(x, sample_rate=RATE), torch.stack([middle + side, middle - side]))


def pan() -> float:
    x = noise(1)
    angle = (0.3 + 1) / 2 * math.pi / 2
    return difference(fx.Pan(0.3)(x, sample_rate=RATE), torch.cat([math.cos(angle) * x, math.sin(angle) * x]))


def send() -> float:
    x = noise()
    effect = fx.Send(fx.Invert(), fx.Gain(6.0), levels_db=[-6.0, -20.0])
    return difference(effect(x, sample_rate=RATE), x * (1 - 10 ** (-6 / 20) + 10 ** (-14 / 20)))


# -- modulation -------------------------------------------------------------------------------------------------------


def tremolo() -> float:
    gain = 1 - 0.8 * (1 - torch.cos(2 * math.pi * 7.0 * seconds())) / 2
    return difference(fx.Tremolo(7.0, 0.8)(noise(), sample_rate=RATE), gain * noise())


def auto_pan() -> float:
    angle = math.pi / 4 * (1 + 0.9 * torch.sin(2 * math.pi * 7.0 * seconds()))
    gains = math.sqrt(2) * torch.stack([torch.cos(angle), torch.sin(angle)])
    return difference(fx.AutoPan(7.0, 0.9)(noise(), sample_rate=RATE), gains * noise())


def ring() -> float:
    carrier = torch.sin(2 * math.pi * 440.0 * seconds())
    return difference(fx.RingModulator(440.0)(noise(), sample_rate=RATE), carrier * noise())


def vibrato() -> float:
    amplitude = (2 ** (40 / 1200) - 1) / (2 * math.pi * 6.0)
    lag = amplitude * (1 - torch.cos(2 * math.pi * 6.0 * seconds()))
    expected = torch.sin(2 * math.pi * 1000.0 * (seconds() - lag))
    return difference(fx.Vibrato(6.0, 40.0, order=7)(tone(1000.0), sample_rate=RATE)[:, 100:], expected[None, 100:])


def chorus() -> float:
    lag = 0.015 * (1 + 0.2 * torch.sin(2 * math.pi * 6.0 * seconds()))
    expected = torch.sin(2 * math.pi * 1000.0 * (seconds() - lag))
    y = fx.Chorus(6.0, 0.2, mix=1.0, delay_ms=15.0, order=7)(tone(1000.0), sample_rate=RATE)
    return difference(y[:, 1000:], expected[None, 1000:])


def flanger() -> float:
    x, samples = noise(), 147
    line, ahead = np.zeros(samples + 1), np.zeros(samples + 1)
    line[0], line[-1], ahead[-1] = 1.0, -0.5, 1.0
    expected = 0.5 * x + 0.5 * torch.from_numpy(scipy_signal.lfilter(ahead, line, x.numpy()))
    effect = fx.Flanger(depth=0.0, delay_ms=1000 * samples / RATE, feedback=0.5)
    return difference(effect(x, sample_rate=RATE), expected)


def phaser() -> float:
    corner = math.tan(math.pi * 500.0 / RATE)
    pole = (corner - 1) / (corner + 1)
    _, stage = scipy_signal.freqz([pole, 1.0], [1.0, pole], np.linspace(0, RATE / 2, 8001), fs=RATE)
    expected = 0.7 + 0.3 * stage**4 / (1 - 0.6 * stage**4)
    found = spectrum(fx.Phaser(depth=0.0, frequency=500.0, feedback=0.6, mix=0.3), 16_000)[0]
    return float(np.abs(found - expected).max() / np.abs(expected).max())


def auto_wah() -> float:
    """For a quiet sound the center stays where it is at silence."""
    center = 2 * RATE * math.tan(math.pi * 350.0 / RATE)
    b, a = scipy_signal.bilinear([center / 4.0, 0.0], [1.0, center / 4.0, center**2], RATE)
    x = 1e-9 * noise()
    return difference(fx.AutoWah(350.0, q=4.0)(x, sample_rate=RATE), scipy_signal.lfilter(b, a, x.numpy()))


LEVEL = {
    "Gain": Reference("torchaudio `gain`", gain),
    "Invert": Reference("NumPy", invert),
    "DCOffset": Reference("torchaudio `dcshift`", offset),
    "Fade": Reference("torchaudio `Fade`, four shapes", fade),
    "Normalize": Reference("torchaudio `loudness` of the output", normalize, "dB"),
}
SPACE = {
    "Delay": Reference("SciPy `lfilter`", delay),
    "Reverb": Reference("Schroeder's combs and all-passes by SciPy `lfilter`", reverb),
    "FeedbackDelayNetwork": Reference("the decay time asked for, by Schroeder's integral", network, "%"),
    "Room": Reference("all images, one by one", room),
    "BinauralPan": Reference("Woodworth's delay between the ears", binaural, "µs"),
    "ConvolutionReverb": Reference("SciPy `fftconvolve`", convolution),
    "StereoWidth": Reference("the formula in NumPy", width),
    "MidSide": Reference("the formula in NumPy", mid_side),
    "Pan": Reference("the Web Audio API's formula", pan),
    "Send": Reference("the sum in NumPy", send),
}
MODULATION = {
    "Tremolo": Reference("the formula in NumPy", tremolo),
    "AutoPan": Reference("the formula in NumPy", auto_pan),
    "RingModulator": Reference("the formula in NumPy", ring),
    "Vibrato": Reference("a tone with that phase, order 7", vibrato),
    "Chorus": Reference("a tone with that phase, order 7", chorus),
    "Flanger": Reference("SciPy `lfilter`, at rest", flanger),
    "Phaser": Reference("SciPy `freqz`, at rest", phaser),
    "AutoWah": Reference("SciPy `bilinear`, at silence", auto_wah),
}
