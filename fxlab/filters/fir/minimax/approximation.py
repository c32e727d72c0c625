"""`Approximation`: the approximation of a weighted response by a polynomial, for each type of linear-phase filter."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fxlab.filters.fir.minimax.specification import Specification

Array = NDArray[Any]

GAP_POINTS = 9
LEAST_GAP = 1e-12  # between bands, so that two extremal points never coincide


class Approximation:
    """The approximation by a polynomial in the cosine of the frequency, to which every type of filter is reduced.

    The amplitude response of taps is a polynomial of degree `size - 1` in `cos(pi f)`, multiplied by a factor that
    depends only on symmetry and parity: 1, `cos(pi f / 2)`, `sin(pi f)` or `sin(pi f / 2)`. `target` returns gain and
    weight with this factor divided out, so that their error is the error of the filter.
    """

    def __init__(self, specification: Specification) -> None:
        self.specification = specification
        self.bands = _apart(np.array(specification.edges).reshape(-1, 2))
        self.gains = np.array(specification.gains).reshape(-1, 2)
        weights = np.array(specification.weights)
        self.weights, self.weight_unit = weights / weights.max(), float(weights.max())
        self.is_even = specification.taps % 2 == 0
        self.is_slope = specification.response == "differentiator"
        self.is_flat = bool((self.gains[:, 0] == self.gains[:, 1]).all())

    def factor(self, places: Array) -> Array:
        """Return the factor that all filters of this type share; it is 0 only at 0 and 1."""
        if self.specification.is_symmetric:
            return np.sin(np.pi / 2 * (1 - places)) if self.is_even else np.ones_like(places)
        return np.sin(np.pi / 2 * places) if self.is_even else np.sin(np.pi * np.minimum(places, 1 - places))

    def target(self, places: Array, band: Array) -> tuple[Array, Array]:
        """Return the gain divided by the factor, and the weight multiplied by it, at frequencies in their bands."""
        gain, weight = self.gains[band, 0], self.weights[band]
        if not self.is_flat:
            low, high = self.bands[band].T
            gain = gain + (self.gains[band, 1] - gain) * ((places - low) / (high - low))
        if self.specification.is_symmetric and not self.is_even:
            return gain, weight
        factor = self.factor(places)
        if not self.is_slope:
            with np.errstate(divide="ignore", invalid="ignore"):
                return np.where(gain == 0, 0.0, gain / factor), weight * factor
        # The factor per frequency is finite at 0 Hz, where a slope has its full weight.
        at_zero = np.pi / 2 if self.is_even else np.pi
        slope = np.where(places > 0, factor / np.where(places > 0, places, 1.0), at_zero)
        passes = np.abs(self.gains[band]).max(-1) > 0
        with np.errstate(divide="ignore", invalid="ignore"):
            wanted = np.where(gain == 0, 0.0, np.pi * gain / slope)
        return wanted, np.where(passes, 2 * weight * slope, weight * factor)

    def between_bands(self) -> Array:
        """Return frequencies outside the bands, where the response is free, in ascending order, `(gaps, n)`."""
        edges = np.concatenate([[0.0], self.bands.ravel(), [1.0]]).reshape(-1, 2)
        gaps = edges[edges[:, 0] < edges[:, 1]]
        return gaps[:, :1] + np.diff(gaps) * np.linspace(0, 1, GAP_POINTS)


def _apart(bands: Array) -> Array:
    """Return the bands with a gap between bands that touch."""
    room = np.maximum(LEAST_GAP - (bands[1:, 0] - bands[:-1, 1]), 0.0)
    bands[:-1, 1] -= np.minimum(room, np.diff(bands[:-1])[:, 0] / 4)
    return bands
