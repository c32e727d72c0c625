"""`compare`: comparison of several filters in one figure and one table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from fxlab import hooks
from fxlab.analysis.filter_summary import FilterSummary, level_of, summarize, summarize_measured
from fxlab.analysis.measurement import Measurement, measure, shortest_duration
from fxlab.errors import ParameterError
from fxlab.filters.common.extrema import Curve, grid_over, minima, resonances
from fxlab.module import Module, has_response
from fxlab.module.checks import different_rates, validate_rate
from fxlab.module.parameters.design_cache import cache_designs

ASSUMED_RATE = 44_100.0
SWEEP_LEVEL_DB = -12.0
_LOWEST_DB = -100.0


@dataclass(frozen=True, eq=False)
class Comparison:
    """The result of `compare`: its card shows the curves of the filters, and `facts` contains their key figures."""

    modules: tuple[Module, ...]
    names: tuple[str, ...]
    """The names given to `compare`, or each module's `repr`."""
    called: bool
    """Whether the names were given to `compare`."""
    sample_rate: float
    """The sample rate in Hz of all modules."""
    assumed: bool
    """Whether neither the call nor any module specified a sample rate, so that 44100 Hz was assumed."""
    facts: tuple[FilterSummary, ...]
    """One summary per module, in order; one per example for a batch."""
    owners: tuple[int, ...]
    """For each summary in `facts`, the index of its module."""
    measurements: tuple[Measurement | None, ...]
    """For each module, its sweep measurement if it has no frequency response, otherwise None."""
    difference_db: float | None
    """The largest difference between the levels of two filters in dB, where levels below -100 dB count as -100 dB.

    None unless two modules are compared, each of which is a single filter and not a batch of several.
    """
    difference_hz: float | None
    """The frequency of the largest difference in Hz; None if `difference_db` is None."""

    def __repr__(self) -> str:
        heads = ("", "poles", "-3 dB at", "peak dB", "delay", "margin", "noise dB", "per sample")
        lines = [heads, *map(_row, self.facts)]
        widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
        text = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
        rate = f"{self.sample_rate:g} Hz{', assumed' if self.assumed else ''}"
        return "\n".join([f"Comparison at {rate}", *(line.rstrip() for line in text)])

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        return hooks.resolve("comparison_bundle")(self, include=include, exclude=exclude)


def compare(*modules: Module, sample_rate: float | None = None, names: Sequence[str] | None = None) -> Comparison:
    """Return a comparison of filters: magnitude, phase, group delay, poles and zeros, and a table of their properties.

    A module without a frequency response is measured with a sweep at -12 dBFS. Each example of a batch counts as a
    separate filter.

    Args:
        modules: The filters or other modules to compare.
        sample_rate: The sample rate in Hz for all modules; by default that of the modules, or 44100 Hz if none has one.
        names: A name for each module; by default its `repr`.

    Raises:
        ParameterError: There are no modules, an argument is not a module, or `names` does not contain one string for
            each module.
        SignalError: `sample_rate` is not a number above 0, or is not given for modules of different sample rates, or
            the output of a module that is measured is not finite or has another sample rate.
        FxlabError: The output of a module that is measured is not audio.

    >>> from fxlab.filters import Butterworth, Chebyshev1
    >>> compare(Butterworth(1000.0), Chebyshev1(1000.0), sample_rate=48_000, names=["flat", "steep"])
    Comparison at 48000 Hz
           poles  -3 dB at   peak dB  delay  margin  noise dB  per sample
    flat   4      1000 Hz    0.00     29.92  0.0488  -13.69    10
    steep  4      1052.8 Hz  0.00     62.25  0.0181  -13.92    10
    """
    if not modules:
        raise ParameterError("compare: no modules were given; write compare(a, b).")
    given: tuple[object, ...] = modules
    for number, one in enumerate(given):
        if not isinstance(one, Module):
            hint = "write compare(*filters)." if isinstance(one, (list, tuple)) else "wrap a callable with fx.wrap(…)."
            raise ParameterError(f"compare: argument {number} must be a Module, not {type(one).__name__}; {hint}")
    if names is not None:
        given_names = [names] if isinstance(names, str) else list(names)
        if len(given_names) != len(modules) or not all(isinstance(name, str) for name in given_names):
            raise ParameterError(f"compare: names is {names!r}; give one string per module, {len(modules)} in total.")
    rate, assumed = _common_rate(modules, sample_rate)
    labels = tuple(given_names) if names is not None else tuple(map(repr, modules))
    facts: list[FilterSummary] = []
    owners: list[int] = []
    measurements: list[Measurement | None] = []
    with torch.no_grad(), cache_designs():
        for number, (module, name) in enumerate(zip(modules, labels, strict=True)):
            if has_response(module):
                measurements.append(None)
                facts += summarize(module, rate, name)
            else:
                measurement = _measure(module, rate)
                measurements.append(measurement)
                facts += summarize_measured(measurement, name)
            owners += [number] * (len(facts) - len(owners))
        difference = (
            _largest_difference(modules, measurements, rate) if len(modules) == len(facts) == 2 else (None, None)
        )
    return Comparison(
        modules,
        labels,
        names is not None,
        rate,
        assumed,
        tuple(facts),
        tuple(owners),
        tuple(measurements),
        *difference,
    )


def _measure(module: Module, rate: float) -> Measurement:
    """Return the measurement of a module; below 8 kHz it takes more time, so that it has as many samples."""
    lowest, tail = min(20.0, rate / 400), 0.25 * max(1.0, 8000 / rate)
    duration = max(8.0, shortest_duration(lowest, rate))
    return measure(module, rate, level_db=SWEEP_LEVEL_DB, lowest=lowest, duration=duration, tail=tail)


def _common_rate(modules: Sequence[Module], sample_rate: float | None) -> tuple[float, bool]:
    if sample_rate is not None:
        return validate_rate(sample_rate, "compare"), False
    parts = [part for module in modules for part in module.modules() if isinstance(part, Module)]
    rates = {float(part.sample_rate) for part in parts if part.sample_rate}
    if len(rates) > 1:
        raise different_rates("compare", "the modules", rates)
    return (rates.pop(), False) if rates else (ASSUMED_RATE, True)


def _largest_difference(
    modules: Sequence[Module], measurements: Sequence[Measurement | None], rate: float
) -> tuple[float, float]:
    """Return the largest difference between the levels of two modules in dB, and its frequency in Hz."""
    measured = [one for one in measurements if one is not None]
    curves = [
        level_of(module, rate, 0) if one is None and has_response(module) else _interpolated(one)
        for module, one in zip(modules, measurements, strict=True)
    ]

    def negative_difference(frequencies: Tensor) -> Tensor:
        first, second = (curve(frequencies).clamp(min=_LOWEST_DB) for curve in curves)
        return -(first - second).abs()

    if measured:
        grid = measured[0].frequencies
    else:
        grid = grid_over(rate, torch.cat([resonances(module, rate) for module in modules if has_response(module)]))
    frequencies_hz, values = minima(negative_difference, grid)
    worst = int(values.argmin())
    return -values[worst].item() + 0.0, frequencies_hz[worst].item()


def _interpolated(measurement: Measurement | None) -> Curve:
    """Return a function of frequencies in Hz that interpolates the measured level linearly."""
    assert measurement is not None
    grid, values = measurement.frequencies, measurement.magnitude_db.reshape(-1).clamp(min=2 * _LOWEST_DB)

    def level(frequencies: Tensor) -> Tensor:
        right = torch.searchsorted(grid, frequencies).clamp(1, len(grid) - 1)
        fraction = (frequencies - grid[right - 1]) / (grid[right] - grid[right - 1])
        return torch.lerp(values[right - 1], values[right], fraction)

    return level


def _row(facts: FilterSummary) -> tuple[str, ...]:
    def text(value: float | None, form: str, unit: str = "") -> str:
        return "" if value is None else f"{value:{form}}{unit}"

    name = facts.name if len(facts.name) <= 40 else facts.name[:39] + "…"
    edges = ", ".join(f"{edge:.5g}" for edge in facts.edges_hz[:4])
    more = "…" if len(facts.edges_hz) > 4 else ""
    return (
        name,
        text(facts.order, "d"),
        f"{edges}{more} Hz" if edges else "nowhere",
        text(round(facts.peak_db, 2) + 0.0, ".2f"),
        text(facts.delay, ".2f"),
        text(facts.margin, ".3g") + ("" if facts.stable in (None, True) else " unstable"),
        text(facts.noise_gain_db, ".2f"),
        text(facts.multiplications, "d"),
    )
