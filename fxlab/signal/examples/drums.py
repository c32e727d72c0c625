"""A two-bar drum loop, synthesized from sines and filtered noise."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.signal.examples.room import add_room
from fxlab.signal.samples import check_seed, peak
from fxlab.signal.signal import Signal

_RATE = 44_100
_STEP = 0.15  # seconds: a sixteenth at 100 beats per minute
# The sixteenths of two bars; a digit is the strength of a hit in tenths.
_KICK = "9.......7.6.....9..5....7.8...4."
_SNARE = "....9..2....9.......9..2.2..9..3"
_HAT = "8.5.8.5.8.5.8.5.8.5.8.5.8.5.8..."
_OPEN = "..............................7."
_SWING = 0.012  # seconds by which every second sixteenth is delayed


def drums(seed: int = 0) -> Signal:
    """Return two bars of kick, snare and hi-hat at 100 beats per minute, stereo, sampled at 44.1 kHz and 4.8 s long.

    The bars can be looped: sound that decays past the end is added at the beginning. The seed determines the noise of
    the drums and the variation of their timing and strength.

    Raises:
        ParameterError: The seed is not an integer from -2^63 to 2^64 - 1.

    >>> drums(seed=1)
    Signal(2 channels, 4.8 s at 44100 Hz, peak -3.0 dBFS)
    """
    generator = torch.Generator().manual_seed(check_seed("drums", seed))
    loop = torch.zeros(2, round(len(_KICK) * _STEP * _RATE), dtype=torch.float64)
    for pattern, drum, gain, pan in (
        (_KICK, _kick, 1.0, 0.0),
        (_SNARE, _snare, 0.7, 0.1),
        (_HAT, _closed_hat, 0.42, -0.35),
        (_OPEN, _open_hat, 0.36, -0.35),
    ):
        sides = torch.tensor([math.cos((pan + 1) * math.pi / 4), math.sin((pan + 1) * math.pi / 4)]).double()
        for step, mark in enumerate(pattern):
            if mark == ".":
                continue
            lateness, weakness = torch.rand(2, generator=generator, dtype=torch.float64).tolist()
            start = step * _STEP + _SWING * (step % 2) + (0.003 * lateness if step else 0.0)
            hit = drum(generator) * (gain * int(mark) / 10 * (1 - 0.15 * weakness))
            frames = (torch.arange(hit.shape[-1]) + round(start * _RATE)) % loop.shape[-1]
            loop[:, frames] += sides[:, None] * hit
    loop = add_room(loop, generator, sample_rate=_RATE, decay=0.3, wet_db=-15.0)
    loop = torch.tanh(loop * (1.4 / peak(loop)))  # saturation, as of a tape recorder
    return Signal((loop * (10 ** (-3 / 20) / peak(loop))).float(), _RATE)


def _kick(generator: torch.Generator) -> Tensor:
    time = _time(0.5)
    # A stroke stretches the head: the pitch starts high and falls to 48 Hz.
    cycles = 48 * time + 3.2 * (1 - torch.exp(-time / 0.028))
    beater = _noise(generator, time, 1500, 6000) * torch.exp(-time / 0.004)
    return torch.sin(2 * math.pi * cycles) * _envelope(time, 0.11) + 0.12 * beater


def _snare(generator: torch.Generator) -> Tensor:
    time = _time(0.4)
    skin = torch.sin(2 * math.pi * (184 * time + 0.5 * (1 - torch.exp(-time / 0.02))))
    skin = skin * _envelope(time, 0.045) + 0.5 * torch.sin(2 * math.pi * 331 * time) * _envelope(time, 0.03)
    wires = _noise(generator, time, 900, 9000) * (_envelope(time, 0.075) + 0.8 * _envelope(time, 0.015))
    return 0.6 * skin + 0.45 * wires


def _closed_hat(generator: torch.Generator) -> Tensor:
    return _cymbals(generator, _time(0.16), 0.024)


def _open_hat(generator: torch.Generator) -> Tensor:
    return _cymbals(generator, _time(0.5), 0.12)


def _cymbals(generator: torch.Generator, time: Tensor, decay: float) -> Tensor:
    # A plate rings at inharmonic frequencies.
    partials = torch.tensor([6013.0, 7127.0, 8341.0, 9479.0, 11_213.0, 13_627.0], dtype=torch.float64)[:, None]
    phases = torch.rand(partials.shape, generator=generator, dtype=torch.float64)
    metal = torch.sin(2 * math.pi * (partials * time + phases)).mean(0)
    return (_noise(generator, time, 6500, 15_000) + 0.8 * metal) * _envelope(time, decay)


def _time(duration: float) -> Tensor:
    return torch.arange(round(duration * _RATE), dtype=torch.float64) / _RATE


def _envelope(time: Tensor, decay: float) -> Tensor:
    """Return an envelope at each `time` in seconds.

    It rises in 0.5 ms, decays with the time constant `decay` in seconds, and falls to 0 in the last 20 ms.
    """
    rise = (time / 0.0005).clamp(max=1.0)
    fade = ((time[-1] - time) / 0.02).clamp(max=1.0)
    return rise * fade * torch.exp(-time / decay)


def _noise(generator: torch.Generator, time: Tensor, low: float, high: float) -> Tensor:
    """Return noise of RMS 0.5 between the frequencies `low` and `high` in Hz, with slopes of 12 dB per octave.

    The result has as many samples as `time`.
    """
    spectrum = torch.fft.rfft(torch.randn(time.shape, generator=generator, dtype=torch.float64))
    frequency = torch.fft.rfftfreq(len(time), 1 / _RATE, dtype=torch.float64)
    spectrum = spectrum * (frequency / low) ** 2 / (1 + (frequency / low) ** 2) / (1 + (frequency / high) ** 2)
    noise: Tensor = torch.fft.irfft(spectrum, len(time))
    return noise * (0.5 / noise.square().mean().sqrt())
