"""`FilterSummary`: a filter in numbers."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass

import torch
from torch import Tensor

from fxlab.analysis.measurement import Measurement
from fxlab.engine import frequency_response
from fxlab.errors import FxlabError
from fxlab.filters.common.extrema import Curve, crossings, grid_over, minima, resonances
from fxlab.module import LinearAnalysis
from fxlab.module.parameters.design_cache import cache_designs

HALF_POWER_DB = 10 * math.log10(2)
_HEARD = -80.0  # below it a delay is one of rounding
_CLEAR = 40.0  # below the peak, a measured delay is one of what distorts and rounds
_FLAT = 1e-9


@dataclass(frozen=True)
class FilterSummary:
    """One filter, or one example of a batch, at one sample rate; None where a question has no answer."""

    name: str
    """As it was called or written."""
    order: int | None
    """How many poles it has."""
    edges_hz: tuple[float, ...]
    """Where the level passes through half power, -3.01 dB, to a millionth and better."""
    peak_db: float
    """The highest level."""
    peak_hz: float
    """Where that is."""
    ripple_db: float | None
    """How far the level falls and rises again where it is within 3.01 dB of the highest; 0 without any ripple."""
    delay: float | None
    """The longest group delay in samples, where the level is above -80 dB; a measured one, within 40 dB of the peak."""
    margin: float | None
    """How far inside the unit circle the outermost pole lies; below 0 it is unstable."""
    noise_gain_db: float | None
    """How much louder white noise comes out."""
    stable: bool | None
    """Whether all poles lie inside the unit circle."""
    sections: int | None
    """Second-order sections."""
    multiplications: int | None
    """For each sample, when run as these sections; by 0, 1 and -1 nothing is multiplied."""


def summarize(module: LinearAnalysis, rate: float, name: str) -> list[FilterSummary]:
    """Of each example of a linear module."""
    with torch.no_grad(), cache_designs():
        shape = module.magnitude_db(0.0, rate).shape
        examples = math.prod(shape)
        names = [name] if not shape else [f"{name} [{number}]" for number in range(examples)]
        grid = grid_over(rate, resonances(module, rate))
        delays = poles = sos = margins = noises = None
        with suppress(FxlabError):
            delays = _rows(module.group_delay(grid.to(module._device()), rate), examples)
        with suppress(FxlabError):
            poles = _rows(module.poles(rate), examples)
        with suppress(FxlabError):
            margins = module.margin(rate).cpu().reshape(-1).expand(examples)
        with suppress(FxlabError):
            noises = module.noise_gain(rate).cpu().reshape(-1).expand(examples)
        with suppress(FxlabError):
            sos = module.sos(rate).cpu()
            sos = sos.reshape(-1, *sos.shape[-2:]).expand(examples, -1, -1)
        made = []
        for number in range(examples):
            # One example of many is asked by its sections, so that the others are not asked each time with it.
            level = _level_by(sos[number], rate) if shape and sos is not None else level_of(module, rate, number)
            own = (None if part is None else part[number] for part in (delays, poles, sos, margins, noises))
            made.append(_facts(names[number], level, grid, *own))
        return made


def summarize_measured(found: Measurement, name: str) -> list[FilterSummary]:
    """What a sweep tells of each example of a module that has no response."""
    points = len(found.frequencies)
    levels, delays = (values.reshape(-1, points) for values in (found.magnitude_db, found.group_delay))
    single = found.response.ndim == 1
    made = []
    for number, (level, delay) in enumerate(zip(levels, delays, strict=True)):
        peak = int(level.argmax())
        above = level + HALF_POWER_DB
        at = ((above[1:] >= 0) != (above[:-1] >= 0)).nonzero()[:, 0]
        share = above[at] / (above[at] - above[at + 1])
        edges = torch.lerp(found.frequencies[at], found.frequencies[at + 1], share)
        heard = level > level[peak] - _CLEAR
        made.append(
            FilterSummary(
                name if single else f"{name} [{number}]",
                None,
                tuple(edges.tolist()),
                level[peak].item(),
                found.frequencies[peak].item(),
                None,
                delay[heard].max().item() if bool(heard.any()) else None,
                *(None,) * 5,
            )
        )
    return made


def level_of(module: LinearAnalysis, rate: float, number: int = 0) -> Curve:
    """The level in dB of one example, as a curve."""
    device = module._device()

    def level(frequencies: Tensor) -> Tensor:
        found = module.magnitude_db(frequencies.to(device), rate)
        return found.reshape(-1, found.shape[-1])[number].cpu()

    return level


def _level_by(sos: Tensor, rate: float) -> Curve:
    return lambda frequencies: 20 * frequency_response(sos, frequencies, rate).abs().log10()


def _rows(values: Tensor, examples: int) -> Tensor:
    """`(..., n)` as `(examples, n)`."""
    return values.cpu().reshape(math.prod(values.shape[:-1]), values.shape[-1]).expand(examples, -1)


def _facts(name: str, level: Curve, grid: Tensor, *own: Tensor | None) -> FilterSummary:
    delays, poles, sos, inside, power = own
    places, depths = minima(lambda f: -level(f), grid)
    peak = int(depths.argmin())
    peak_db = -depths[peak].item()
    valleys = minima(level, grid)[1]
    valleys = valleys[valleys >= peak_db - HALF_POWER_DB]
    ripple = max(0.0, peak_db - valleys.min().item()) if len(valleys) else 0.0

    order = margin = noise = stable = sections = multiplications = longest = None
    if delays is not None:
        heard = level(grid) > _HEARD
        longest = delays[heard].max().item() if bool(heard.any()) else None
    if poles is not None:
        there = poles[~poles.isnan()]
        order = len(there)
    if inside is not None:
        margin = inside.item()
        stable = margin > 0
    if power is not None:
        noise = 10 * math.log10(power.item()) if power > 0 else -math.inf
    if sos is not None:
        sections, coefficients = len(sos), sos[:, [0, 1, 2, 4, 5]]
        multiplications = int(((coefficients != 0) & (coefficients.abs() != 1)).sum())
    return FilterSummary(
        name,
        order,
        tuple(crossings(lambda f: level(f) + HALF_POWER_DB, grid).tolist()),
        peak_db,
        places[peak].item(),
        ripple if ripple > _FLAT else 0.0,
        longest,
        margin,
        noise,
        stable,
        sections,
        multiplications,
    )
