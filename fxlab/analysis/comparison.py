"""`compare`: several filters in one figure and one table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from fxlab import hooks
from fxlab.analysis.filter_summary import FilterSummary, level_of, summarize, summarize_measured
from fxlab.analysis.measurement import Measurement, measure
from fxlab.errors import ParameterError
from fxlab.filters.common.extrema import Curve, grid_over, minima, resonances
from fxlab.module import Module, has_response
from fxlab.module.checks import different_rates, validate_rate
from fxlab.module.parameters.design_cache import cache_designs

ASSUMED_RATE = 44_100.0
MEASURED_DB = -12.0
_DEEPEST = -100.0


@dataclass(frozen=True, eq=False)
class Comparison:
    """Filters side by side, by `compare`: their curves as a card, their numbers as `facts`."""

    modules: tuple[Module, ...]
    names: tuple[str, ...]
    """As they were called, or how they are written."""
    called: bool
    """Whether the names were given."""
    sample_rate: float
    assumed: bool
    """Whether neither the call nor any module named a sample rate."""
    facts: tuple[FilterSummary, ...]
    """Of each module in turn; of a batch of each example."""
    owners: tuple[int, ...]
    """The number of the module that each of `facts` is of."""
    measurements: tuple[Measurement | None, ...]
    """For each module None, or what a sweep found where it has no response."""
    difference_db: float | None
    """Of exactly two curves, how far they lie apart at most; levels below -100 dB count as -100 dB."""
    difference_hz: float | None
    """Where that is."""

    def __repr__(self) -> str:
        heads = ("", "poles", "-3 dB at", "peak dB", "delay", "margin", "noise dB", "per sample")
        lines = [heads, *map(_line, self.facts)]
        widths = [max(len(line[place]) for line in lines) for place in range(len(heads))]
        text = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
        rate = f"{self.sample_rate:g} Hz{', assumed' if self.assumed else ''}"
        return "\n".join([f"Comparison at {rate}", *(line.rstrip() for line in text)])

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        return hooks.resolve("comparison_bundle")(self, include=include, exclude=exclude)


def compare(*modules: Module, sample_rate: float | None = None, names: Sequence[str] | None = None) -> Comparison:
    """Lay filters over one another: magnitude, phase, group delay, poles and zeros, and a table of their numbers.

    A module without a response is measured with a sweep at -12 dBFS. Of a batch every example is a filter of its own.

    Args:
        modules: Two or more, as a rule.
        sample_rate: In Hz, for all of them; left out, their own, and where none has one 44100 Hz, as cards assume.
        names: One for each module.

    Raises:
        ParameterError: Nothing to compare, what is no module, or not one name for each.
        SignalError: The modules have different sample rates, and none is given.

    >>> from fxlab.filters import Butterworth, Chebyshev1
    >>> compare(Butterworth(1000.0), Chebyshev1(1000.0), sample_rate=48_000, names=["flat", "steep"])
    Comparison at 48000 Hz
           poles  -3 dB at   peak dB  delay  margin  noise dB  per sample
    flat   4      1000 Hz    0.00     29.92  0.0488  -13.69    10
    steep  4      1052.8 Hz  0.00     62.25  0.0181  -13.92    10
    """
    if not modules:
        raise ParameterError("compare: there is nothing to compare; write compare(a, b).")
    given: tuple[object, ...] = modules
    for number, one in enumerate(given):
        if not isinstance(one, Module):
            hint = "; write compare(*filters)." if isinstance(one, (list, tuple)) else "; fx.wrap makes one."
            raise ParameterError(f"compare: number {number} is no module but {type(one).__name__}{hint}")
    if names is not None:
        listed = [names] if isinstance(names, str) else list(names)
        if len(listed) != len(modules) or not all(isinstance(name, str) for name in listed):
            raise ParameterError(f"compare: names is {names!r}; {len(modules)} modules take as many names.")
    rate, assumed = _common_rate(modules, sample_rate)
    called = tuple(listed) if names is not None else tuple(map(repr, modules))
    facts: list[FilterSummary] = []
    owners: list[int] = []
    found: list[Measurement | None] = []
    with torch.no_grad(), cache_designs():
        for number, (module, name) in enumerate(zip(modules, called, strict=True)):
            if has_response(module):
                found.append(None)
                facts += summarize(module, rate, name)
            else:
                swept = measure(module, level_db=MEASURED_DB, sample_rate=rate, lowest=min(20.0, rate / 400))
                found.append(swept)
                facts += summarize_measured(swept, name)
            owners += [number] * (len(facts) - len(owners))
        apart = _apart(modules, found, rate) if len(modules) == len(facts) == 2 else (None, None)
    return Comparison(
        modules, called, names is not None, rate, assumed, tuple(facts), tuple(owners), tuple(found), *apart
    )


def _common_rate(modules: Sequence[Module], sample_rate: float | None) -> tuple[float, bool]:
    if sample_rate is not None:
        return validate_rate(sample_rate, "compare"), False
    parts = [part for module in modules for part in module.modules() if isinstance(part, Module)]
    rates = {float(part.sample_rate) for part in parts if part.sample_rate}
    if len(rates) > 1:
        raise different_rates("compare", "the modules", rates)
    return (rates.pop(), False) if rates else (ASSUMED_RATE, True)


def _apart(modules: Sequence[Module], found: Sequence[Measurement | None], rate: float) -> tuple[float, float]:
    """How far two curves lie apart at most, and where."""
    measured = [one for one in found if one is not None]
    curves = [
        level_of(module, rate, 0) if one is None and has_response(module) else _read_off(one)
        for module, one in zip(modules, found, strict=True)
    ]

    def closeness(frequencies: Tensor) -> Tensor:
        first, second = (curve(frequencies).clamp(min=_DEEPEST) for curve in curves)
        return -(first - second).abs()

    if measured:
        grid = measured[0].frequencies
    else:
        grid = grid_over(rate, torch.cat([resonances(module, rate) for module in modules if has_response(module)]))
    places, values = minima(closeness, grid)
    worst = int(values.argmin())
    return -values[worst].item() + 0.0, places[worst].item()


def _read_off(found: Measurement | None) -> Curve:
    """The measured level, by straight lines between its points."""
    assert found is not None
    grid, values = found.frequencies, found.magnitude_db.reshape(-1).clamp(min=2 * _DEEPEST)

    def level(frequencies: Tensor) -> Tensor:
        right = torch.searchsorted(grid, frequencies).clamp(1, len(grid) - 1)
        share = (frequencies - grid[right - 1]) / (grid[right] - grid[right - 1])
        return torch.lerp(values[right - 1], values[right], share)

    return level


def _line(facts: FilterSummary) -> tuple[str, ...]:
    def said(value: float | None, form: str, unit: str = "") -> str:
        return "" if value is None else f"{value:{form}}{unit}"

    name = facts.name if len(facts.name) <= 40 else facts.name[:39] + "…"
    edges = ", ".join(f"{edge:.5g}" for edge in facts.edges_hz[:4])
    more = "…" if len(facts.edges_hz) > 4 else ""
    return (
        name,
        said(facts.order, "d"),
        f"{edges}{more} Hz" if edges else "nowhere",
        said(round(facts.peak_db, 2) + 0.0, ".2f"),
        said(facts.delay, ".2f"),
        said(facts.margin, ".3g") + ("" if facts.stable in (None, True) else " unstable"),
        said(facts.noise_gain_db, ".2f"),
        said(facts.multiplications, "d"),
    )
