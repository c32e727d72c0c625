"""The fast way to short equiripple filters: it agrees with the exchange, and is left where it does not apply."""

from __future__ import annotations

import numpy as np
import pytest

from fxlab.filters.fir.minimax import solution
from fxlab.filters.fir.minimax.approximation import Approximation
from fxlab.filters.fir.minimax.refined import refined_scipy
from fxlab.filters.fir.minimax.specification import Specification


def low_pass(taps, edge=0.2, half_width=0.03, weights=(1.0, 1.0), response="magnitude"):
    edges = (0.0, edge - half_width, edge + half_width, 1.0)
    return Specification(taps, response, edges, (1.0, 1.0, 0.0, 0.0), weights)


@pytest.mark.parametrize("taps", [3, 4, 15, 30, 61, 100, 199])
def test_it_agrees_with_the_exchange(taps, monkeypatch):
    for edge, weights in ((0.2, (1.0, 1.0)), (0.41, (1.0, 10.0)), (0.7, (30.0, 1.0))):
        specification = low_pass(taps, edge, weights=weights)
        fast = refined_scipy(Approximation(specification))
        monkeypatch.setattr(solution, "refined_scipy", lambda _problem: None)
        found = solution.solve.__wrapped__(specification)
        monkeypatch.undo()
        if fast is None:  # two filters are equally good, or a peak is as high as the extremal points
            continue
        ripple = abs(found.ripple) / max(weights)
        assert abs(fast.ripple) == pytest.approx(ripple, rel=1e-9)
        np.testing.assert_allclose(fast.coefficients, found.coefficients, atol=1e-8 * np.abs(found.coefficients).max())


def test_ordinary_filters_are_found():
    shares = [
        refined_scipy(Approximation(low_pass(taps, edge))) is not None
        for taps in (15, 31, 60, 61, 101)
        for edge in np.linspace(0.1, 0.9, 9)
    ]
    assert np.mean(shares) > 0.8


@pytest.mark.parametrize(
    "specification",
    [
        low_pass(301),
        low_pass(61, response="hilbert"),
        low_pass(199, half_width=0.15),  # a ripple of rounding errors
        Specification(61, "magnitude", (0.0, 0.2, 0.3, 1.0), (1.0, 2.0, 0.0, 0.0), (1.0, 1.0)),
    ],
    ids=["long", "antisymmetric", "deep", "sloped"],
)
def test_others_are_left_to_the_exchange(specification):
    assert refined_scipy(Approximation(specification)) is None
