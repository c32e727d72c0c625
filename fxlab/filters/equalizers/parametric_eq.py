"""`ParametricEQ`: an equalizer with bands at arbitrary frequencies, computed as one cascade."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fxlab.errors import ParameterError
from fxlab.filters.cookbook.peak_and_shelf import HighShelf, LowShelf, Peak
from fxlab.module import Chain, Module, Recursive
from fxlab.signal.samples import is_integer

LOWEST, HIGHEST = 100.0, 6400.0
"""Default frequencies of the outer bands in Hz; both are below half a sample rate of 16 kHz."""


class ParametricEQ(Chain):
    """A parametric equalizer: any number of bands, each with its own frequency, gain and quality factor.

    `ParametricEQ(bands=5)` has a low shelf, three peaks and a high shelf with gains of 0 dB, at equal musical intervals
    from 100 Hz to 6.4 kHz; `ParametricEQ(stage, …)` has the given stages in the given order. Without stages, `bands` is
    5 by default. The equalizer is a `Chain` whose stages run as one cascade; `bypassed` and `soloed` are those of
    `Chain`.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `bands` is not a whole number of at least 1, both stages and `bands` are given, a stage is not
            made of second-order sections, the only stage is removed, or a keyword is unknown.

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
            raise ParameterError("ParametricEQ: both stages and bands are given; give one of them.")
        stages = stages or _default_stages(5 if bands is None else bands)
        super().__init__(*stages, bypassed=bypassed, soloed=soloed, sample_rate=sample_rate)

    def _check_stages(self, stages: list[Module]) -> None:
        super()._check_stages(stages)
        if not stages:
            raise ParameterError("ParametricEQ needs at least one band; bypass the last one instead.")
        for number, stage in enumerate(stages):
            if not isinstance(stage, Recursive):
                raise ParameterError(
                    f"ParametricEQ: stage {number}, {stage!r}, is not made of second-order sections; use "
                    "filters such as LowShelf, Peak and HighShelf; join other modules with `|`."
                )

    def __repr__(self) -> str:
        return f"ParametricEQ({', '.join(self._arguments())})"


def _default_stages(bands: Any) -> tuple[Module, ...]:
    """Return `bands` stages with gains of 0 dB, at equal musical intervals from `LOWEST` to `HIGHEST`.

    They are a low shelf, peaks and a high shelf; a single band is a peak in the middle.

    Raises:
        ParameterError: `bands` is not a whole number of at least 1.
    """
    if not is_integer(bands) or bands < 1:
        raise ParameterError(f"ParametricEQ: bands is {bands!r}; it must be a whole number of at least 1.")
    if bands == 1:
        return (Peak(_rounded((LOWEST * HIGHEST) ** 0.5)),)
    frequencies = [_rounded(LOWEST * (HIGHEST / LOWEST) ** (number / (bands - 1))) for number in range(bands)]
    return (LowShelf(frequencies[0]), *map(Peak, frequencies[1:-1]), HighShelf(frequencies[-1]))


def _rounded(frequency: float) -> float:
    """Return the frequency rounded to three significant digits."""
    return float(f"{frequency:.3g}")
