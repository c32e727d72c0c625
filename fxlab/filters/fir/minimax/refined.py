"""`refined_scipy`: the best filter with up to 202 taps, refined from SciPy's, whose extremal points lie on a grid."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from fxlab.filters.fir.minimax.approximation import Approximation, Array
from fxlab.filters.fir.minimax.exchange import alternating, exchange_points

MAX_SIZE = 101  # coefficients up to which it is faster to solve linear equations than to interpolate
LEAST_RIPPLE = 1e-7  # relative to the highest gain; below, rounding errors of the equations are visible
DENSITY = 24  # points of the FFT per tap, at least
STEPS = 6
MAX_STEP = 0.25  # relative to the distance of the points
CONVERGED = 5e-5  # distance of the points from the peaks, relative to that between peaks; it changes the ripple by 1e-8
NEAR = 5e-3  # relative distance before a step from which it is about 2e-5 after it: the error is squared
TOLERANCE = 1e-6  # relative excess of the error over the ripple
DIRECT = 32  # coefficients up to which all cosines are computed one by one
HIGH = 0.95  # of the ripple: a higher peak of the error must be an extremal point


class Equalized(NamedTuple):
    """A polynomial whose weighted error alternates with equal size at the extremal points."""

    coefficients: Array
    """The cosine series of the polynomial, `(size,)`."""
    places: Array
    """The frequencies of the extremal points, `(size + 1,)`."""
    band: Array
    """The index of the band of each extremal point."""
    ripple: float
    """The weighted error at the first point."""


class _Grid(NamedTuple):
    """The frequencies of a real FFT of `length` points, from 0 to 1 (half the sample rate)."""

    length: int
    frequencies: Array
    factor: Array
    """The factor of the amplitude response of filters with an even number of taps at these frequencies."""


@lru_cache(maxsize=32)
def _grid(taps: int) -> _Grid:
    from scipy.fft import next_fast_len

    length = 2 * next_fast_len(DENSITY * taps // 2, real=True)
    frequencies = np.arange(length // 2 + 1) / (length // 2)
    return _Grid(length, frequencies, np.cos(np.pi / 2 * frequencies))


def refined_scipy(problem: Approximation) -> Equalized | None:
    """Return the best polynomial for a magnitude response, constant in each band, or None if this method finds none.

    The method is not tried for other responses or for more than `MAX_SIZE` coefficients; the result is None then too.
    The extremal points of SciPy's filter are moved by Newton's method until the error is stationary at them. On a grid
    the error must not be larger than at these points, and it must have no other high peaks.
    """
    size, response = problem.specification.size, problem.specification.response
    if size > MAX_SIZE or response != "magnitude" or not problem.is_flat:
        return None
    start = _scipy_filter(problem)
    found = None if start is None else _equalized(problem, *start)
    return found if found is not None and _is_best(problem, found) else None


def _equalized(problem: Approximation, coefficients: Array, places: Array, band: Array) -> Equalized | None:
    """Return the polynomial whose error is stationary at the points where it alternates, or None if none is found.

    Args:
        problem: The approximation problem.
        coefficients: The cosine series of a polynomial close to the result.
        places: The approximate frequencies of the peaks of its error.
        band: The index of the band of each peak.
    """
    size = len(coefficients)
    cosines, least = _cosines(places, size), LEAST_RIPPLE * np.abs(problem.gains).max()
    found: Equalized | None = None
    for _ in range(STEPS):
        moved = _moved(problem, coefficients, places, band, cosines)
        if moved is None:
            return None
        places, longest = moved
        if found is not None and longest <= CONVERGED:
            return found._replace(places=places)
        is_last = found is not None and longest <= NEAR
        cosines = _cosines(places, size)
        found = _through(problem, places, band, cosines)
        if found is None or not abs(found.ripple) > least:
            return None
        if is_last:
            return found
        coefficients = found.coefficients
    return None


def _scipy_filter(problem: Approximation) -> tuple[Array, Array, Array] | None:
    """Return the coefficients of SciPy's filter, the frequencies of the peaks of its error, and their bands.

    The peaks are found on a grid. The result is None if SciPy's design does not converge, or if its error is not finite
    or has too few peaks.
    """
    from scipy.signal import remez

    taps, size = problem.specification.taps, problem.specification.size
    try:
        found = remez(taps, problem.bands.ravel() / 2, problem.gains[:, 0], weight=problem.weights)
    except ValueError:  # it does not converge
        return None
    coefficients = 2 * found[taps // 2 :]
    if taps % 2:
        coefficients[0] /= 2
    else:
        coefficients = _without_factor(coefficients)
    places, band, error = _errors(problem, coefficients)
    if not np.isfinite(error).all():
        return None
    points = exchange_points(places, band, error, size + 1)
    return None if points is None else (coefficients, *points)


def _without_factor(half: Array) -> Array:
    """Return the series `c(n)` for which `cos(angle / 2)` times the sum of `c(n) cos(n angle)` is a given series.

    The given series is the sum of `half(n) cos((n + 1/2) angle)`.
    """
    # A product of cosines is half the sum of two, so half(n) = (c(n) + c(n + 1)) / 2, and half(0) = c(0) + c(1) / 2.
    signs = alternating(len(half))
    coefficients: Array = 2 * signs * np.cumsum((signs * half)[::-1])[::-1]
    coefficients[0] /= 2
    return coefficients


def _errors(problem: Approximation, coefficients: Array) -> tuple[Array, Array, Array]:
    """Return frequencies in the bands, the indices of their bands, and the weighted errors at them.

    The frequencies are the band edges and those of `_grid` between them. The errors are those of the polynomial with
    the cosine series `coefficients`.
    """
    grid, edges = _grid(problem.specification.taps), problem.bands.ravel()
    amplitude = np.fft.rfft(coefficients, grid.length).real
    at_edges = _cosines(edges, len(coefficients)) @ coefficients
    if problem.is_even:
        amplitude, at_edges = amplitude * grid.factor, at_edges * problem.factor(edges)
    first = np.searchsorted(grid.frequencies, problem.bands[:, 0], "right").tolist()
    last = np.searchsorted(grid.frequencies, problem.bands[:, 1]).tolist()
    places: list[Any] = []
    levels: list[Any] = []
    counts = []
    for band, (start, stop) in enumerate(zip(first, last, strict=True)):
        low, high = problem.bands[band].tolist()
        start_level, end_level = at_edges[2 * band : 2 * band + 2].tolist()
        places += [[low], grid.frequencies[start:stop], [high]]
        levels += [[start_level], amplitude[start:stop], [end_level]]
        counts.append(max(stop - start, 0) + 2)
    band_of = np.repeat(np.arange(len(counts)), counts)
    error = problem.weights[band_of] * (problem.gains[band_of, 0] - np.concatenate(levels))
    return np.concatenate(places), band_of, error


def _cosines(places: Array, size: int) -> Array:
    """Return `cos(pi order f)` for the frequencies `places` and the orders below `size`, `(places, size)`."""
    known = size if size <= DIRECT else -(-size // 4)
    table = np.empty((len(places), size))
    np.cos(places[:, None] * (np.pi * np.arange(known)), out=table[:, :known])
    while known < size:  # cos(m + k) = 2 cos(m) cos(k) - cos(m - k), which takes a tenth of the time of a cosine
        last = known - 1
        more = min(last, size - known)
        table[:, known : known + more] = 2 * table[:, last, None] * table[:, 1 : more + 1]
        table[:, known : known + more] -= table[:, last - more : last][:, ::-1]
        known += more
    return table


def _through(problem: Approximation, places: Array, band: Array, cosines: Array) -> Equalized | None:
    """Return the polynomial whose weighted error alternates with equal size at `places`, or None if there is none."""
    size = cosines.shape[1]
    wanted, weight = problem.target(places, band)
    matrix = np.empty((size + 1, size + 1))
    matrix[:, :size] = cosines
    matrix[:, size] = alternating(size + 1) / weight
    try:
        solved = np.linalg.solve(matrix, wanted)
    except np.linalg.LinAlgError:
        return None
    return Equalized(solved[:size], places, band, float(solved[size]))


def _moved(
    problem: Approximation, coefficients: Array, places: Array, band: Array, cosines: Array
) -> tuple[Array, float] | None:
    """Return the points after a Newton step, and the longest step, relative to the distance between points.

    The result is None if a point is not near a peak of the error, that is, if it would move by more than a quarter of
    that distance or if the error has no peak of the right sign there. `cosines` are those at `places`.
    """
    low, high = problem.bands[band].T
    gaps = places[1:] - places[:-1]
    distance = np.full(len(places), 1 / len(places))
    distance[1:] = np.minimum(distance[1:], gaps)
    distance[:-1] = np.minimum(distance[:-1], gaps)
    level, slope, curvature = _amplitude(coefficients, places, cosines, problem.is_even)
    wanted = problem.gains[band, 0]
    is_above = level > wanted
    at_low, at_high = places <= low, places >= high
    inner = ~(at_low | at_high)
    # A point that is too high is a maximum, and at the edge of a band the response does not rise into the band.
    inwards = np.where(at_low, slope, -slope)
    if np.where(inner, (curvature >= 0) == is_above, np.where(is_above, inwards > 0, inwards < 0)).any():
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        step = np.where(inner, -slope / curvature, 0.0)
    longest = float((np.abs(step) / distance).max())
    if not longest < MAX_STEP:
        return None
    return np.minimum(np.maximum(places + step, low), high), longest


def _amplitude(coefficients: Array, places: Array, cosines: Array, is_even: bool) -> tuple[Array, Array, Array]:
    """Return the amplitude response at frequencies f, and its first and second derivative with respect to f.

    Args:
        coefficients: The cosine series, without the factor of the filter's type.
        places: The frequencies f as fractions of half the sample rate.
        cosines: The cosines of the series at these frequencies, `(places, coefficients)`.
        is_even: Whether the number of taps is even, so that the factor is `cos(pi f / 2)`.
    """
    size = len(coefficients)
    order = np.arange(size)
    weighted = order * coefficients
    # The derivative of the series in cos(angle) is such a series again, each of its coefficients a sum of every second
    # one of these.
    columns = np.zeros((size, 3))
    columns[:, 0] = coefficients
    columns[:, 2] = order * weighted
    for first in (1, 2):
        sums = 2 * np.cumsum(weighted[first::2][::-1])[::-1]
        columns[first - 1 : first - 1 + 2 * len(sums) : 2, 1] = sums
    columns[0, 1] /= 2
    level, by_cosine, second = (cosines @ columns).T
    slope = -np.sin(np.pi * np.minimum(places, 1 - places)) * by_cosine
    curvature = -second
    if is_even:
        factor, other = np.cos(np.pi / 2 * places), np.sin(np.pi / 2 * places) / 2
        curvature = factor * (curvature - level / 4) - 2 * other * slope
        level, slope = factor * level, factor * slope - other * level
    return level, np.pi * slope, np.pi**2 * curvature


def _is_best(problem: Approximation, found: Equalized) -> bool:
    """Return whether, on a grid, no error is larger than at the extremal points and there are no other high peaks."""
    _, band, error = _errors(problem, found.coefficients)
    size, ripple = np.abs(error), abs(found.ripple)
    if not size.max() <= ripple * (1 + TOLERANCE):
        return False
    changes = np.flatnonzero(band[1:] != band[:-1]) + 1
    apart = np.concatenate([[0.0], np.insert(size, changes, 0.0), [0.0]])
    inner = apart[1:-1]
    peaks = (inner >= apart[:-2]) & (inner > apart[2:]) & (inner > HIGH * ripple)
    return int(np.count_nonzero(peaks)) == len(found.places)
