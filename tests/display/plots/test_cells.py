"""`to_cells`: every cell has the values that lie in it, on every scale."""

from itertools import pairwise

import numpy as np
import pytest

from fxlab.display.canvas.axis import Axis, from_scale, to_scale
from fxlab.display.plots.cells import to_cells


@pytest.mark.parametrize("reduction", ["max", "mean"])
@pytest.mark.parametrize("scale", ["linear", "log", "mel"])
@pytest.mark.parametrize("size", [(3, 4), (40, 90), (7, 200)])
def test_cells_against_a_loop(scale, size, reduction):
    """A cell has the largest or the mean of the values in it, or the nearest value to its middle."""
    generator = np.random.default_rng(1)
    y, x = np.sort(generator.uniform(0, 9000, 30)), np.arange(50) * 0.1 + 0.2
    values = generator.standard_normal((30, 50))
    axes = Axis(50.0, 8000.0, (), scale), Axis(0.0, 6.0, ())
    found = to_cells(values, (y, x), axes, size, reduction=reduction)
    assert found.shape == size

    def members(place, axis, count):
        edges = from_scale(
            np.linspace(to_scale(axis.low, axis.scale), to_scale(axis.high, axis.scale), count + 1), axis.scale
        )
        for low, high in pairwise(edges):
            inside = np.flatnonzero((place >= low) & (place < high))
            yield inside if len(inside) else [np.abs(place - (low + high) / 2).argmin()]

    combine = np.max if reduction == "max" else np.mean
    expected = [
        [combine([combine(values[row, columns]) for row in rows]) for columns in members(x, axes[1], size[1])]
        for rows in members(y, axes[0], size[0])
    ]
    assert found[::-1] == pytest.approx(np.array(expected))


def test_a_single_value_fills_the_grid():
    """One frame of one bin is drawn everywhere."""
    found = to_cells(np.array([[2.0]]), ([100.0], [0.5]), (Axis(0.0, 1.0, ()), Axis(0.0, 1.0, ())), (2, 3))
    assert (found == 2.0).all()
