"""`to_cells`: converts values over time and frequency to a grid of cells, for axes of any scale."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fxlab.display.canvas.axis import Axis, from_scale, to_scale

Reduction = Literal["max", "mean"]


def to_cells(
    values: NDArray[np.floating],
    places: tuple[ArrayLike, ArrayLike],
    axes: tuple[Axis, Axis],
    size: tuple[int, int],
    *,
    reduction: Reduction = "max",
) -> NDArray[np.floating]:
    """Return the values as a grid of cells of equal size on the scales of the axes, the highest row first.

    The value of a cell that contains several values is the largest, so that a tone stays visible, or their mean. The
    value of a cell that contains none is the nearest one, so that a few rows are drawn as blocks.

    Args:
        values: The values, `(rows, columns)`, with at least one row and one column.
        places: The positions of the rows and of the columns, in ascending order, in the units of the axes.
        axes: The vertical and the horizontal axis.
        size: The number of rows and of columns of the grid.
        reduction: Whether several values in a cell are reduced to the largest of them or to their mean.

    >>> time, bins = Axis(0.0, 2.0, ()), Axis(0.0, 4.0, ())
    >>> to_cells(np.arange(4.0).reshape(2, 2), ([1.0, 3.0], [0.5, 1.5]), (bins, time), (4, 2)).tolist()
    [[2.0, 3.0], [2.0, 3.0], [0.0, 1.0], [0.0, 1.0]]
    """
    found = np.asarray(values)
    # The dimension that shrinks most comes first, so that the other one is reduced for fewer values.
    for dimension in sorted((0, 1), key=lambda dimension: size[dimension] / max(found.shape[dimension], 1)):
        place, edges = np.asarray(places[dimension], np.float64), _edges(axes[dimension], size[dimension])
        found = _reduce(found if dimension == 0 else found.T, place, edges, reduction)
        found = found if dimension == 0 else found.T
    return found[::-1]


def _edges(axis: Axis, count: int) -> NDArray[np.float64]:
    """Return the `count + 1` edges of `count` cells of equal size on the scale of an axis."""
    low, high = to_scale(axis.low, axis.scale), to_scale(axis.high, axis.scale)
    return from_scale(np.linspace(low, high, count + 1), axis.scale)


def _reduce(
    values: NDArray[np.floating], places: NDArray[np.float64], edges: NDArray[np.float64], reduction: Reduction
) -> NDArray[np.floating]:
    """Reduce the first dimension of `values`, at the positions `places`, to one row between adjacent `edges`.

    Where there is no position between two edges, the result is the nearest row.
    """
    bounds = np.searchsorted(places, edges)
    first, count = bounds[:-1], np.diff(bounds)
    nearest = np.searchsorted((places[:-1] + places[1:]) / 2, (edges[:-1] + edges[1:]) / 2)
    last = np.where(count > 0, bounds[1:] - 1, nearest)
    reduced = values[last]
    # One value of each cell after the other: whole rows are copied, which is faster than a reduction of each cell.
    for number in range(int(count.max(initial=0)) - 1):
        if reduction == "max":
            np.maximum(reduced, values[np.where(count > 0, np.minimum(first + number, last), nearest)], out=reduced)
        else:
            more = count - 1 > number
            reduced[more] += values[(first + number)[more]]
    return reduced if reduction == "max" else reduced / np.maximum(count, 1)[:, None]
