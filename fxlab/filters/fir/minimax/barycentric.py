"""`Interpolant`: the polynomial in the cosine of the frequency through given points."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

BLOCK = 1 << 16  # numbers of a matrix that is built at once, so that it stays in the processor's cache
GROUP = 16  # differences multiplied before a logarithm is taken; each is above 1e-17


class Interpolant:
    """Barycentric interpolation by a polynomial in `cos(pi f)`, where f is a fraction of half the sample rate.

    The barycentric weights are scaled to a largest magnitude of 1. Differences of cosines are computed such that they
    keep their relative accuracy near f = 0 and near f = 1.

    Args:
        places: The frequencies of the nodes, in ascending order, from 0 to 1.

    Source:
        J.-P. Berrut, L. N. Trefethen, Barycentric Lagrange interpolation, SIAM Review 46, 2004.
    """

    def __init__(self, places: Array) -> None:
        self.places = places
        self._from_zero, self._from_one = _heights(places)
        self.weights = self._weights()

    def __call__(self, places: Array, values: Array) -> Array:
        """Return the polynomial that has the `values` at the nodes, evaluated at ascending frequencies `places`."""
        from_zero, from_one = _heights(places)
        low = int(np.searchsorted(places, 0.5))
        sums = np.empty((len(places), 2))
        columns = np.stack([self.weights * values, self.weights], -1)
        rows = max(1, BLOCK // len(self.places))
        halves = ((0, low, from_zero, self._from_zero), (low, len(places), from_one, self._from_one))
        with np.errstate(divide="ignore", invalid="ignore"):
            for first, last, wanted, given in halves:
                for start in range(first, last, rows):
                    stop = min(start + rows, last)
                    inverse = np.subtract(wanted[start:stop, None], given)
                    np.reciprocal(inverse, out=inverse)
                    np.matmul(inverse, columns, out=sums[start:stop])
            found: Array = sums[:, 0] / sums[:, 1]
        at_point = np.flatnonzero(~np.isfinite(found))
        if len(at_point):
            found[at_point] = values[self._nearest(places[at_point])]
        return found

    def _nearest(self, places: Array) -> Array:
        after = np.searchsorted(self.places, places).clip(1, len(self.places) - 1)
        is_before = places - self.places[after - 1] < self.places[after] - places
        nearest: Array = after - is_before
        return nearest

    def _weights(self) -> Array:
        # A weight is a product of thousands of differences, which would under- or overflow, so logarithms are summed.
        count = len(self.places)
        low = int(np.searchsorted(self.places, 0.5))
        groups = -(-count // GROUP)
        logarithms = np.empty(count)
        rows = max(1, BLOCK // (GROUP * groups))
        for first, last, heights in ((0, low, self._from_zero), (low, count, self._from_one)):
            for start in range(first, last, rows):
                stop = min(start + rows, last)
                factors = np.ones((stop - start, GROUP * groups))
                np.subtract(heights[start:stop, None], heights, out=factors[:, :count])
                factors[:, :count] *= 2  # the products stay near 1, since the capacity of [-1, 1] is 1/2
                factors[np.arange(stop - start), np.arange(start, stop)] = 1.0
                products = np.multiply.reduce(factors.reshape(-1, GROUP, groups), axis=1)
                logarithms[start:stop] = np.log(np.abs(products)).sum(-1)
        weights: Array = np.exp(logarithms.min() - logarithms)
        weights[1::2] *= -1
        return weights


def _heights(places: Array) -> tuple[Array, Array]:
    """Return `1 - cos(pi f)` and `1 + cos(pi f)` for the frequencies `places`, each accurate where it is small."""
    return 2 * np.sin(np.pi / 2 * places) ** 2, 2 * np.sin(np.pi / 2 * (1 - places)) ** 2
