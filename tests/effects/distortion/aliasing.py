"""The level of the aliases that an effect adds to a tone."""

import math

import torch

import fxlab as fx

RATE = 48_000
LENGTH = 1 << 14
PERIODS = 1709  # about 5 kHz; a prime number, so that no alias falls on a harmonic


def tone(level: float = 1.0) -> torch.Tensor:
    """Return a tone with a whole number of periods, and as much before and after it, `(1, time)`."""
    time = torch.arange(3 * LENGTH, dtype=torch.float64)
    return level * torch.sin(2 * math.pi * PERIODS / LENGTH * time)[None]


def alias_db(module: fx.Module, level: float = 1.0) -> float:
    """Return the level of everything but 0 Hz and the harmonics, up to 20 kHz, relative to the fundamental."""
    y = module(tone(level), sample_rate=RATE)[0, LENGTH : 2 * LENGTH]
    power = torch.fft.rfft(y).abs().square()[: int(20_000 / RATE * LENGTH)]
    fundamental = power[PERIODS].clone()
    power[::PERIODS] = 0
    return 10 * (power.sum() / fundamental).log10().item()
