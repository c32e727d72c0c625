"""The exchange: the sets of points at which it starts."""

from __future__ import annotations

from fxlab.filters.fir.minimax import exchange
from fxlab.filters.fir.minimax.approximation import Approximation
from fxlab.filters.fir.minimax.equilibrium import starting_points
from tests.filters.fir.minimax.test_refined import low_pass

SIZE = 8


def test_each_set_of_starting_points_is_tried_once(monkeypatch):
    problem = Approximation(low_pass(15))
    made, tried = [], []

    def record(problem, size, variant):
        made.append(variant)
        return starting_points(problem, size, variant)

    def fail(problem, reference):
        tried.append(tuple(reference.places))
        return None, False

    monkeypatch.setattr(exchange, "starting_points", record)
    monkeypatch.setattr(exchange, "_equalize", fail)
    start = exchange.Reference.through(problem, *starting_points(problem, SIZE))
    assert exchange.equalize(problem, start) is None
    assert tried[0] == tuple(start.places)
    assert made == [1, 2, 3, 4]
    assert len(tried) == exchange.STARTS == 5
