"""The starting points of the exchange, distributed as the extremal points of filters with many taps."""

from __future__ import annotations

import numpy as np

from fxlab.filters.fir.minimax.approximation import Approximation, Array

GAP_NODES = 32
BAND_CELLS = 256


def starting_points(problem: Approximation, size: int, variant: int = 0) -> tuple[Array, Array]:
    """Return `size + 1` frequencies in ascending order and the index of the band of each.

    They have the density of the extremal points of the best polynomial of high degree. This is the equilibrium density
    of electric charge on conductors that extend over the bands, with voltages given by the logarithms of the weights.
    The number of points in each band is then close to the final number. If `variant` is above 0, these numbers are
    changed at random by about one, with `variant` as the seed. This is for problems in which a polynomial equals the
    gains at all starting points, so that the exchange cannot start there.

    Source:
        J. Shen, G. Strang, A. J. Wathen, The potential theory of several intervals and its applications, Applied
        Mathematics and Optimization 44, 2001.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        share, angles = _charge(problem, size)
    if not np.isfinite(angles).all():  # a band is too narrow for the differences of cosines
        angles = np.diff(problem.bands) / np.diff(problem.bands).sum() * np.linspace(0, size, BAND_CELLS + 1)
        share = angles[:, -1]
    if variant:
        share = share + np.random.default_rng(variant).uniform(-1, 1, len(share))
    counts = _apportion(share + (size + 1 - share.sum()) / len(share), size + 1)
    places = []
    for (low, high), count, mass in zip(problem.bands, counts, angles, strict=True):
        at = np.linspace(0, mass[-1], count) if count > 1 else np.full(count, mass[-1] / 2)
        angle = np.interp(at, mass, np.linspace(0, np.pi, len(mass)))
        found = _between(low, high, angle)
        if count > 1:
            found[0], found[-1] = low, high
        places.append(found)
    band = np.repeat(np.arange(len(counts)), counts)
    return _off_zeros(problem, np.concatenate(places), band), band


def _charge(problem: Approximation, size: int) -> tuple[Array, Array]:
    """Return how many of `size` points lie in each band, as real numbers `(bands,)`, and how they are distributed.

    The distribution is the number of points from the start of the band up to an angle in it, `(bands, cells + 1)`. The
    angles are evenly spaced from 0 at the start of the band to pi at its end.
    """
    low, high = problem.bands.T
    left, right = -np.cos(np.pi * low), -np.cos(np.pi * high)
    middle, half = -np.cos(np.pi * low) + _rise(low, high) / 2, _rise(low, high) / 2
    gap_middle, gap_half = right[:-1] + _rise(high[:-1], low[1:]) / 2, _rise(high[:-1], low[1:]) / 2
    gap = np.arange(len(gap_middle))
    # The density is |r(x)| / (pi sqrt(|h(x)|)): h is zero at all edges, and r is a polynomial with one zero near the
    # middle of each gap, which the voltages across the gaps determine. In a gap the integral is a Gauss-Chebyshev sum.
    nodes = gap_middle[:, None] + gap_half[:, None] * np.cos((np.arange(GAP_NODES) + 0.5) * np.pi / GAP_NODES)
    from_left, from_right = np.abs(nodes[..., None] - left), np.abs(nodes[..., None] - right)
    from_right[gap, :, gap] = from_left[gap, :, gap + 1] = 1.0  # the two edges of the gap are in the weights of the sum
    per_node = np.pi / GAP_NODES / np.sqrt((from_left * from_right).prod(-1))
    full, parts = _products(nodes, gap_middle)
    voltage = np.diff(np.log(problem.weights)) / size * (-1.0) ** (len(gap) - 1 - gap)
    matrix = (per_node[..., None] * parts).sum(1)
    corrections = np.linalg.solve(matrix, voltage - (per_node * full).sum(1))
    angle = (np.arange(BAND_CELLS) + 0.5) * np.pi / BAND_CELLS
    nodes = middle[:, None] - half[:, None] * np.cos(angle)
    distance = np.abs((nodes[..., None] - left) * (nodes[..., None] - right))
    band = np.arange(len(low))
    distance[band, :, band] = 1.0
    full, parts = _products(nodes, gap_middle)
    density = np.abs(full + parts @ corrections) / np.sqrt(np.maximum(distance.prod(-1), 1e-30)) / BAND_CELLS
    charge = size * np.pad(np.cumsum(density, -1), ((0, 0), (1, 0)))
    return charge[:, -1], charge


def _rise(low: Array, high: Array) -> Array:
    """Return `cos(pi low) - cos(pi high)`, accurate also if `low` and `high` are close together."""
    rise: Array = 2 * np.sin(np.pi / 2 * (low + high)) * np.sin(np.pi / 2 * (high - low))
    return rise


def _products(nodes: Array, zeros: Array) -> tuple[Array, Array]:
    """Return the product of `nodes - zeros` over all zeros, `(...)`, and over all zeros but one, `(..., zeros)`."""
    factors = nodes[..., None] - zeros
    parts = np.where(np.eye(len(zeros), dtype=bool), 1.0, factors[..., None, :]).prod(-1)
    return factors.prod(-1), parts


def _apportion(share: Array, total: int) -> Array:
    """Return integers near `share` whose sum is `total`; each is at least 1 if `total` suffices."""
    least = 1 if total >= len(share) else 0
    counts = np.maximum(np.floor(share), least).astype(int)
    while counts.sum() < total:
        counts[np.argmax(share - counts)] += 1
    while counts.sum() > total:
        counts[np.argmax(np.where(counts > least, counts - share, -np.inf))] -= 1
    return counts


def _between(low: float, high: float, angle: Array) -> Array:
    """Return frequencies f for which `cos(pi f)` is a linear function of `cos(angle)`.

    They are `low` for the angle 0 and `high` for the angle pi.
    """
    if low > 0.5:
        return 1 - _between(1 - high, 1 - low, np.pi - angle)
    start, stop = np.sin(np.pi / 2 * low) ** 2, np.sin(np.pi / 2 * high) ** 2
    places: Array = np.arcsin(np.sqrt(start + (stop - start) * np.sin(angle / 2) ** 2)) * 2 / np.pi
    return places


def _off_zeros(problem: Approximation, places: Array, band: Array) -> Array:
    """Move the first and the last of `places` inwards if all filters of this type have a gain of 0 there.

    `places` is changed in place and returned.
    """
    for place in (0, len(places) - 1):
        if problem.target(places[[place]], band[[place]])[1] == 0:
            low, high = problem.bands[band[place]]
            other = 1 if place == 0 else len(places) - 2
            inner = places[other] if band[other] == band[place] else (low + high) / 2
            places[place] = (places[place] + inner) / 2
    return places
