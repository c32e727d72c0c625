"""What the effects of distortion, dynamics and pitch agree with, and the largest difference; see `effects_page.py`."""

from __future__ import annotations

import importlib
import math
from typing import Any

import numpy as np
import torch
from scipy import signal as scipy_signal
from torch import Tensor

import fxlab as fx
from tests.support.effect_references import LEVEL, MODULATION, RATE, SPACE, Reference, difference, noise, spectrum, tone

LEVELS = (-50.0, -35.0, -20.0, -10.0, 0.0)


# -- distortion -------------------------------------------------------------------------------------------------------


def pedalboard() -> Any:
    """Return the module pedalboard, which is installed for benchmarks."""
    return importlib.import_module("pedalboard")


def distortion() -> float:
    x = noise().float()
    theirs = pedalboard().Distortion(25.0)(x.numpy(), RATE)
    return difference(fx.Distortion(25.0)(x, sample_rate=RATE), theirs)


def overdrive() -> float:
    x = noise().numpy()
    driven = 10 ** (12 / 20) * x
    size = np.abs(driven)
    bent = np.sign(driven) * (3 - (2 - 3 * size) ** 2) / 3
    curve = np.where(size <= 1 / 3, 2 * driven, np.where(size <= 2 / 3, bent, np.sign(driven)))
    pole = math.exp(-2 * math.pi * 5000.0 / RATE)
    expected = scipy_signal.lfilter([1 - pole], [1.0, -pole], curve)
    return difference(fx.Overdrive(12.0, 5000.0)(noise(), sample_rate=RATE), expected)


def waveshaper() -> float:
    table = np.array([-0.9, -0.4, 0.1, 0.7, 0.8])
    expected = np.interp(noise().numpy(), np.linspace(-1, 1, 5), table)
    return difference(fx.WaveShaper(table.tolist())(noise(), sample_rate=RATE), expected)


def bit_crush() -> float:
    return difference(fx.BitCrush(6.0)(noise(), sample_rate=RATE), np.round(noise().numpy() * 32) / 32)


def quantize() -> float:
    x = 2 * noise().numpy()
    expected = np.clip(np.round(x * 128), -128, 127) / 128
    return difference(fx.Quantize(8, "none")(2 * noise(), sample_rate=RATE), expected)


def decimate() -> float:
    x = noise()
    return difference(fx.Decimate(4, antialias=False)(x, sample_rate=RATE), np.repeat(x.numpy()[:, ::4], 4, -1))


def mu_law() -> float:
    x = noise().clamp(-1, 1).numpy()
    steps = np.round(127 * np.log1p(255 * np.abs(x)) / np.log(256)) / 127
    return difference(fx.MuLaw(8)(noise(), sample_rate=RATE), np.sign(x) * (256**steps - 1) / 255)


# -- dynamics ---------------------------------------------------------------------------------------------------------


def steady_db(effect: fx.Module, level: float) -> float:
    """Return the level of the output for a constant at `level`, both in dB."""
    x = torch.full((1, RATE), 10 ** (level / 20), dtype=torch.float64)
    return 20 * math.log10(float(effect(x, sample_rate=RATE)[0, -1]))


def compressor() -> float:
    peer, worst = pedalboard().Compressor(-20.0, 4.0, 10.0, 100.0), 0.0
    for level in LEVELS:
        x = np.full((1, RATE), 10 ** (level / 20), dtype=np.float32)
        theirs = 20 * math.log10(float(peer(x, RATE)[0, -1]))
        worst = max(worst, abs(steady_db(fx.Compressor(-20.0, 4.0, knee_db=0.0), level) - theirs))
    return worst


def expander() -> float:
    effect = fx.Expander(-30.0, 3.0, knee_db=0.0)
    return max(abs(steady_db(effect, level) - (level + 2 * min(0.0, level + 30))) for level in LEVELS)


def gate() -> float:
    effect = fx.Gate(-30.0, range_db=40.0)
    return max(abs(steady_db(effect, level) - (level - 40 * (level < -30))) for level in LEVELS)


def limiter() -> float:
    y = fx.Limiter(-6.0)(10 * noise(2, RATE), sample_rate=RATE)
    return max(0.0, 20 * math.log10(float(y.abs().max())) + 6.0)


def transients() -> float:
    return difference(fx.TransientShaper(0.0, 0.0)(noise(), sample_rate=RATE), noise())


def de_esser() -> float:
    x = 1e-3 * noise()
    found = fx.DeEsser(band="wide")(x, sample_rate=RATE)
    return difference(found, x)


def multiband() -> float:
    level = np.abs(spectrum(fx.MultibandCompressor(ratio=[1.0, 1.0, 1.0]), 1 << 15))
    return float(np.abs(20 * np.log10(level)).max())


# -- time and pitch ---------------------------------------------------------------------------------------------------


def cents(y: Tensor, rate: float, expected: float) -> float:
    """Return by how many cents the mean frequency of a tone differs from `expected`, without its ends."""
    middle = y[0].numpy()[len(y[0]) // 4 : -len(y[0]) // 4]
    phase = np.unwrap(np.angle(scipy_signal.hilbert(middle)))[500:-500]
    found = np.polyfit(np.arange(len(phase)), phase, 1)[0] * rate / (2 * math.pi)
    return abs(1200 * math.log2(found / expected))


def resample() -> float:
    y = fx.Resample(48_000)(tone(1000.0, RATE), sample_rate=RATE)
    return difference(y[:, 500:-500], tone(1000.0, 48_000, 48_000)[:, 500:-500])


def speed() -> float:
    y = fx.Speed(1.25)(tone(800.0, RATE), sample_rate=RATE)
    return difference(y[:, 500:-500], tone(1000.0, y.shape[-1])[:, 500:-500])


def time_stretch() -> float:
    return max(cents(fx.TimeStretch(rate)(tone(440.0, RATE), sample_rate=RATE), RATE, 440.0) for rate in (0.7, 1.3))


def pitch_shift() -> float:
    return max(
        cents(fx.PitchShift(shift)(tone(440.0, RATE), sample_rate=RATE), RATE, 440 * 2 ** (shift / 12))
        for shift in (-5.0, 3.0, 12.0)
    )


def reverse() -> float:
    return difference(fx.Reverse()(noise(), sample_rate=RATE), np.flip(noise().numpy(), -1).copy())


DISTORTION = {
    "Distortion": Reference("pedalboard `Distortion`", distortion),
    "Overdrive": Reference("DAFX's curve in NumPy, SciPy `lfilter`", overdrive),
    "WaveShaper": Reference("NumPy `interp`", waveshaper),
    "BitCrush": Reference("NumPy `round`", bit_crush),
    "Quantize": Reference("NumPy `round`, without dither", quantize),
    "Decimate": Reference("NumPy `repeat`, without the filter", decimate),
    "MuLaw": Reference("the formula of ITU-T G.711 in NumPy", mu_law),
}
DYNAMICS = {
    "Compressor": Reference("pedalboard `Compressor`, steady levels", compressor, "dB"),
    "Expander": Reference("the static curve of Giannoulis et al.", expander, "dB"),
    "Gate": Reference("its range, steady levels", gate, "dB"),
    "Limiter": Reference("its ceiling, over loud noise", limiter, "dB"),
    "TransientShaper": Reference("its input, at gains of 0 dB", transients),
    "DeEsser": Reference("its input, below the threshold", de_esser),
    "MultibandCompressor": Reference("a flat response, at a ratio of 1", multiband, "dB"),
}
PITCH = {
    "Resample": Reference("a tone at the new rate", resample),
    "Speed": Reference("a tone with the new frequency", speed),
    "TimeStretch": Reference("the frequency of a tone", time_stretch, "cents"),
    "PitchShift": Reference("the frequency of a tone", pitch_shift, "cents"),
    "Reverse": Reference("NumPy `flip`", reverse),
}
REFERENCES = {**LEVEL, **SPACE, **MODULATION, **DISTORTION, **DYNAMICS, **PITCH}
"""The reference of each effect, by the name of its class."""
