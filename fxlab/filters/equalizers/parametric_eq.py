"""Parametric equalisers: bands that may be anywhere, in one cascade."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fxlab.errors import ParameterError
from fxlab.filters.cookbook.peak_and_shelf import HighShelf, LowShelf, Peak
from fxlab.module import Chain, Module, Recursive

LOWEST, HIGHEST = 100.0, 6400.0
"""In Hz, where the outer bands stand unless something else is said: a sound sampled at 16 kHz still has both."""


class ParametricEQ(Chain):
    """Boost or cut any number of bands, each with a frequency, a gain and a quality factor of its own.

    `ParametricEQ(bands=5)` has a low shelf, three peaks and a high shelf, evenly spaced by ear from 100 Hz to 6.4 kHz
    and flat; `ParametricEQ(stage, …)` has the stages given, in their order. It is a `Chain` whose stages all run as
    one cascade.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: Fewer than one band, both stages and a number of them, or a stage that is not made of
            second-order sections.

    >>> eq = ParametricEQ(bands=4)
    >>> [type(stage).__name__ for stage in eq]
    ['LowShelf', 'Peak', 'Peak', 'HighShelf']
    >>> eq[1].gain_db = 6.0
    >>> ParametricEQ(Peak(1000.0, 6.0), HighShelf(8000.0, -3.0))
    ParametricEQ(Peak(gain_db=6.0), HighShelf(cutoff=8000.0, gain_db=-3.0))
    """

    def __init__(
        self,
        *stages: Any,
        bands: int | None = None,
        bypassed: Iterable[int] = (),
        soloed: Iterable[int] = (),
        sample_rate: float | None = None,
        **other: Any,
    ) -> None:
        if other:
            raise ParameterError(
                f"ParametricEQ has no parameter {next(iter(other))!r}; it takes stages, or bands=…, and sample_rate. "
                "The frequencies, gains and q are those of its stages."
            )
        if stages and bands is not None:
            raise ParameterError("ParametricEQ: the stages are given, and bands too; give one of them.")
        parts = stages or _evenly(5 if bands is None else bands)
        super().__init__(*parts, bypassed=bypassed, soloed=soloed, sample_rate=sample_rate)

    def _check_stages(self, stages: list[Module]) -> None:
        super()._check_stages(stages)
        if not stages:
            raise ParameterError("ParametricEQ needs at least one band; bypass the last one instead.")
        for number, stage in enumerate(stages):
            if not isinstance(stage, Recursive):
                raise ParameterError(
                    f"ParametricEQ: stage {number}, {stage!r}, is not made of second-order sections, as LowShelf, "
                    "Peak, HighShelf and the filters are; join others with `|`."
                )

    def __repr__(self) -> str:
        return f"ParametricEQ({', '.join(self._arguments())})"


def _evenly(bands: Any) -> list[Module]:
    if isinstance(bands, bool) or not isinstance(bands, int) or bands < 1:
        raise ParameterError(f"ParametricEQ: bands is {bands!r}; it must be a whole number of at least 1.")
    if bands == 1:
        return [Peak(_rounded((LOWEST * HIGHEST) ** 0.5))]
    places = [_rounded(LOWEST * (HIGHEST / LOWEST) ** (number / (bands - 1))) for number in range(bands)]
    return [LowShelf(places[0]), *map(Peak, places[1:-1]), HighShelf(places[-1])]


def _rounded(frequency: float) -> float:
    """In three digits, as one would set it."""
    return float(f"{frequency:.3g}")
