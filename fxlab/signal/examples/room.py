"""A small room round a dry recording: decaying noise, different in each channel."""

from __future__ import annotations

import torch
from torch import Tensor


def in_room(dry: Tensor, generator: torch.Generator, *, sample_rate: int, decay: float, wet_db: float) -> Tensor:
    """Add the sound of a room that falls by 60 dB in `decay` seconds, `wet_db` below the sound itself.

    What rings on past the end comes round to the beginning, so a loop stays a loop; pad what is none.

    Shape:
        `dry`: `(channels, time)`, as the output.

    >>> dry = torch.zeros(2, 1000, dtype=torch.float64)
    >>> in_room(dry, torch.Generator(), sample_rate=8000, decay=0.1, wet_db=-12.0).shape
    torch.Size([2, 1000])
    """
    frames = dry.shape[-1]
    time = torch.arange(frames, dtype=torch.float64) / sample_rate
    echoes = torch.randn(dry.shape, generator=generator, dtype=torch.float64) * 10 ** (-3 * time / decay)
    echoes[:, : round(0.004 * sample_rate)] = 0.0  # the nearest wall is some way off
    spectrum = torch.fft.rfft(echoes)
    frequency = torch.fft.rfftfreq(frames, 1 / sample_rate, dtype=torch.float64)
    # Walls and air swallow the highs, and there is no room for the lows.
    spectrum = spectrum * (frequency / (frequency + 150)) / (1 + (frequency / 5000) ** 2)
    spectrum = spectrum / spectrum.abs().square().mean(-1, keepdim=True).sqrt()
    wet: Tensor = torch.fft.irfft(torch.fft.rfft(dry) * spectrum, frames)
    return dry + 10 ** (wet_db / 20) * wet
