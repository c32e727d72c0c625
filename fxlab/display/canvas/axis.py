"""`Axis`: the mapping of values to positions from 0 to 1, and the choice of ticks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fxlab.display.number_format import format_number

Scale = Literal["linear", "log", "mel"]


@dataclass(frozen=True)
class Axis:
    """The axis of a plot: a range of values from `low` to `high`, its scale, and its ticks."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    """The value and the label of each tick."""
    scale: Scale = "linear"

    def position(self, values: ArrayLike) -> NDArray[np.float64]:
        """Return the positions of values: 0 at `low`, 1 at `high`.

        >>> Axis(10.0, 1000.0, (), "log").position([10.0, 1000.0]).tolist()
        [0.0, 1.0]
        """
        low, high = to_scale(self.low, self.scale), to_scale(self.high, self.scale)
        return np.asarray((to_scale(values, self.scale) - low) / (high - low))


def to_scale(values: ArrayLike, scale: Scale) -> NDArray[np.float64]:
    """Return values in the coordinate in which `scale` is uniform: the logarithm for "log", mel for "mel".

    On the scale "log", a value below 1e-300 counts as 1e-300. On the scale "linear", the values do not change.

    Source:
        D. O'Shaughnessy, "Speech Communication", 1987, for "mel": 2595 log10(1 + f / 700).
    """
    numbers = np.asarray(values, np.float64)
    if scale == "log":
        return np.asarray(np.log(np.maximum(numbers, 1e-300)))
    if scale == "mel":
        return np.asarray(2595 * np.log10(1 + numbers / 700))
    return numbers


def from_scale(coordinates: ArrayLike, scale: Scale) -> NDArray[np.float64]:
    """Return the values that have the given coordinates on `scale`; the inverse of `to_scale`."""
    numbers = np.asarray(coordinates, np.float64)
    if scale == "log":
        return np.asarray(np.exp(numbers))
    if scale == "mel":
        return np.asarray(700 * (10 ** (numbers / 2595) - 1))
    return numbers


def even_ticks(low: float, high: float, count: int, steps: Sequence[float] = (1, 2, 2.5, 5)) -> list[float]:
    """Return about `count` round values from `low` to `high`: multiples of one of `steps` times a power of ten.

    If the range is empty or not finite, the only value is `low`.

    >>> even_ticks(0.0, 1.0, 4)
    [0.0, 0.25, 0.5, 0.75, 1.0]
    """
    span = high - low
    if not (span > 0 and math.isfinite(span)):
        return [low]
    decade = math.floor(math.log10(span / count))
    step = min(
        (step * 10.0**power for power in range(decade - 1, decade + 2) for step in steps),
        key=lambda step: abs(math.log(span / step / count)),
    )
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(number * step, 12 - math.floor(math.log10(step))) for number in range(first, last + 1)]


def step_ticks(low: float, high: float, max_count: int, steps: Sequence[float]) -> list[float]:
    """Return the multiples in `[low, high]` of the first of `steps` that is larger than `(high - low) / max_count`.

    There are at most `max_count` of them. `steps` are in ascending order; if none is large enough, the result is that
    of `even_ticks` for `max_count - 1` values.

    >>> step_ticks(-40.0, 6.0, 6, (3, 6, 12, 20))
    [-36.0, -24.0, -12.0, 0.0]
    """
    for step in steps:
        if (high - low) / step < max_count:
            return [number * float(step) for number in range(math.ceil(low / step), math.floor(high / step) + 1)]
    return even_ticks(low, high, max_count - 1)


def frequency_axis(low: float, high: float, scale: Scale, pixels: float, gap: float = 30.0) -> Axis:
    """Return an axis in Hz with ticks at 20, 50, 100, …, 1k, 2k, …, or at other round values if the range is narrow.

    The axis reaches from `low` to `high`. It has a length of `pixels`, and its ticks are at least `gap` pixels apart.
    If there is no positive round value in the range, the only tick is at `high`.

    >>> [label for _, label in frequency_axis(20.0, 22_050.0, "log", 430).ticks]
    ['20', '50', '100', '200', '500', '1k', '2k', '5k', '10k', '20k']
    """
    bare = Axis(low, high, (), scale)

    def keep_apart(candidates: Sequence[float]) -> list[float]:
        kept: list[float] = []
        for value in candidates:
            position = bare.position(value) * pixels
            if all(abs(position - bare.position(other) * pixels) >= gap for other in kept):
                kept.append(value)
        return sorted(kept)

    decades = range(math.floor(math.log10(max(low, high * 1e-6))), math.ceil(math.log10(high)) + 1)
    candidates = [(rank, digit * 10.0**decade) for decade in decades for rank, digit in enumerate((1, 2, 5))]
    ranked = sorted(candidates, key=lambda item: (item[0], -item[1]))  # powers of ten have priority over 2 and 5
    kept = keep_apart([value for _, value in ranked if low <= value <= high * (1 + 1e-9)])
    if len(kept) < 3:  # a narrow range between powers of ten
        kept = keep_apart([value for value in even_ticks(low, high, 4) if value > 0]) or [high]
    return Axis(low, high, tuple((value, tick_label(value)) for value in kept), scale)


def tick_label(value: float) -> str:
    """Return the label of the tick at `value`, with `k` for thousands if `1000 <= abs(value) < 1e7`.

    >>> tick_label(200.0), tick_label(2500.0)
    ('200', '2.5k')
    """
    return f"{format_number(value / 1000)}k" if 1000 <= abs(value) < 1e7 else format_number(value)


def linear_axis(low: float, high: float, ticks: Sequence[float]) -> Axis:
    """Return a linear axis with ticks at `ticks`; those with a magnitude of at least 10,000 have a `tick_label`."""
    return Axis(
        low, high, tuple((value, tick_label(value) if abs(value) >= 1e4 else format_number(value)) for value in ticks)
    )
