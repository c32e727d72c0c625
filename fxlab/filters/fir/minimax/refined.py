"""`refined_scipy`: the best filter with up to 202 taps, refined from SciPy's, whose extremal points lie on a grid."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from fxlab.filters.fir.minimax.approximation import Approximation, Array
from fxlab.filters.fir.minimax.exchange import alternating, exchange_points

MAX_SIZE = 101  # coefficients up to which it is faster to solve linear equations than to interpolate
LEAST_RIPPLE = 1e-7  # relative to the highest gain; below, rounding errors of the equations are visible
DENSITY = 16  # points of the grid per tap, at least
SPACING = 2e-3  # of the three points of a parabola, relative to the distance of the extremal points
STEPS = 5
CONVERGED = 3e-3  # of the last step, relative to the distance; the error after it is of the order of its square
TOLERANCE = 1e-6  # relative excess of the error over the ripple
HIGH = 0.95  # of the ripple: a higher peak of the error must be an extremal point


class Equalized(NamedTuple):
    """A polynomial whose weighted error alternates with equal size at the extremal points."""

    coefficients: Array
    places: Array
    band: Array
    ripple: float
    """The weighted error at the first point."""


class _Grid(NamedTuple):
    """The frequencies of a real FFT of `length` points, from 0 to 1 (half the sample rate), and functions of them."""

    length: int
    frequencies: Array
    factor: Array
    half_sample: Array
    """The phase factor of a delay by half a sample, by which the cosines of an even number of taps are shifted."""


@lru_cache(maxsize=32)
def _grid(taps: int) -> _Grid:
    length = 1 << (DENSITY * taps - 1).bit_length()
    frequencies = np.arange(length // 2 + 1) / (length // 2)
    rotation = np.exp(-0.5j * np.pi * frequencies)
    return _Grid(length, frequencies, rotation.real, rotation)


def refined_scipy(problem: Approximation) -> Equalized | None:
    """Return the best polynomial for a magnitude response with constant gains, or None if this method does not find it.

    The extremal points of SciPy's filter are moved by Newton's method until the error is stationary at them. On a grid
    the error must not be larger than at these points, and it must have no other high peaks.
    """
    size, response = problem.specification.size, problem.specification.response
    if size > MAX_SIZE or response != "magnitude" or not problem.is_flat:
        return None
    points = _extremal_points_of_scipy(problem)
    if points is None:
        return None
    places, band = points
    order, is_last = np.pi * np.arange(size), False
    for _ in range(STEPS):
        found = _through(problem, places, band, order)
        if found is None or not abs(found.ripple) > LEAST_RIPPLE * np.abs(problem.gains).max():
            return None
        if is_last:
            return found if _is_best(problem, found, order) else None
        moved = _moved(problem, found, order)
        if moved is None:
            return None
        places, is_last = moved
    return None


def _extremal_points_of_scipy(problem: Approximation) -> tuple[Array, Array] | None:
    from scipy.signal import remez

    taps, size = problem.specification.taps, problem.specification.size
    try:
        found = remez(taps, problem.bands.ravel() / 2, problem.gains[:, 0], weight=problem.weights)
    except ValueError:  # it does not converge
        return None
    grid, half = _grid(taps), 2 * found[taps // 2 :]
    if taps % 2:
        half[0] /= 2
    spectrum = np.fft.rfft(half, grid.length)
    amplitude = spectrum.real if taps % 2 else (spectrum * grid.half_sample).real
    shifted = np.arange(size) + (0.0 if taps % 2 else 0.5)
    at_edges = np.cos(np.pi * problem.bands.reshape(-1, 1) * shifted) @ half
    places, band, error = _errors(problem, grid, amplitude, at_edges)
    if not np.isfinite(error).all():
        return None
    return exchange_points(places, band, error, size + 1)


def _errors(problem: Approximation, grid: _Grid, amplitude: Array, at_edges: Array) -> tuple[Array, Array, Array]:
    """Return the band edges and the points of the grid inside the bands, their bands, and the weighted error at them.

    `amplitude` is the amplitude response on the grid, and `at_edges` that at the edges, `(2 bands,)`.
    """
    first = np.searchsorted(grid.frequencies, problem.bands[:, 0], "right").tolist()
    last = np.searchsorted(grid.frequencies, problem.bands[:, 1]).tolist()
    places: list[Any] = []
    levels: list[Any] = []
    counts = []
    for band, (start, stop) in enumerate(zip(first, last, strict=True)):
        edges = slice(2 * band, 2 * band + 2)
        low, high = problem.bands[band].tolist()
        start_level, end_level = at_edges[edges].tolist()
        places += [[low], grid.frequencies[start:stop], [high]]
        levels += [[start_level], amplitude[start:stop], [end_level]]
        counts.append(max(stop - start, 0) + 2)
    band_of = np.repeat(np.arange(len(counts)), counts)
    error = problem.weights[band_of] * (problem.gains[band_of, 0] - np.concatenate(levels))
    return np.concatenate(places), band_of, error


def _through(problem: Approximation, places: Array, band: Array, order: Array) -> Equalized | None:
    """Return the polynomial whose weighted error alternates with equal size at `places`, or None if there is none."""
    size = len(order)
    wanted, weight = problem.target(places, band)
    matrix = np.empty((size + 1, size + 1))
    np.cos(places[:, None] * order, out=matrix[:, :size])
    matrix[:, size] = alternating(size + 1) / weight
    try:
        solved = np.linalg.solve(matrix, wanted)
    except np.linalg.LinAlgError:
        return None
    return Equalized(solved[:size], places, band, float(solved[size]))


def _moved(problem: Approximation, found: Equalized, order: Array) -> tuple[Array, bool] | None:
    """Return the points after a Newton step, and whether it was within the tolerance; None if a point is not at a peak.

    None is also returned if a step exceeds a quarter of the distance between points.
    """
    places, band = found.places, found.band
    low, high = problem.bands[band].T
    gaps = places[1:] - places[:-1]
    distance = np.full(len(places), 1 / len(places))
    distance[1:] = np.minimum(distance[1:], gaps)
    distance[:-1] = np.minimum(distance[:-1], gaps)
    spacing = SPACING * distance
    beside = np.concatenate([places - spacing, places + spacing])
    wanted, weight = problem.target(beside, np.concatenate([band, band]))
    before, after = (weight * (wanted - np.cos(beside[:, None] * order) @ found.coefficients)).reshape(2, -1)
    error = found.ripple * alternating(len(places))
    at_low, at_high = places <= low, places >= high
    curvature = before - 2 * error + after
    inner = ~(at_low | at_high)
    towards_inside = np.where(at_low, after, before)
    if ((curvature * error >= 0) & inner).any() or ((np.abs(towards_inside) > np.abs(error)) & ~inner).any():
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        step = np.where(inner, spacing * (before - after) / (2 * curvature), 0.0)
    if not (np.abs(step) < distance / 4).all():
        return None
    return np.minimum(np.maximum(places + step, low), high), bool((np.abs(step) <= CONVERGED * distance).all())


def _is_best(problem: Approximation, found: Equalized, order: Array) -> bool:
    """Return whether the error is nowhere larger than at the extremal points, and has no other high peaks."""
    grid, edges = _grid(problem.specification.taps), problem.bands.ravel()
    amplitude = np.fft.rfft(found.coefficients, grid.length).real
    at_edges = np.cos(edges[:, None] * order) @ found.coefficients
    if problem.is_even:
        amplitude, at_edges = amplitude * grid.factor, at_edges * problem.factor(edges)
    _, band, error = _errors(problem, grid, amplitude, at_edges)
    size, ripple = np.abs(error), abs(found.ripple)
    if not size.max() <= ripple * (1 + TOLERANCE):
        return False
    changes = np.flatnonzero(band[1:] != band[:-1]) + 1
    apart = np.concatenate([[0.0], np.insert(size, changes, 0.0), [0.0]])
    inner = apart[1:-1]
    peaks = (inner >= apart[:-2]) & (inner > apart[2:]) & (inner > HIGH * ripple)
    return int(np.count_nonzero(peaks)) == len(found.places)
