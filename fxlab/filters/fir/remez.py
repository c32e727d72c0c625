"""The Remez exchange algorithm: the extremal points of the best approximation by cosines."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fxlab.engine.torch_support.custom_ops import apply_custom_op, register_custom_op, register_derivatives
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.errors import ParameterError

GRID_DENSITIES = (16, 64)  # grid points per cosine; the second is tried if the first gives no equal ripple
MAX_EXCHANGES = 60
GRID_TOLERANCE = 1e-6  # relative excess of the largest error over the ripple, on the grid
TOLERANCE = 1e-4  # the same, between the grid points
NEWTON_STEPS = 8

Array = NDArray[Any]
Bands = tuple[tuple[float, ...], tuple[bool, ...], float]


def extremal_points(edges: Tensor, weight: Tensor, passbands: tuple[bool, ...], taps: int) -> Tensor:
    """Return the extremal points of the best approximations, without gradient; see `RemezExchange`."""
    found: Tensor = apply_custom_op(RemezExchange, REMEZ_OP, edges.detach(), weight.detach(), passbands, taps)
    return found


def _run_exchange(edges: Tensor, weight: Tensor, passbands: Sequence[bool], taps: int) -> Tensor:
    lead = broadcast_shapes(edges.shape[:-1], weight.shape)
    rows = edges.expand(*lead, edges.shape[-1]).reshape(-1, edges.shape[-1]).cpu().tolist()
    weights, passes = weight.expand(lead).reshape(-1).cpu().tolist(), tuple(passbands)
    found = [_extremal_points((tuple(row), passes, one), taps) for row, one in zip(rows, weights, strict=True)]
    return torch.from_numpy(np.stack(found)).to(edges.device).reshape(*lead, (taps + 1) // 2 + 1, 2)


def _fake_exchange(edges: Tensor, weight: Tensor, passbands: Sequence[bool], taps: int) -> Tensor:  # noqa: ARG001
    return edges.new_empty(*broadcast_shapes(edges.shape[:-1], weight.shape), (taps + 1) // 2 + 1, 2)


REMEZ_OP = register_custom_op(
    "remez_exchange(Tensor edges, Tensor weight, int[] passbands, int taps) -> Tensor", _run_exchange, _fake_exchange
)


class RemezExchange(torch.autograd.Function):
    """An autograd function that finds the extremal points of the error of the best approximation.

    The result `(..., orders + 1, 2)` holds, for each point, its frequency and the index of the band edge at which it
    lies, or −1 inside a band. The points are treated as constants: inside a band the error is stationary at its
    extrema, and a point at a band edge moves with the edge, which the caller takes into account.
    """

    @staticmethod
    def forward(edges: Tensor, weight: Tensor, passbands: tuple[bool, ...], taps: int) -> Tensor:
        """Find the extremal points of each example; `edges` is `(..., 2 bands)`, `weight` `(...)`."""
        found: Tensor = REMEZ_OP(edges, weight, passbands, taps)
        return found

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:  # noqa: ARG004
        """Mark the output as not differentiable."""
        ctx.mark_non_differentiable(output)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[None, None, None, None]:  # noqa: ARG004
        """Return no gradients."""
        return None, None, None, None

    @staticmethod
    def jvp(ctx: Any, *tangents: Any) -> None:  # noqa: ARG004
        """Return no tangent."""
        return

    @staticmethod
    def vmap(  # noqa: PLR0917
        info: Any,  # noqa: ARG004
        in_dims: tuple[Any, ...],
        edges: Tensor,
        weight: Tensor,
        passbands: tuple[bool, ...],
        taps: int,
    ) -> tuple[Tensor, int]:
        """Treat the mapped dimension as one more leading dimension."""
        edges = edges[None] if in_dims[0] is None else edges.movedim(in_dims[0], 0)
        weight = weight[None] if in_dims[1] is None else weight.movedim(in_dims[1], 0)
        rank = max(edges.ndim - 1, weight.ndim)
        edges = edges.reshape(edges.shape[0], *(1,) * (rank + 1 - edges.ndim), *edges.shape[1:])
        weight = weight.reshape(weight.shape[0], *(1,) * (rank - weight.ndim), *weight.shape[1:])
        return extremal_points(edges, weight, passbands, taps), 0


register_derivatives("remez_exchange", RemezExchange)


@lru_cache(maxsize=256)
def _extremal_points(bands: Bands, taps: int) -> Array:
    orders = np.pi * (np.arange((taps + 1) // 2) + (0.0 if taps % 2 else 0.5))
    places = None
    for dense in GRID_DENSITIES:
        grid, band = _grid(bands, orders, dense)
        start = np.linspace(0, len(grid) - 1, len(orders) + 1)
        picked = np.round(start).astype(int) if places is None else _nearest(grid, places[:, 0])
        try:
            found = _exchange(grid, band, picked, bands, orders)
            places = None if found is None else _refine(grid[found], band[found], bands, orders)
            if (
                places is not None
                and found is not None
                and _has_equal_ripple(places[:, 0], band[found], bands, orders, 4 * dense)
            ):
                return places
        except np.linalg.LinAlgError:
            pass
    raise ParameterError(
        f"Equiripple: no equal ripple was found for {taps} taps over the bands "
        f"{', '.join(f'{one:g}' for one in bands[0])} (1 is half the sample rate); use fewer taps, a narrower "
        "transition or a weight closer to 1."
    )


def _nearest(grid: Array, places: Array) -> Array:
    """Return the indices of distinct grid points, each the first free one at or after its place, if there is one."""
    found = np.searchsorted(grid, places - 1e-12)
    spread = np.maximum.accumulate(found - np.arange(len(found))) + np.arange(len(found))
    return np.minimum(spread, len(grid) - len(found) + np.arange(len(found)))


def _exchange(grid: Array, band: Array, picked: Array, bands: Bands, orders: Array) -> Array | None:
    """Return the grid indices of the extremal points, or None if the exchange does not converge."""
    level, weight = _target(bands, band)
    cosines = np.cos(np.outer(grid, orders))
    for _ in range(MAX_EXCHANGES):
        amplitude, ripple = _solve_equal_error(grid[picked], level[picked], weight[picked], orders)
        error = weight * (level - cosines @ amplitude)
        if np.abs(error).max() <= (1 + GRID_TOLERANCE) * abs(ripple):
            return picked
        picked = _next_points(error, band, picked)
    return None


def _has_equal_ripple(places: Array, band: Array, bands: Bands, orders: Array, density: int) -> bool:
    """Return whether no error between the extremal points exceeds the ripple."""
    amplitude, ripple = _solve_equal_error(places, *_target(bands, band), orders)
    grid, band = _grid(bands, orders, density)
    level, weight = _target(bands, band)
    error = weight * (level - np.cos(np.outer(grid, orders)) @ amplitude)
    return bool(np.abs(error).max() <= (1 + TOLERANCE) * abs(ripple))


def _grid(bands: Bands, orders: Array, density: int) -> tuple[Array, Array]:
    """Return the grid frequencies and the index of the band of each, with `density` points per cosine.

    Both ends of every band are included, except half the sample rate for an even number of taps.
    """
    edges, passbands, _ = bands
    places, band = [], []
    for number in range(len(passbands)):
        low, high = edges[2 * number], edges[2 * number + 1]
        points = np.linspace(low, high, max(2 * density, round(density * len(orders) * (high - low))))
        if orders[0] and high == 1:  # at half the sample rate all cosines of an even length are 0
            points = points[:-1]
        places.append(points)
        band.append(np.full(len(points), number))
    return np.concatenate(places), np.concatenate(band)


def _target(bands: Bands, band: Array) -> tuple[Array, Array]:
    _, passbands, weight = bands
    level = np.array(passbands, dtype=np.float64)[band]
    return level, np.where(level > 0, 1.0, weight)


def _solve_equal_error(places: Array, level: Array, weight: Array, orders: Array) -> tuple[Array, float]:
    """Return the amplitudes whose weighted error has equal size and alternating sign at `places`, and that error."""
    signs = (-1.0) ** np.arange(len(places)) / weight
    solved = np.linalg.solve(np.column_stack([np.cos(np.outer(places, orders)), signs]), level)
    return solved[:-1], float(solved[-1])


def _next_points(error: Array, band: Array, before: Array) -> Array:
    """Return the grid indices of `len(before)` points with errors of alternating sign, including the largest error."""
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
        smallest = int(np.argmin(size[chosen]))
        inside = 0 < smallest < len(chosen) - 1
        if len(chosen) == len(before) + 1 or not inside:
            chosen.pop(0 if size[chosen[0]] < size[chosen[-1]] else -1)
        else:  # remove it with a neighbour, so that the signs still alternate
            del chosen[smallest]
            del chosen[smallest - 1 if size[chosen[smallest - 1]] < size[chosen[smallest]] else smallest]
    if len(chosen) < len(before):  # too few extrema, e.g. for points symmetric about a band's middle: restart at random
        return np.sort(np.random.default_rng(len(before)).choice(len(error), len(before), replace=False))
    return np.array(chosen)


def _refine(places: Array, band: Array, bands: Bands, orders: Array) -> Array:
    """Refine the points by Newton's method; a point whose error would grow beyond a band edge stays on the edge."""
    edges = np.array(bands[0])
    level, weight = _target(bands, band)
    low, high = edges[2 * band], edges[2 * band + 1]
    edge = np.full(len(places), -1)
    for _ in range(NEWTON_STEPS):
        amplitude, ripple = _solve_equal_error(places, level, weight, orders)
        angle = np.outer(places, orders)
        slope, curvature = -np.sin(angle) @ (orders * amplitude), -np.cos(angle) @ (orders**2 * amplitude)
        growth = -slope * np.sign(ripple) * (-1.0) ** np.arange(len(places))
        at_low, at_high = (
            (places <= low) & ((growth <= 0) | (low == 0)),
            (places >= high) & ((growth >= 0) | (high == 1)),
        )
        edge = np.where(at_low, 2 * band, np.where(at_high, 2 * band + 1, -1))
        step = np.where((edge < 0) & (curvature != 0), -slope / np.where(curvature != 0, curvature, 1.0), 0.0)
        reach = 0.25 * np.minimum(np.diff(places, prepend=-1), np.diff(places, append=2))
        places = np.clip(places + np.clip(step, -reach, reach), low, high)
    return np.stack([places, edge], -1)
