"""A second-order section with given coefficients, and conversions between power and level."""

from __future__ import annotations

import math

import torch

import fxlab as fx

RATE = 48_000.0


class Section(fx.Recursive):
    """A filter with the transfer function `1 / (1 + a1/z + a2/z²)`."""

    a1 = fx.Param(0.0, low=-2.0, high=2.0)
    a2 = fx.Param(0.0, low=-1.0, high=1.0)

    def design(self, sample_rate):
        one, zero = torch.ones_like(self.a1), torch.zeros_like(self.a1)
        return torch.stack([one, zero, zero, one, self.a1, self.a2], -1).unsqueeze(-2)


def db(power: float) -> float:
    """Return a power in dB."""
    return 10 * math.log10(power)


def power(x: torch.Tensor) -> float:
    """Return the mean power of `x`."""
    return x.double().square().mean().item()
