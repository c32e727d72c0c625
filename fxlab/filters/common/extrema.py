"""The extremes and the crossings of a curve over frequency, between the points of a grid too."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from fxlab.errors import FxlabError
from fxlab.module import LinearAnalysis

Curve = Callable[[Tensor], Tensor]
"""From frequencies `(points,)` to values `(points,)`."""

_FINER = 16
_MOST = 80


def grid_between(low: float, high: float, near: Tensor) -> Tensor:
    """Frequencies from `low` to `high`: even ones, more and more towards either end, and more about each of `near`.

    The ripples of a steep filter crowd at its edges, and a sharp pole makes a peak narrower than any even grid.
    """
    share = torch.logspace(-7, 0, 280, dtype=torch.float64)
    places = torch.cat([torch.linspace(0, 1, 600, dtype=torch.float64), share, 1 - share])
    offsets = torch.logspace(-6, -1, 12, dtype=torch.float64)
    offsets = torch.cat([-offsets, torch.zeros(1, dtype=torch.float64), offsets])
    grid = torch.cat([low + (high - low) * places, (near[:, None] * (1 + offsets)).flatten()])
    rising: Tensor = torch.unique(grid.clamp(low, high))
    return rising


def grid_over(rate: float, near: Tensor) -> Tensor:
    """Frequencies from 0 to half of `rate`: even ones, ones evenly spaced by ear, and more about each of `near`."""
    by_ear = rate / 2 * torch.logspace(-5, 0, 500, dtype=torch.float64)
    rising: Tensor = torch.unique(torch.cat([grid_between(0.0, rate / 2, near), by_ear]))
    return rising


def resonances(module: LinearAnalysis, rate: float) -> Tensor:
    """The frequencies at which the poles of `module` lie, in Hz; none where it cannot tell."""
    try:
        poles = module.poles(rate).detach().cpu().flatten()
    except FxlabError:
        return torch.zeros(0, dtype=torch.float64)
    poles = poles[~poles.isnan() & (poles.imag > 0)]
    return (torch.angle(poles) * (rate / (2 * math.pi)))[:512]


def minima(curve: Curve, grid: Tensor, *, rounds: int = 4) -> tuple[Tensor, Tensor]:
    """Where `curve` has a minimum on `grid`, its ends among them, and how low: frequencies and values.

    The lowest few dozen are sought between the points, to some millionths of their spacing.
    """
    values = _numbers(curve(grid))
    padded = torch.nn.functional.pad(values, (1, 1), value=torch.inf)
    bottoms = ((values <= padded[:-2]) & (values <= padded[2:])).nonzero()[:, 0]
    bottoms = bottoms[values[bottoms].argsort(stable=True)[:_MOST]].sort().values
    best, lowest = grid[bottoms], values[bottoms]
    left, right = grid[(bottoms - 1).clamp(min=0)], grid[(bottoms + 1).clamp(max=len(grid) - 1)]
    steps = torch.linspace(0, 1, _FINER + 1, dtype=grid.dtype)
    for _ in range(rounds):
        fine = torch.lerp(left[:, None], right[:, None], steps)
        found = _numbers(curve(fine.flatten())).reshape(fine.shape)
        place = found.argmin(-1, keepdim=True)
        value = found.gather(-1, place)[:, 0]
        better = value < lowest
        best = torch.where(better, fine.gather(-1, place)[:, 0], best)
        lowest = torch.where(better, value, lowest)
        left = fine.gather(-1, (place - 1).clamp(min=0))[:, 0]
        right = fine.gather(-1, (place + 1).clamp(max=_FINER))[:, 0]
    return best, lowest


def crossings(curve: Curve, grid: Tensor, *, rounds: int = 8) -> Tensor:
    """Where `curve` passes through 0 on `grid`, in rising order, to a billionth of the spacing of its points."""
    above = curve(grid) >= 0
    change = (above[1:] != above[:-1]).nonzero()[:, 0]
    left, right, start = grid[change], grid[change + 1], above[change]
    steps = torch.linspace(0, 1, _FINER + 1, dtype=grid.dtype)
    for _ in range(rounds if len(change) else 0):
        fine = torch.lerp(left[:, None], right[:, None], steps)
        turned = (curve(fine.flatten()).reshape(fine.shape) >= 0) != start[:, None]
        place = turned[:, 1:].int().argmax(-1, keepdim=True)  # the first step at whose end the side is another
        left, right = fine.gather(-1, place)[:, 0], fine.gather(-1, place + 1)[:, 0]
    return (left + right) / 2


def _numbers(values: Tensor) -> Tensor:
    """With what is no number out of the way."""
    return torch.where(values.isnan(), torch.inf, values)
