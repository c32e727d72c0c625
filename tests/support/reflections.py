"""The images of a source in a rectangular room."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence


def reflections(
    size: Sequence[float], source: Sequence[float], listener: Sequence[float], order: int
) -> list[tuple[float, int]]:
    """Return the distance and the number of reflections of every image, by mirroring the source again and again."""
    found = {tuple(round(v, 9) for v in source): 0}
    for number in range(1, order + 1):
        for place in [place for place, count in found.items() if count == number - 1]:
            for axis, wall in itertools.product(range(3), (0.0, 1.0)):
                mirrored = list(place)
                mirrored[axis] = 2 * wall * size[axis] - mirrored[axis]
                found.setdefault(tuple(round(v, 9) for v in mirrored), number)
    return [(math.dist(place, listener), count) for place, count in found.items()]
