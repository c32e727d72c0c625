"""The reverberation of a small room: convolution with decaying noise, independent in each channel."""

from __future__ import annotations

import torch
from torch import Tensor


def add_room(dry: Tensor, generator: torch.Generator, *, sample_rate: int, decay: float, wet_db: float) -> Tensor:
    """Return `dry` plus reverberation with a gain of `wet_db` dB, which decays by 60 dB in `decay` seconds.

    The convolution is circular: reverberation past the end is added at the beginning, so that a loop remains a loop.
    Pad a sound that is not a loop.

    Shape:
        `dry`: `(channels, time)`, like the output.

    >>> dry = torch.zeros(2, 1000, dtype=torch.float64)
    >>> add_room(dry, torch.Generator(), sample_rate=8000, decay=0.1, wet_db=-12.0).shape
    torch.Size([2, 1000])
    """
    frames = dry.shape[-1]
    time = torch.arange(frames, dtype=torch.float64) / sample_rate
    echoes = torch.randn(dry.shape, generator=generator, dtype=torch.float64) * 10 ** (-3 * time / decay)
    echoes[:, : round(0.004 * sample_rate)] = 0.0  # the first reflection arrives after 4 ms
    spectrum = torch.fft.rfft(echoes)
    frequency = torch.fft.rfftfreq(frames, 1 / sample_rate, dtype=torch.float64)
    # Walls and air absorb high frequencies, and a small room does not carry low ones.
    spectrum = spectrum * (frequency / (frequency + 150)) / (1 + (frequency / 5000) ** 2)
    spectrum = spectrum / spectrum.abs().square().mean(-1, keepdim=True).sqrt()
    wet: Tensor = torch.fft.irfft(torch.fft.rfft(dry) * spectrum, frames)
    return dry + 10 ** (wet_db / 20) * wet
