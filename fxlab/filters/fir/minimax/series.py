"""The cosine series of a polynomial through extremal points, accurate even for filters with very low ripple."""

from __future__ import annotations

import numpy as np

from fxlab.filters.fir.minimax.approximation import Approximation, Array
from fxlab.filters.fir.minimax.exchange import Reference, alternating

SAMPLED = 16
ROUNDS = 4
MAX_SOLVED = 600  # coefficients for which linear equations are solved
TOLERANCE = 1e-6  # of the error at the extremal points, relative to the ripple
SPLIT = 2.0**26


def cosine_series(problem: Approximation, reference: Reference) -> tuple[Array, float]:
    """Return the cosine series of the polynomial of `reference`, `(size,)`, and its largest weighted rounding error.

    The rounding error is that at the extremal points, or 0 if it is negligible there. The series is computed by
    interpolation, and corrected by interpolation of its errors at the extremal points. If this does not converge and
    there are at most `MAX_SOLVED` coefficients, the linear equations for them are solved instead.
    """
    # Between the bands the interpolation amplifies rounding errors by about 1 over the ripple, which the correction
    # removes. It does not converge where the response is much larger between the bands than in them.
    size = len(reference.places) - 1
    weight = problem.target(reference.places, reference.band)[1]
    coefficients = _interpolated(reference, reference.values)
    some = np.arange(0, size + 1, max(1, size // SAMPLED))
    residual = reference.values[some] - cosines(reference.places[some], size) @ coefficients
    if np.abs(weight[some] * residual).max() <= TOLERANCE / 10 * abs(reference.ripple):
        return coefficients, 0.0
    rows = cosines(reference.places, size)
    best, least = coefficients, np.inf
    for _ in range(ROUNDS):
        residual = reference.values - rows @ coefficients
        worst = float(np.abs(weight * residual).max())
        if worst <= TOLERANCE * abs(reference.ripple):
            return coefficients, worst
        if not worst < least / 2:
            break
        best, least = coefficients, worst
        coefficients = coefficients + _interpolated(reference, residual)
    if size > MAX_SOLVED:
        return best, least
    matrix = np.column_stack([rows, alternating(size + 1) / weight])
    try:
        coefficients = np.linalg.solve(matrix, problem.target(reference.places, reference.band)[0])[:size]
    except np.linalg.LinAlgError:
        return best, least
    return coefficients, float(np.abs(weight * (reference.values - rows @ coefficients)).max())


def cosines(places: Array, size: int) -> Array:
    """Return `cos(pi order f)` for the frequencies `places` and the orders below `size`, `(places, size)`."""
    # The product of a frequency and an order is split, so that whole turns are removed before anything is rounded.
    order = np.arange(size)
    coarse = np.round(places * SPLIT) / SPLIT
    turns = np.mod(coarse[:, None] * order, 2.0) + (places - coarse)[:, None] * order
    found: Array = np.cos(np.pi * turns)
    return found


def _interpolated(reference: Reference, values: Array) -> Array:
    from scipy.fft import dct

    size = len(reference.places) - 1
    sampled = reference.interpolant((np.arange(size) + 0.5) / size, values)
    coefficients: Array = dct(sampled, type=2) / size
    coefficients[0] /= 2
    return coefficients
