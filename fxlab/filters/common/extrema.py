"""Minima and zero crossings of a curve over frequency, refined between the points of a grid."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from fxlab.errors import FxlabError
from fxlab.module import LinearAnalysis

Curve = Callable[[Tensor], Tensor]
"""A function from frequencies `(points,)` to values `(points,)`."""

_SUBDIVISIONS = 16
_MAX_MINIMA = 80


def grid_between(low: float, high: float, near: Tensor) -> Tensor:
    """Return ascending frequencies from `low` to `high`: an even grid, with more points near both and around `near`.

    All frequencies are in Hz; `near` has the shape `(points,)`.
    """
    # The ripples of a steep filter are dense near its edges, and the peak of a pole near the unit circle is narrower
    # than the spacing of an even grid.
    share = torch.logspace(-7, 0, 280, dtype=torch.float64)
    places = torch.cat([torch.linspace(0, 1, 600, dtype=torch.float64), share, 1 - share])
    offsets = torch.logspace(-6, -1, 12, dtype=torch.float64)
    offsets = torch.cat([-offsets, torch.zeros(1, dtype=torch.float64), offsets])
    points = torch.cat([low + (high - low) * places, (near[:, None] * (1 + offsets)).flatten()])
    grid: Tensor = torch.unique(points.clamp(low, high))
    return grid


def grid_over(rate: float, near: Tensor) -> Tensor:
    """Return ascending frequencies in Hz from 0 to half of `rate`, spaced linearly and logarithmically.

    They are denser around the frequencies `near`, `(points,)`.
    """
    logarithmic = rate / 2 * torch.logspace(-5, 0, 500, dtype=torch.float64)
    grid: Tensor = torch.unique(torch.cat([grid_between(0.0, rate / 2, near), logarithmic]))
    return grid


def resonances(module: LinearAnalysis, rate: float) -> Tensor:
    """Return the frequencies in Hz of the poles of `module` in the upper half plane, at most 512.

    The result is empty if the poles cannot be computed.
    """
    try:
        poles = module.poles(rate).detach().cpu().flatten()
    except FxlabError:
        return torch.zeros(0, dtype=torch.float64)
    poles = poles[~poles.isnan() & (poles.imag > 0)]
    return (torch.angle(poles) * (rate / (2 * math.pi)))[:512]


def minima(curve: Curve, grid: Tensor, *, rounds: int = 4) -> tuple[Tensor, Tensor]:
    """Return the frequencies and values of the local minima of `curve` on `grid`, including those at its ends.

    Only the lowest 80 are returned, in order of frequency. They are refined between the grid points: each of `rounds`
    searches divides the uncertainty, at first the grid spacing, by 8. `grid` has ascending frequencies, `(points,)`.
    """
    values = _nan_to_inf(curve(grid))
    padded = torch.nn.functional.pad(values, (1, 1), value=torch.inf)
    bottoms = ((values <= padded[:-2]) & (values <= padded[2:])).nonzero()[:, 0]
    bottoms = bottoms[values[bottoms].argsort(stable=True)[:_MAX_MINIMA]].sort().values
    best, lowest = grid[bottoms], values[bottoms]
    left, right = grid[(bottoms - 1).clamp(min=0)], grid[(bottoms + 1).clamp(max=len(grid) - 1)]
    steps = torch.linspace(0, 1, _SUBDIVISIONS + 1, dtype=grid.dtype)
    for _ in range(rounds):
        fine = torch.lerp(left[:, None], right[:, None], steps)
        found = _nan_to_inf(curve(fine.flatten())).reshape(fine.shape)
        place = found.argmin(-1, keepdim=True)
        value = found.gather(-1, place)[:, 0]
        better = value < lowest
        best = torch.where(better, fine.gather(-1, place)[:, 0], best)
        lowest = torch.where(better, value, lowest)
        left = fine.gather(-1, (place - 1).clamp(min=0))[:, 0]
        right = fine.gather(-1, (place + 1).clamp(max=_SUBDIVISIONS))[:, 0]
    return best, lowest


def crossings(curve: Curve, grid: Tensor, *, rounds: int = 8) -> Tensor:
    """Return the ascending frequencies at which the sign of `curve` changes between neighboring points of `grid`.

    Each of `rounds` searches divides the uncertainty, at first half the grid spacing, by 16.
    """
    above = curve(grid) >= 0
    change = (above[1:] != above[:-1]).nonzero()[:, 0]
    left, right, start = grid[change], grid[change + 1], above[change]
    steps = torch.linspace(0, 1, _SUBDIVISIONS + 1, dtype=grid.dtype)
    for _ in range(rounds if len(change) else 0):
        fine = torch.lerp(left[:, None], right[:, None], steps)
        turned = (curve(fine.flatten()).reshape(fine.shape) >= 0) != start[:, None]
        place = turned[:, 1:].int().argmax(-1, keepdim=True)  # the first step after which the sign has changed
        left, right = fine.gather(-1, place)[:, 0], fine.gather(-1, place + 1)[:, 0]
    return (left + right) / 2


def _nan_to_inf(values: Tensor) -> Tensor:
    """Return `values` with NaN replaced by infinity."""
    return torch.where(values.isnan(), torch.inf, values)
