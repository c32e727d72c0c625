"""Axes: which part of 0..1 a value takes, and which values are labelled."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fxlab.display.cards.number_format import figure

Scale = Literal["linear", "log", "mel"]


@dataclass(frozen=True)
class Axis:
    """The values from `low` to `high` and the ticks among them: `(value, label)`."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    scale: Scale = "linear"

    def place(self, values: ArrayLike) -> NDArray[np.float64]:
        """Where values stand: 0 at `low`, 1 at `high`.

        >>> Axis(10.0, 1000.0, (), "log").place([10.0, 1000.0]).tolist()
        [0.0, 1.0]
        """
        low, high = warp(self.low, self.scale), warp(self.high, self.scale)
        return np.asarray((warp(values, self.scale) - low) / (high - low))


def warp(values: ArrayLike, scale: Scale) -> NDArray[np.float64]:
    """Values in the coordinate in which the scale is even.

    Source:
        "mel" is that of D. O'Shaughnessy, "Speech Communication", 1987: 2595 log10(1 + f / 700).
    """
    numbers = np.asarray(values, np.float64)
    if scale == "log":
        return np.asarray(np.log(np.maximum(numbers, 1e-300)))
    if scale == "mel":
        return np.asarray(2595 * np.log10(1 + numbers / 700))
    return numbers


def unwarp(places: ArrayLike, scale: Scale) -> NDArray[np.float64]:
    """The inverse of `warp`."""
    numbers = np.asarray(places, np.float64)
    if scale == "log":
        return np.asarray(np.exp(numbers))
    if scale == "mel":
        return np.asarray(700 * (10 ** (numbers / 2595) - 1))
    return numbers


def even(low: float, high: float, count: int, sizes: Sequence[float] = (1, 2, 2.5, 5)) -> list[float]:
    """About `count` round values from `low` to `high`, evenly spaced by one of `sizes` times a power of ten.

    >>> even(0.0, 1.0, 4)
    [0.0, 0.25, 0.5, 0.75, 1.0]
    """
    span = high - low
    if not (span > 0 and math.isfinite(span)):
        return [low]
    decade = math.floor(math.log10(span / count))
    step = min(
        (size * 10.0**power for power in range(decade - 1, decade + 2) for size in sizes),
        key=lambda size: abs(math.log(span / size / count)),
    )
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(number * step, 12 - math.floor(math.log10(step))) for number in range(first, last + 1)]


def stepped(low: float, high: float, count: int, steps: Sequence[float]) -> list[float]:
    """The multiples from `low` to `high` of the smallest of `steps` that gives at most `count` of them.

    >>> stepped(-40.0, 6.0, 6, (3, 6, 12, 20))
    [-36.0, -24.0, -12.0, 0.0]
    """
    for step in steps:
        if (high - low) / step < count:
            return [number * float(step) for number in range(math.ceil(low / step), math.floor(high / step) + 1)]
    return even(low, high, count - 1)


def frequencies(low: float, high: float, scale: Scale, pixels: float, gap: float = 30.0) -> Axis:
    """An axis in Hz, labelled 20, 50, 100 … 1k, 2k … as far as labels keep `gap` pixels apart.

    >>> [label for _, label in frequencies(20.0, 22_050.0, "log", 430).ticks]
    ['20', '50', '100', '200', '500', '1k', '2k', '5k', '10k', '20k']
    """
    bare = Axis(low, high, (), scale)

    def apart(wanted: Sequence[float]) -> list[float]:
        kept: list[float] = []
        for value in wanted:
            spot = bare.place(value) * pixels
            if all(abs(spot - bare.place(other) * pixels) >= gap for other in kept):
                kept.append(value)
        return sorted(kept)

    decades = range(math.floor(math.log10(max(low, high * 1e-6))), math.ceil(math.log10(high)) + 1)
    wanted = [(rank, digit * 10.0**decade) for decade in decades for rank, digit in enumerate((1, 2, 5))]
    ranked = sorted(wanted, key=lambda item: (item[0], -item[1]))  # powers of ten before 2 and 5
    kept = apart([value for _, value in ranked if low <= value <= high * (1 + 1e-9)])
    if len(kept) < 3:  # a narrow range between powers of ten
        kept = apart([value for value in even(low, high, 4) if value > 0]) or [high]
    return Axis(low, high, tuple((value, short(value)) for value in kept), scale)


def short(value: float) -> str:
    """A number as a tick: thousands as `k`.

    >>> short(200.0), short(2500.0)
    ('200', '2.5k')
    """
    return f"{figure(value / 1000)}k" if 1000 <= abs(value) < 1e7 else figure(value)


def linear(low: float, high: float, ticks: Sequence[float]) -> Axis:
    """An even axis labelled at `ticks`."""
    return Axis(low, high, tuple((value, short(value) if abs(value) >= 1e4 else figure(value)) for value in ticks))
