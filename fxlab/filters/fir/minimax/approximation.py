"""`Approximation`: the approximation of a response by a polynomial, for each type of linear-phase filter."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fxlab.filters.fir.minimax.specification import Specification

Array = NDArray[Any]

GAP_POINTS = 9
LEAST_GAP = 1e-12  # between bands, so that two extremal points never coincide


class Approximation:
    """The approximation of the gains of a specification by a polynomial in `cos(pi f)`, f from 0 to 1 (Nyquist).

    The amplitude response of a filter is a polynomial of degree `specification.size - 1` in `cos(pi f)`, multiplied by
    a factor that depends only on the symmetry and the parity of the taps: 1, `cos(pi f / 2)`, `sin(pi f)` or
    `sin(pi f / 2)`. `target` returns the gain divided by this factor and the weight multiplied by it, so that the
    weighted error of the polynomial is that of the filter.
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
        """Return the factor that all filters of this symmetry and parity share; it can be 0 only at f = 0 and f = 1."""
        if self.specification.is_symmetric:
            return np.sin(np.pi / 2 * (1 - places)) if self.is_even else np.ones_like(places)
        return np.sin(np.pi / 2 * places) if self.is_even else np.sin(np.pi * np.minimum(places, 1 - places))

    def target(self, places: Array, band: Array) -> tuple[Array, Array]:
        """Return the gain divided by the factor and the weight multiplied by it, at the frequencies `places`.

        `band` is the index of the band of each frequency. The weights are relative to the largest one, `weight_unit`.
        For a differentiator, gain and weight depend on the frequency as `Specification` describes.
        """
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
        """Return ascending frequencies outside the bands, where the response is free, `(gaps, GAP_POINTS)`."""
        edges = np.concatenate([[0.0], self.bands.ravel(), [1.0]]).reshape(-1, 2)
        gaps = edges[edges[:, 0] < edges[:, 1]]
        return gaps[:, :1] + np.diff(gaps) * np.linspace(0, 1, GAP_POINTS)


def _apart(bands: Array) -> Array:
    """Shorten bands that touch or almost touch the next band, in place, and return the bands.

    The gap becomes `LEAST_GAP`, but no band is shortened by more than a quarter of its width.
    """
    room = np.maximum(LEAST_GAP - (bands[1:, 0] - bands[:-1, 1]), 0.0)
    bands[:-1, 1] -= np.minimum(room, np.diff(bands[:-1])[:, 0] / 4)
    return bands
