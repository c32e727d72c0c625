"""`FilterSummary`: the key figures of a filter, such as edges, ripple and delay."""

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
_DELAY_FLOOR_DB = -80.0  # below this level, rounding dominates the delay
_SAME_LEVEL_DB = 1e-6  # a level at 0 Hz that is this close to the highest one is the highest
_DELAY_RANGE_DB = 40.0  # further below the peak, distortion and rounding dominate a measured delay
_NO_RIPPLE_DB = 1e-9


@dataclass(frozen=True)
class FilterSummary:
    """The key figures of one filter, or of one example of a batch, at one sample rate.

    A figure that is not defined is None.
    """

    name: str
    """The name given to `compare`, or the module's `repr`; for an example of a batch, followed by its number."""
    order: int | None
    """Number of poles."""
    edges_hz: tuple[float, ...]
    """Frequencies in Hz at which the level crosses half power, -3.01 dB, with a relative error below 1e-6.

    From a sweep, they are interpolated between the measured frequencies.
    """
    peak_db: float
    """Highest level in dB."""
    peak_hz: float
    """Frequency of the highest level in Hz."""
    ripple_db: float | None
    """Depth in dB, below the peak, of the deepest minimum that is within 3.01 dB of the peak; 0 without ripple."""
    delay: float | None
    """Longest group delay in samples where the level is above -80 dB (for a sweep: within 40 dB of the peak)."""
    margin: float | None
    """Distance of the outermost pole from the unit circle; negative if the pole lies outside (unstable filter)."""
    noise_gain_db: float | None
    """Output power for white noise relative to the input power, in dB."""
    stable: bool | None
    """Whether all poles lie inside the unit circle."""
    sections: int | None
    """Number of second-order sections."""
    multiplications: int | None
    """Multiplications per sample if the filter runs as these sections; factors of 0, 1 and -1 are not counted."""


def summarize(module: LinearAnalysis, rate: float, name: str) -> list[FilterSummary]:
    """Return the summary of each example of a linear time-invariant module at the sample rate `rate` in Hz."""
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
        summaries = []
        for number in range(examples):
            # For a batch, the level is computed from the sections of one example; `magnitude_db` would compute all
            # examples each time.
            level = (
                _level_of_sections(sos[number], rate) if shape and sos is not None else level_of(module, rate, number)
            )
            own = (None if part is None else part[number] for part in (delays, poles, sos, margins, noises))
            summaries.append(_summary(names[number], level, grid, *own))
        return summaries


def summarize_measured(found: Measurement, name: str) -> list[FilterSummary]:
    """Return the summary of each example of a module without a frequency response, from a sweep measurement."""
    points = len(found.frequencies)
    levels, delays = (values.reshape(-1, points) for values in (found.magnitude_db, found.group_delay))
    single = found.response.ndim == 1
    summaries = []
    for number, (level, delay) in enumerate(zip(levels, delays, strict=True)):
        peak = int(level.argmax())
        above = level + HALF_POWER_DB
        at = ((above[1:] >= 0) != (above[:-1] >= 0)).nonzero()[:, 0]
        fraction = above[at] / (above[at] - above[at + 1])
        edges = torch.lerp(found.frequencies[at], found.frequencies[at + 1], fraction)
        reliable = level > level[peak] - _DELAY_RANGE_DB
        summaries.append(
            FilterSummary(
                name if single else f"{name} [{number}]",
                None,
                tuple(edges.tolist()),
                level[peak].item(),
                found.frequencies[peak].item(),
                None,
                delay[reliable].max().item() if bool(reliable.any()) else None,
                *(None,) * 5,
            )
        )
    return summaries


def level_of(module: LinearAnalysis, rate: float, number: int = 0) -> Curve:
    """Return a function that returns the level in dB of example `number` at frequencies in Hz."""
    device = module._device()

    def level(frequencies: Tensor) -> Tensor:
        found = module.magnitude_db(frequencies.to(device), rate)
        return found.reshape(-1, found.shape[-1])[number].cpu()

    return level


def _level_of_sections(sos: Tensor, rate: float) -> Curve:
    return lambda frequencies: 20 * frequency_response(sos, frequencies, rate).abs().log10()


def _rows(values: Tensor, examples: int) -> Tensor:
    """Return `values`, `(..., n)`, as `(examples, n)` on the CPU."""
    return values.cpu().reshape(math.prod(values.shape[:-1]), values.shape[-1]).expand(examples, -1)


def _summary(name: str, level: Curve, grid: Tensor, *own: Tensor | None) -> FilterSummary:
    delays, poles, sos, inside, power = own
    frequencies, depths = minima(lambda f: -level(f), grid)
    peak = int(depths.argmin())
    peak_db, peak_hz = -depths[peak].item(), frequencies[peak].item()
    # A search on a logarithmic grid ends a little above 0 Hz, where the level of a low-pass or a low shelf is highest.
    if level(grid.new_zeros(1)).item() >= peak_db - _SAME_LEVEL_DB:
        peak_hz = 0.0
    valleys = minima(level, grid)[1]
    valleys = valleys[valleys >= peak_db - HALF_POWER_DB]
    ripple = max(0.0, peak_db - valleys.min().item()) if len(valleys) else 0.0

    order = margin = noise = stable = sections = multiplications = longest = None
    if delays is not None:
        reliable = level(grid) > _DELAY_FLOOR_DB
        longest = delays[reliable].max().item() if bool(reliable.any()) else None
    if poles is not None:
        finite_poles = poles[~poles.isnan()]
        order = len(finite_poles)
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
        peak_hz,
        ripple if ripple > _NO_RIPPLE_DB else 0.0,
        longest,
        margin,
        noise,
        stable,
        sections,
        multiplications,
    )
