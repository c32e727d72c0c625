"""The taps of the filters for a conversion of the sample rate by an integer factor: windowed sinc functions."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

ATTENUATION_DB = 100.0
"""The attenuation of images and aliases in dB."""
LATER_ATTENUATION_DB = 117.0
"""The attenuation in dB for which the windows of later stages are designed.

The normalization to a gain of 1 at 0 Hz reduces it, because the filters are short.
"""
PASSBAND = 20_000 / 44_100
"""The upper edge of the passband as a fraction of the lowest sample rate."""


def stage_factors(factor: int) -> list[int]:
    """Return the factors of the interpolators for `factor`: as many factors of 2 as possible, then the odd remainder.

    The remainder is left out if it is 1.

    >>> stage_factors(8), stage_factors(6), stage_factors(5)
    ([2, 2, 2], [2, 3], [5])
    """
    factors = []
    while factor % 2 == 0:
        factors.append(2)
        factor //= 2
    return [*factors, factor] if factor > 1 else factors


def half_length(multiple: int) -> int:
    """Return the half length of an interpolator's impulse response, in samples of the interpolator's lower rate.

    Args:
        multiple: The lower rate of the interpolator divided by the lowest rate of the conversion. The signal occupies
            the fraction `1 / multiple` of the band up to half the interpolator's lower rate, so later interpolators
            have wide transition bands and short filters.

    Source:
        J. F. Kaiser, "Nonrecursive digital filter design using the I0-sinh window function", 1974.

    >>> [half_length(multiple) for multiple in (1, 2, 4)]
    [35, 9, 6]
    """
    edge = (1 - PASSBAND) / multiple if multiple > 1 else PASSBAND
    return math.ceil((_attenuation(multiple) - 7.95) / (14.36 * 4 * (0.5 - edge)))


def kaiser_beta(attenuation_db: float) -> float:
    """Return the parameter beta of the Kaiser window for a stopband attenuation of more than 50 dB."""
    return 0.1102 * (attenuation_db - 8.7)


def _attenuation(multiple: int) -> float:
    return LATER_ATTENUATION_DB if multiple > 1 else ATTENUATION_DB


@lru_cache
def phase_taps(factor: int, multiple: int) -> NDArray[np.float64]:
    """Return the taps of the phases 1 to `factor - 1` of an interpolator, `(factor - 1, 2 reach)`.

    Phase p gives the value at n + p / factor from the samples n + reach down to n - reach + 1, where reach is
    `half_length(multiple)`. Phase 0 is the sample itself, because the filter is a Nyquist filter. Each phase has a gain
    of 1 at 0 Hz. For `multiple` see `half_length`.
    """
    reach, beta = half_length(multiple), kaiser_beta(_attenuation(multiple))
    phase = np.arange(1, factor)[:, None] / factor
    distance = phase - np.arange(reach, -reach, -1)
    window = np.i0(beta * np.sqrt(np.clip(1 - (distance / reach) ** 2, 0, None)))
    taps: NDArray[np.float64] = np.sinc(distance) * window
    taps /= taps.sum(-1, keepdims=True)
    return taps


@lru_cache
def conversion_matrix(factors: tuple[int, ...], multiple: int, block: int) -> NDArray[np.float64]:
    """Return the output of successive interpolators for a unit impulse at each sample of a block and its context.

    The context is `context(factors, multiple)` samples on either side. The input of the first interpolator has
    `multiple` times the lowest rate.

    Shape:
        Returns `(samples, factor * samples)`, where `samples` is the length of the block with its context and `factor`
        the product of `factors`.
    """
    rows = np.eye(block + 2 * context(factors, multiple))
    for factor in factors:
        reach, taps = half_length(multiple), phase_taps(factor, multiple)
        between = [np.stack([np.convolve(row, phase)[reach : reach + len(row)] for row in rows]) for phase in taps]
        rows = np.stack([rows, *between], -1).reshape(len(rows), -1)
        multiple *= factor
    return rows


def context(factors: tuple[int, ...], multiple: int) -> int:
    """Return an upper bound on how many input samples on each side affect an output of successive interpolators.

    `factors` are the factors of the interpolators in order. `multiple` is the input rate of the first one divided by
    the lowest rate of the conversion; see `half_length`.

    >>> context((2,), 1), context((2, 2), 2)
    (35, 12)
    """
    reach, first = 0.0, multiple
    for factor in factors:
        reach += half_length(multiple) * first / multiple
        multiple *= factor
    return math.ceil(reach)
