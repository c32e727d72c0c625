"""Modules as users write them: a few lines each, with the public API only."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

import fxlab as fx


class Tremolo(fx.Module):
    """Modulate the level."""

    rate_hz = fx.Param(5, low=1, high=20, unit="Hz", doc="Modulation frequency.")
    depth = fx.Param(0.5, low=0.0, high=1.0, at_least=0.0, at_most=1.0)

    def forward(self, x, sample_rate):
        t = torch.arange(x.shape[-1], dtype=x.dtype) / sample_rate
        return x * (1 - self.depth * torch.sin(torch.pi * self.rate_hz * t) ** 2)


class Smooth(fx.Recursive):
    """Smooth the input with one pole."""

    pole = fx.Param(0.9, low=0.0, high=0.999, above=-1.0, below=1.0)

    def design(self, sample_rate):
        zero, one = torch.zeros_like(self.pole), torch.ones_like(self.pole)
        return torch.stack([1 - self.pole, zero, zero, one, -self.pole, zero], -1).unsqueeze(-2)


class Shaper(fx.Module):
    """Distort the waveform, with one discrete parameter of each kind."""

    drive = fx.Param(1.0, low=0.5, high=20.0, scale="log")
    curve = fx.Choice("tanh", ["tanh", "cube"])
    times = fx.Count(1, low=1, high=4, at_most=8)
    invert = fx.Switch(False)

    def forward(self, x, sample_rate):
        for _ in range(self.times):
            x = torch.tanh(self.drive * x) if self.curve == "tanh" else self.drive * x**3
        return -x if self.invert else x


class Crossed(fx.Module):
    """A module with a part and with its own constructor."""

    width = fx.Param(2.0, low=1.0, high=4.0)

    def __init__(self, corner, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.corner = corner
        self.inner = fx.LowPass(corner)

    def forward(self, x, sample_rate):
        return self.width * self.inner(x, sample_rate=sample_rate)


class FrameDelay(fx.Module):
    """Double the input; in a stream, only complete frames of `frame` samples are output."""

    frame = fx.Count(8, low=1, high=64)

    def forward(self, x: Tensor, sample_rate: float) -> Tensor:
        return 2 * x

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        held = x if state is None else torch.cat([state, x], -1)
        ready = held.shape[-1] // self.frame * self.frame
        return 2 * held[..., :ready], held[..., ready:]

    def flush_block(self, state: Any, sample_rate: float) -> Tensor | None:
        return 2 * state


class FrameDelayGain(FrameDelay):
    """A `FrameDelay` with a gain, which may vary over a batch."""

    gain = fx.Param(1.0, low=0.0, high=4.0)

    def forward(self, x: Tensor, sample_rate: float) -> Tensor:
        return self.gain * super().forward(x, sample_rate)

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        y, state = super().forward_block(x, state, sample_rate)
        return self.gain * y, state

    def flush_block(self, state: Any, sample_rate: float) -> Tensor | None:
        tail = super().flush_block(state, sample_rate)
        return None if tail is None else self.gain * tail
