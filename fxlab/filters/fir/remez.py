"""Where the error of the best approximation by cosines is largest: Remez's exchange."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fxlab.errors import ParameterError

DENSE = (16, 64)  # points of the grid for each cosine, until the ripple is equal
EXCHANGES = 60
SETTLED = 1e-6  # of the ripple, above it, on the grid
EQUAL = 1e-4  # and off it
POLISHES = 8

Array = NDArray[Any]
Bands = tuple[tuple[float, ...], tuple[bool, ...], float]


class Extremes(torch.autograd.Function):
    """The extremes of the error, `(..., orders + 1, 2)`: place, and the number of the band edge that it is or −1.

    They have no derivative of their own: within a band the error is flat where it is largest, so a small move there
    changes nothing, and at a band's edge they move with it.
    """

    @staticmethod
    def forward(edges: Tensor, weight: Tensor, wanted: tuple[bool, ...], taps: int) -> Tensor:
        """Find them for each example; `edges` is `(..., 2 bands)`, `weight` `(...)`."""
        lead = torch.broadcast_tensors(edges[..., 0], weight)[0].shape  # type: ignore[no-untyped-call]
        rows = edges.detach().expand(*lead, edges.shape[-1]).reshape(-1, edges.shape[-1]).cpu().tolist()
        heavy = weight.detach().expand(lead).reshape(-1).cpu().tolist()
        found = [_extremes((tuple(row), wanted, one), taps) for row, one in zip(rows, heavy, strict=True)]
        return torch.from_numpy(np.stack(found)).to(edges.device).reshape(*lead, (taps + 1) // 2 + 1, 2)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:  # noqa: ARG004
        """Say that nothing flows back."""
        ctx.mark_non_differentiable(output)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[None, None, None, None]:  # noqa: ARG004
        """Nothing flows back."""
        return None, None, None, None

    @staticmethod
    def jvp(ctx: Any, *tangents: Any) -> None:  # noqa: ARG004
        """Nothing flows forth."""
        return

    @staticmethod
    def vmap(  # noqa: PLR0917
        info: Any,  # noqa: ARG004
        in_dims: tuple[Any, ...],
        edges: Tensor,
        weight: Tensor,
        wanted: tuple[bool, ...],
        taps: int,
    ) -> tuple[Tensor, int]:
        """Treat the mapped dimension as one more leading dimension."""
        edges = edges[None] if in_dims[0] is None else edges.movedim(in_dims[0], 0)
        weight = weight[None] if in_dims[1] is None else weight.movedim(in_dims[1], 0)
        rank = max(edges.ndim - 1, weight.ndim)
        edges = edges.reshape(edges.shape[0], *(1,) * (rank + 1 - edges.ndim), *edges.shape[1:])
        weight = weight.reshape(weight.shape[0], *(1,) * (rank - weight.ndim), *weight.shape[1:])
        found: Tensor = Extremes.apply(edges, weight, wanted, taps)
        return found, 0


@lru_cache(maxsize=256)
def _extremes(bands: Bands, taps: int) -> Array:
    orders = np.pi * (np.arange((taps + 1) // 2) + (0.0 if taps % 2 else 0.5))
    places = None
    for dense in DENSE:
        grid, band = _grid(bands, orders, dense)
        start = np.linspace(0, len(grid) - 1, len(orders) + 1)
        picked = np.round(start).astype(int) if places is None else _nearest(grid, places[:, 0])
        try:
            found = _exchanged(grid, band, picked, bands, orders)
            places = None if found is None else _polished(grid[found], band[found], bands, orders)
            if places is not None and found is not None and _equal(places[:, 0], band[found], bands, orders, 4 * dense):
                return places
        except np.linalg.LinAlgError:
            pass
    raise ParameterError(
        f"Equiripple: no equal ripple was found for {taps} taps over the bands "
        f"{', '.join(f'{one:g}' for one in bands[0])} (1 is half the sample rate); take fewer taps, a narrower "
        "transition or a weight closer to 1."
    )


def _nearest(grid: Array, places: Array) -> Array:
    """The points of the grid at or behind the places, no two alike."""
    found = np.searchsorted(grid, places - 1e-12)
    spread = np.maximum.accumulate(found - np.arange(len(found))) + np.arange(len(found))
    return np.minimum(spread, len(grid) - len(found) + np.arange(len(found)))


def _exchanged(grid: Array, band: Array, picked: Array, bands: Bands, orders: Array) -> Array | None:
    """The extremes on a grid, or None where the exchange goes round in circles."""
    level, weight = _target(bands, band)
    cosines = np.cos(np.outer(grid, orders))
    for _ in range(EXCHANGES):
        amplitude, ripple = _levelled(grid[picked], level[picked], weight[picked], orders)
        error = weight * (level - cosines @ amplitude)
        if np.abs(error).max() <= (1 + SETTLED) * abs(ripple):
            return picked
        picked = _alternating(error, band, picked)
    return None


def _equal(places: Array, band: Array, bands: Bands, orders: Array, dense: int) -> bool:
    """Whether between the extremes no error is larger than at them."""
    amplitude, ripple = _levelled(places, *_target(bands, band), orders)
    grid, band = _grid(bands, orders, dense)
    level, weight = _target(bands, band)
    error = weight * (level - np.cos(np.outer(grid, orders)) @ amplitude)
    return bool(np.abs(error).max() <= (1 + EQUAL) * abs(ripple))


def _grid(bands: Bands, orders: Array, dense: int) -> tuple[Array, Array]:
    """Places and the band of each, both ends of every band among them; so many for each cosine."""
    edges, wanted, _ = bands
    places, band = [], []
    for number in range(len(wanted)):
        low, high = edges[2 * number], edges[2 * number + 1]
        points = np.linspace(low, high, max(2 * dense, round(dense * len(orders) * (high - low))))
        if orders[0] and high == 1:  # there every cosine of an even length is 0
            points = points[:-1]
        places.append(points)
        band.append(np.full(len(points), number))
    return np.concatenate(places), np.concatenate(band)


def _target(bands: Bands, band: Array) -> tuple[Array, Array]:
    _, wanted, weight = bands
    level = np.array(wanted, dtype=np.float64)[band]
    return level, np.where(level > 0, 1.0, weight)


def _levelled(places: Array, level: Array, weight: Array, orders: Array) -> tuple[Array, float]:
    """The amplitudes whose weighted error is the same at all the places, up and down in turn, and that error."""
    signs = (-1.0) ** np.arange(len(places)) / weight
    solved = np.linalg.solve(np.column_stack([np.cos(np.outer(places, orders)), signs]), level)
    return solved[:-1], float(solved[-1])


def _alternating(error: Array, band: Array, before: Array) -> Array:
    """The next places: as many as before, in turn above and below, the largest of all among them."""
    size = np.abs(error)
    left = np.concatenate([[True], (size[1:] >= size[:-1]) | (band[1:] != band[:-1]) | (error[1:] * error[:-1] < 0)])
    right = np.concatenate([(size[:-1] > size[1:]) | (band[1:] != band[:-1]) | (error[1:] * error[:-1] < 0), [True]])
    peaks = np.flatnonzero(left & right)
    chosen: list[int] = []
    for peak in peaks.tolist():
        if chosen and error[chosen[-1]] * error[peak] > 0:
            if size[peak] > size[chosen[-1]]:
                chosen[-1] = peak
        else:
            chosen.append(peak)
    while len(chosen) > len(before):
        least = int(np.argmin(size[chosen]))
        inside = 0 < least < len(chosen) - 1
        if len(chosen) == len(before) + 1 or not inside:
            chosen.pop(0 if size[chosen[0]] < size[chosen[-1]] else -1)
        else:  # with a neighbour, so that the rest still alternate
            del chosen[least]
            del chosen[least - 1 if size[chosen[least - 1]] < size[chosen[least]] else least]
    if len(chosen) < len(before):  # no ripple to go by, as where the places lie alike on both sides of a band's middle
        return np.sort(np.random.default_rng(len(before)).choice(len(error), len(before), replace=False))
    return np.array(chosen)


def _polished(places: Array, band: Array, bands: Bands, orders: Array) -> Array:
    """Off the grid, by Newton's method; at a band's edge stay those whose error would grow beyond it."""
    edges = np.array(bands[0])
    level, weight = _target(bands, band)
    low, high = edges[2 * band], edges[2 * band + 1]
    edge = np.full(len(places), -1)
    for _ in range(POLISHES):
        amplitude, ripple = _levelled(places, level, weight, orders)
        angle = np.outer(places, orders)
        slope, bend = -np.sin(angle) @ (orders * amplitude), -np.cos(angle) @ (orders**2 * amplitude)
        growth = -slope * np.sign(ripple) * (-1.0) ** np.arange(len(places))
        at_low, at_high = (
            (places <= low) & ((growth <= 0) | (low == 0)),
            (places >= high) & ((growth >= 0) | (high == 1)),
        )
        edge = np.where(at_low, 2 * band, np.where(at_high, 2 * band + 1, -1))
        step = np.where((edge < 0) & (bend != 0), -slope / np.where(bend != 0, bend, 1.0), 0.0)
        reach = 0.25 * np.minimum(np.diff(places, prepend=-1), np.diff(places, append=2))
        places = np.clip(places + np.clip(step, -reach, reach), low, high)
    return np.stack([places, edge], -1)
