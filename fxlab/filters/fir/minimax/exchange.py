"""The Remez exchange: extremal points at which the weighted error alternates with peaks of equal height."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fxlab.filters.fir.minimax.approximation import Approximation, Array
from fxlab.filters.fir.minimax.barycentric import Interpolant
from fxlab.filters.fir.minimax.equilibrium import starting_points

SUBDIVISIONS = 6  # points of the grid from one extremal point to the next, over which the error makes half a turn
PEAK_POINTS = 17  # of a finer grid around other peaks than the extremal points
MAX_EXCHANGES = 100
NEAR = 0.1  # relative excess of the highest peak over the ripple from which Newton's method converges
TOLERANCE = 1e-6  # relative excess of the highest peak over the ripple at which the exchange ends
MAX_STALLED = 12  # exchanges without a larger ripple
MAX_UNRESOLVED = 3  # exchanges after which the ripple must exceed rounding errors
HIDDEN = 100.0  # ratio of the ripple to rounding errors below which the exchange may fail because of them
STARTS = 5  # sets of points at which it starts
ROUNDINGS = 8  # rounding errors in a value of the error
NEWTON_STEPS = 5
NEWTON_SPACING = (1e-3, 0.1)  # of the three points of a parabola, relative to the distance of the extremal points
NEWTON_TOLERANCE = 1e-3  # of the last step; the error after it is of the order of its square


@dataclass(frozen=True)
class Reference:
    """Candidates for the extremal points, and the polynomial whose weighted error alternates at them."""

    places: Array
    """Frequencies, in ascending order."""
    band: Array
    """Index of the band of each frequency."""
    interpolant: Interpolant
    """The interpolation by polynomials through these points."""
    values: Array
    """The values of the polynomial at the points."""
    ripple: float
    """The weighted error at the first point."""

    @classmethod
    def through(cls, problem: Approximation, places: Array, band: Array) -> Reference:
        """Return the reference with the points `places` in the bands `band`."""
        interpolant = Interpolant(places)
        wanted, weight = problem.target(places, band)
        ripple = float(interpolant.weights @ wanted / (np.abs(interpolant.weights) / weight).sum())
        return cls(places, band, interpolant, wanted - ripple * alternating(len(places)) / weight, ripple)

    def error(self, problem: Approximation, places: Array, band: Array) -> Array:
        """Return the weighted error of the polynomial at the ascending frequencies `places` in the bands `band`."""
        wanted, weight = problem.target(places, band)
        error: Array = weight * (wanted - self.interpolant(places, self.values))
        return error

    def noise(self) -> float:
        """Return the size of one rounding error in the weighted error, for weights of at most 1.

        Callers multiply it by the number of rounding errors for which they allow.
        """
        return float(np.finfo(np.float64).eps * np.abs(self.values).max())


def alternating(count: int) -> Array:
    """Return `count` numbers that are 1 and -1 in turn."""
    signs = np.ones(count)
    signs[1::2] = -1
    return signs


def equalize(problem: Approximation, reference: Reference) -> Reference | None:
    """Exchange points until no error exceeds the ripple; return the final reference, or None if this fails.

    An excess of `TOLERANCE` or of the size of rounding errors is allowed. The exchange fails if rounding errors hide
    the ripple, or if it does not converge from any of the starting points.
    """
    size = len(reference.places) - 1
    for variant in range(STARTS):
        if variant:
            reference = Reference.through(problem, *starting_points(problem, size, variant))
        found, is_hidden = _equalize(problem, reference)
        if found is not None or is_hidden:
            return found
    return None


def _equalize(problem: Approximation, reference: Reference) -> tuple[Reference | None, bool]:
    """Return the final reference and False, or None and whether rounding errors are the cause of the failure."""
    highest, stalled, at_peaks = 0.0, 0, False
    for count in range(MAX_EXCHANGES):
        ripple = abs(reference.ripple)
        if not np.isfinite(ripple):
            return None, True
        noise = ROUNDINGS * reference.noise()
        grid, grid_band, error = _errors(problem, reference)
        worst = float(np.abs(error).max())
        if worst <= noise:
            return reference, False
        highest_allowed = max(ripple * (1 + TOLERANCE), ripple + noise)
        if at_peaks and worst <= highest_allowed:
            grid, grid_band, error = _with_other_peaks(problem, reference, grid, grid_band, error)
            if np.abs(error).max() <= highest_allowed:
                return reference, False
        stalled = 0 if ripple > highest * (1 + TOLERANCE) else stalled + 1
        highest = max(highest, ripple)
        if stalled == MAX_STALLED or (count >= MAX_UNRESOLVED and ripple < noise):
            return None, ripple < HIDDEN * noise
        exchanged = exchange_points(grid, grid_band, error, len(reference.places))
        if exchanged is None:
            return None, worst < HIDDEN * noise
        places, band = exchanged
        at_peaks = worst <= max(ripple * (1 + NEAR), ripple + noise)
        if at_peaks:
            places = _newton(problem, places, band)
        reference = Reference.through(problem, places, band)
    return None, False


def _errors(problem: Approximation, reference: Reference) -> tuple[Array, Array, Array]:
    """Return a grid of frequencies in ascending order, the indices of their bands, and the weighted error at them.

    The grid divides the distances between extremal points, so that it is dense where the extremal points are dense. It
    contains the extremal points, with their known error, so the error has at least as many sign changes as the
    reference. This ensures that the ripple does not decrease.
    """
    places = np.concatenate([reference.places, problem.bands.ravel()])
    known = np.full(len(places), np.nan)
    known[: len(reference.places)] = reference.ripple * alternating(len(reference.places))
    order = np.argsort(places, kind="stable")
    places, known = places[order], known[order]
    is_new = np.append(True, places[1:] != places[:-1])  # an edge that is an extremal point occurs twice
    places, known = places[is_new], known[is_new]
    band = np.searchsorted(problem.bands[:, 0], places, "right") - 1
    inside = np.append(band[1:] == band[:-1], False)
    step = np.where(inside, np.append(np.diff(places), 0.0), 0.0) / SUBDIVISIONS
    grid = places[:, None] + step[:, None] * np.arange(SUBDIVISIONS)
    error = np.repeat(known[:, None], SUBDIVISIONS, -1)
    wanted = np.zeros(grid.shape, bool)
    wanted[inside, 1:] = True
    wanted[:, 0] = np.isnan(known)
    owners = np.repeat(band, SUBDIVISIONS)
    error[wanted] = reference.error(problem, grid[wanted], owners[wanted.ravel()])
    error[~inside, 1:] = error[~inside, :1]
    return grid.ravel(), owners, error.ravel()


def _with_other_peaks(
    problem: Approximation, reference: Reference, grid: Array, band: Array, error: Array
) -> tuple[Array, Array, Array]:
    """Return `grid`, `band` and `error` with additional points, the peaks of the error that are not extremal points.

    Only peaks higher than half the ripple are added. They are located between the points of the grid.
    """
    size, sign, middle = np.abs(error[1:-1]), np.sign(error[1:-1]), np.arange(1, len(grid) - 1)
    is_peak = (size >= sign * error[:-2]) & (size > sign * error[2:]) & (size > abs(reference.ripple) / 2)
    is_inside = (grid[:-2] < grid[1:-1]) & (grid[1:-1] < grid[2:]) & (band[:-2] == band[2:])
    peaks = middle[is_peak & is_inside & ~np.isin(grid[1:-1], reference.places)]
    if not len(peaks):
        return grid, band, error
    fine = np.linspace(grid[peaks - 1], grid[peaks + 1], PEAK_POINTS)
    found = reference.error(problem, fine.T.ravel(), np.repeat(band[peaks], PEAK_POINTS)).reshape(fine.T.shape).T
    best, column = np.abs(found[1:-1]).argmax(0) + 1, np.arange(len(peaks))
    spacing = fine[1] - fine[0]
    step = _vertex((spacing, spacing), *(found[best + side, column] for side in (-1, 0, 1)))
    places = fine[best, column] + np.clip(np.nan_to_num(step), -spacing, spacing)
    at = np.searchsorted(grid, places)
    heights = reference.error(problem, places, band[peaks])
    return np.insert(grid, at, places), np.insert(band, at, band[peaks]), np.insert(error, at, heights)


def exchange_points(grid: Array, band: Array, error: Array, count: int) -> tuple[Array, Array] | None:
    """Return `count` frequencies at which peaks of the error alternate in sign, and their bands.

    `grid` are ascending frequencies, `band` the indices of their bands, and `error` the weighted errors at them. The
    result is None if there are fewer peaks.
    """
    size = np.abs(error)
    negative = error < 0
    start = np.append(0, np.flatnonzero(negative[1:] != negative[:-1]) + 1)
    if len(start) < count:  # the error is 0, or rounding errors
        return None
    ends = np.append(start[1:], len(size))
    highest = np.flatnonzero(size == np.repeat(np.maximum.reduceat(size, start), ends - start))
    peaks = highest if len(highest) == len(start) else highest[np.searchsorted(highest, start)]
    if len(peaks) > count:
        peaks = _drop_lowest(peaks, size, count)
    # Between the points of the grid, the vertex of a parabola through a peak and its neighbors.
    middle = np.minimum(np.maximum(peaks, 1), len(grid) - 2)
    left, right, found = middle - 1, middle + 1, band[peaks]
    at, before, after = grid[peaks], grid[middle] - grid[left], grid[right] - grid[middle]
    inner = (middle == peaks) & (band[left] == found) & (band[right] == found)
    vertex = _vertex((before, after), error[left], error[middle], error[right])
    vertex = np.minimum(np.maximum(vertex, -before / 2), after / 2)
    return at + np.where(inner & ~np.isnan(vertex), vertex, 0.0), found


def _vertex(distances: tuple[Array, Array], left: Array, middle: Array, right: Array) -> Array:
    """Return the vertex of the parabola through three errors, relative to the middle point; NaN if it is not a peak.

    `distances` are those of the left and the right point from the middle one.
    """
    before, after = distances
    with np.errstate(divide="ignore", invalid="ignore"):
        first, second = (middle - left) / before, (right - middle) / after
        vertex = (first * after + second * before) / (2 * (first - second))
    return np.where((first - second) * middle > 0, vertex, np.nan)


def _drop_lowest(peaks: Array, size: Array, count: int) -> Array:
    """Return `count` of the `peaks`, the indices of grid points with errors of alternating sign, without low peaks.

    `size` is the magnitude of the error at all points of the grid. A low peak is dropped alone at an end and together
    with its lower neighbor elsewhere, so that the signs still alternate. If only one peak is to be dropped, it is the
    lower of the first and the last.
    """
    kept = peaks.tolist()
    while len(kept) > count:
        heights = size[kept]
        lowest = int(np.argmin(heights))
        if len(kept) == count + 1 or lowest in (0, len(kept) - 1):
            kept.pop(0 if heights[0] < heights[-1] else -1)
        else:
            del kept[lowest]
            del kept[lowest - 1 if heights[lowest - 1] < heights[lowest + 1] else lowest]
    return np.array(kept)


def _newton(problem: Approximation, places: Array, band: Array) -> Array:
    """Return the points `places` in the bands `band`, moved by Newton's method to the nearest peaks of the error."""
    low, high = problem.bands[band].T
    for _ in range(NEWTON_STEPS):
        reference = Reference.through(problem, places, band)
        room = 1 / len(places)
        left = np.minimum(np.diff(places, prepend=-1.0), room)
        right = np.minimum(np.diff(places, append=2.0), room)
        # A wide parabola is a worse model of the error, a narrow one is determined by rounding errors.
        relative = (reference.noise() / max(abs(reference.ripple), np.finfo(np.float64).tiny)) ** (1 / 3)
        spacing = min(max(relative, NEWTON_SPACING[0]), NEWTON_SPACING[1]) * np.minimum(left, right)
        # At an edge the parabola lies inside the band, and the point leaves the edge if the error grows inwards.
        inward = np.where(places <= low, 1.0, np.where(places >= high, -1.0, 0.0))
        around = places + spacing * (inward + np.array([[-1.0], [0.0], [1.0]]))
        error = np.broadcast_to(reference.ripple * alternating(len(places)), around.shape).copy()
        order = np.argsort(around, axis=None)
        order = order[(around != places).flat[order]]
        error.flat[order] = reference.error(problem, around.flat[order], np.tile(band, 3)[order])
        left_error, _, right_error = error
        vertex = inward * spacing + _vertex((spacing, spacing), *error)
        rising = np.where(np.abs(right_error) > np.abs(left_error), 1.0, -1.0)
        uphill = np.where(inward * rising < 0, 0.0, rising) * np.minimum(left, right) / 8
        step = np.where(np.isfinite(vertex), vertex, uphill)
        step = np.clip(step, -left / 4, right / 4)
        places = np.clip(places + step, low, high)
        if np.abs(step).max() <= NEWTON_TOLERANCE * room:
            break
    return places
