"""`solve`: the best filter for a specification, with as many taps as float64 resolves."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from fxlab.errors import ParameterError
from fxlab.filters.fir.minimax.approximation import Approximation, Array
from fxlab.filters.fir.minimax.equilibrium import starting_points
from fxlab.filters.fir.minimax.exchange import Reference, equalize
from fxlab.filters.fir.minimax.refined import refined_scipy
from fxlab.filters.fir.minimax.series import cosine_series
from fxlab.filters.fir.minimax.specification import Specification

RESOLVED = 64.0  # the ratio of the ripple at the start to rounding errors from which the filter is surely resolved
UNRESOLVED = 0.01  # the ratio below which it surely is not
MAX_UNSURE = 500  # coefficients up to which the exchange is tried between those two
ROUNDING_PEAK = 2.5  # the highest error from rounding between the extremal points, relative to that at them
MAX_WORK = 4e6  # coefficients squared, summed over the sizes that are tried after a resolved one
CHECK_DENSITY = 8  # points per coefficient at which the error is checked
CHECK_TOLERANCE = 0.01  # excess of the error over the ripple
CHECK_NOISE = 1e-9  # of the error, where the ripple is small
ROUNDING_SHARE = 0.02  # of the weighted error from rounding, relative to the ripple, up to which it is not visible


class Solution(NamedTuple):
    """The filter with the smallest ripple, and the extremal points of its error."""

    coefficients: Array
    """The cosine series of the amplitude response without the factor of the filter's type, `(size,)`, padded with 0."""
    ripple: float
    """The weighted error at the first extremal point."""
    places: Array
    """The frequencies of the extremal points, one more than there are coefficients before the padding."""
    edge: Array
    """The index of the edge at which each extremal point lies, or -1 inside a band."""
    band: Array
    """The index of the band of each extremal point."""


@lru_cache(maxsize=256)
def solve(specification: Specification) -> Solution:
    """Return the filter with the smallest ripple for `specification`.

    With many taps and a wide transition the smallest ripple would be hidden by rounding errors, of the taps themselves
    and of a response that is large where it is unconstrained. The outer taps are then 0, and the inner ones are those
    of the longest filter that float64 resolves.

    Raises:
        ParameterError: No filter was found whose error is nowhere larger than its ripple.
    """
    problem = Approximation(specification)
    refined = refined_scipy(problem)
    if refined is not None:
        return _solution(problem, *refined)
    start, size = _largest_start(problem, specification.size)
    found, rounding = _solve(problem, start)
    if found is None or rounding > ROUNDING_SHARE * abs(found.ripple):
        found = _best_resolved(problem, size, found, rounding)
    if found is None or not _keeps_ripple(problem, found):
        raise ParameterError(
            f"No equiripple filter was found for bands with edges {specification.edges} (1 is half the sample rate), "
            f"gains {specification.gains} and weights {specification.weights}; use gains and weights of similar size, "
            "and edges farther from 0 Hz, half the sample rate and each other."
        )
    return found


def _keeps_ripple(problem: Approximation, found: Solution) -> bool:
    """Return whether the error on a dense grid nowhere exceeds the ripple, within `CHECK_TOLERANCE`."""
    # Rounding errors may dominate in filters with narrow bands.
    points = 1 << (CHECK_DENSITY * problem.specification.size - 1).bit_length()
    grid = np.arange(1, points) / points
    response = np.fft.rfft(found.coefficients, 2 * points).real[1:-1]
    band = np.searchsorted(problem.bands[:, 0], grid, "right") - 1
    inside = (band >= 0) & (grid <= problem.bands[band, 1])
    wanted, weight = problem.target(grid[inside], band[inside])
    error = problem.weight_unit * np.abs(weight * (wanted - response[inside])).max(initial=0.0)
    return bool(error <= (1 + CHECK_TOLERANCE) * abs(found.ripple) + problem.weight_unit * CHECK_NOISE)


def _best_resolved(problem: Approximation, size: int, found: Solution | None, rounding: float) -> Solution | None:
    """Return the best of several filters with at most `size` coefficients, by their error including rounding.

    The sizes of the filters are chosen by bisection. `found` is the filter with `size` coefficients, or None if the
    exchange failed, and `rounding` its weighted rounding error, which is not negligible. The result is None if `found`
    is None and the exchange fails for fewer coefficients too.
    """
    least = np.inf if found is None else abs(found.ripple) + ROUNDING_PEAK * rounding
    resolved, beyond, work = 0, size, 0.0
    start, guess = _largest_start(problem, max(size - 1, 1), unsure=False)
    while beyond - resolved > max(1, beyond // 64) and (resolved == 0 or work < MAX_WORK):
        trial, rounding = _solve(problem, start)
        work += guess**2
        if trial is not None and abs(trial.ripple) + ROUNDING_PEAK * rounding < least:
            found, least = trial, abs(trial.ripple) + ROUNDING_PEAK * rounding
        if trial is None or rounding > ROUNDING_SHARE * abs(trial.ripple):
            beyond = guess
        else:
            resolved = guess
        guess = (resolved + beyond) // 2
        start = Reference.through(problem, *starting_points(problem, max(guess, 1)))
    return found


def _largest_start(problem: Approximation, size: int, unsure: bool = True) -> tuple[Reference, int]:
    """Return the start of the exchange with the largest resolved number of coefficients up to `size`, and this number.

    The number is found by bisection, to within 1/64 of it. Coefficients are resolved if the ripple is larger than the
    rounding errors by the factor `RESOLVED`, or, for at most `MAX_UNSURE` coefficients and if `unsure` is true, by the
    factor `UNRESOLVED`.
    """
    start, resolution = _start(problem, size)
    if resolution > (UNRESOLVED if unsure and size <= MAX_UNSURE else RESOLVED):
        return start, size
    resolved, beyond = 1, size
    while beyond - resolved > max(1, beyond // 64):
        middle = (resolved + beyond) // 2
        if _start(problem, middle)[1] > (UNRESOLVED if unsure and middle <= MAX_UNSURE else RESOLVED):
            resolved = middle
        else:
            beyond = middle
    return _start(problem, resolved)[0], resolved


def _start(problem: Approximation, size: int) -> tuple[Reference, float]:
    """Return the start of the exchange with `size` coefficients, and its ripple relative to rounding errors."""
    start, best = None, -1.0
    for variant in (0, 1):
        reference = Reference.through(problem, *starting_points(problem, size, variant))
        rounding = max(np.finfo(np.float64).eps * _norm(problem, reference), np.finfo(np.float64).tiny)
        resolution = abs(reference.ripple) / rounding
        if not resolution <= best:
            start, best = reference, resolution
        if best > RESOLVED:
            break
    assert start is not None
    return start, best


def _norm(problem: Approximation, reference: Reference) -> float:
    """Return an estimate of the norm of the taps, from the gains in the bands and the response between them."""
    energy = float((np.diff(problem.bands)[:, 0] * np.square(problem.gains).max(-1)).sum())
    between = problem.between_bands()
    if between.size:
        response = reference.interpolant(between.ravel(), reference.values).reshape(between.shape)
        power = np.square(problem.factor(between) * response)
        energy += float((np.diff(between) * (power[:, 1:] + power[:, :-1])).sum() / 2)
    return float(np.sqrt(2 * energy))


def _solve(problem: Approximation, start: Reference) -> tuple[Solution | None, float]:
    """Return the best filter found from `start` and its weighted rounding error, or None and infinity."""
    reference = equalize(problem, start)
    if reference is None:
        return None, np.inf
    coefficients, rounding = cosine_series(problem, reference)
    solution = _solution(problem, coefficients, reference.places, reference.band, reference.ripple)
    return solution, rounding * problem.weight_unit


def _solution(problem: Approximation, coefficients: Array, places: Array, band: Array, ripple: float) -> Solution:
    padded = np.zeros(problem.specification.size)
    padded[: len(coefficients)] = coefficients
    low, high = problem.bands[band].T
    at_edge = np.where(places == low, 0, np.where(places == high, 1, -1))
    edge = np.where(at_edge >= 0, 2 * band + at_edge, -1)
    return Solution(padded, ripple * problem.weight_unit, places, edge, band)
