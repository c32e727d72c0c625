"""Division of the leading dimensions of a batch into parts that are processed one at a time."""

from __future__ import annotations

from math import prod

from torch import Tensor

Part = tuple[slice, ...]  # one slice for each leading dimension


def row_parts(rows: tuple[int, ...], max_rows: int) -> list[Part]:
    """Return the parts that result from halving the largest dimension until no part has more than `max_rows` rows.

    `rows` are the sizes of the leading dimensions. A `max_rows` below 1 counts as 1.

    >>> row_parts((5,), 2)
    [(slice(0, 2, None),), (slice(2, 3, None),), (slice(3, 5, None),)]
    """
    parts: list[Part] = []
    todo: list[Part] = [tuple(slice(0, size) for size in rows)]
    while todo:
        part = todo.pop()
        sizes = [each.stop - each.start for each in part]
        if prod(sizes) <= max(max_rows, 1):
            parts.append(part)
            continue
        dim = max(range(len(sizes)), key=lambda number: sizes[number])
        middle = part[dim].start + sizes[dim] // 2
        halves = slice(part[dim].start, middle), slice(middle, part[dim].stop)
        todo += [(*part[:dim], half, *part[dim + 1 :]) for half in reversed(halves)]
    return parts


def take_rows(x: Tensor, part: Part) -> Tensor:
    """Return the rows of `x` in `part`; leading dimensions of size 1, along which `x` broadcasts, are not indexed."""
    return x[tuple(slice(None) if size == 1 else each for size, each in zip(x.shape, part, strict=False))]
