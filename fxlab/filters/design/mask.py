"""`Mask`: the specification of a filter, and the margins by which a filter meets it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

from fxlab.errors import ParameterError
from fxlab.filters.classical.bilinear import BANDS, KINDS
from fxlab.filters.common.extrema import grid_between, minima, resonances
from fxlab.module import LinearAnalysis, Module, has_response
from fxlab.module.parameters.design_cache import cache_designs
from fxlab.signal.samples import is_number

TOLERANCE_DB = 1e-4
"""The violation in dB up to which a mask counts as met, since designs touch the mask and are subject to rounding."""

Edges = float | tuple[float, float]
Span = tuple[float, float]

_EDGE_ORDER = {
    "lowpass": "passband < stopband",
    "highpass": "stopband < passband",
    "bandpass": "stopband[0] < passband[0] < passband[1] < stopband[1]",
    "bandstop": "passband[0] < stopband[0] < stopband[1] < passband[1]",
}


@dataclass(frozen=True)
class Margins:
    """The smallest distances between a filter's level and its mask, in dB; negative where the mask is violated."""

    pass_db: float
    """Margin in the passband: how far the level is above `-ripple_db`, or minus the level where it is above 0 dB.

    Levels up to 0.0001 dB do not count as above 0 dB."""
    stop_db: float
    """Margin in the stopband: how far the level is below `-attenuation_db`."""
    pass_hz: float
    """Frequency in Hz at which the margin is `pass_db`."""
    stop_hz: float
    """Frequency in Hz at which the margin is `stop_db`."""

    @property
    def met(self) -> bool:
        """Whether neither margin is negative, within a tolerance of 0.0001 dB for rounding."""
        return min(self.pass_db, self.stop_db) >= -TOLERANCE_DB

    @property
    def worst_db(self) -> float:
        """The smaller of the margins `pass_db` and `stop_db`."""
        return min(self.pass_db, self.stop_db)

    @property
    def worst_hz(self) -> float:
        """The frequency in Hz at which the margin is `worst_db`."""
        return self.pass_hz if self.pass_db <= self.stop_db else self.stop_hz


@dataclass(frozen=True)
class Mask:
    """The specification of a filter: limits of the level in the passband and in the stopband.

    The level must be between `-ripple_db` and 0 dB in the passband and at most `-attenuation_db` in the stopband. The
    transition band between them has no limits. The edges `passband` and `stopband` are frequencies in Hz: one for each
    if `kind` is `"lowpass"` or `"highpass"`, a pair if it is `"bandpass"` or `"bandstop"`. A mask set as `module.mask`
    is drawn on the module's card, with the remaining margin.

    Raises:
        ParameterError: The kind is unknown, the edges are not numbers above 0 in the order that the kind needs, the
            ripple is not above 0, or the attenuation is not above the ripple.

    >>> from fxlab.filters import Butterworth
    >>> mask = Mask("lowpass", 1000.0, 2000.0, ripple_db=3.02, attenuation_db=40.0)
    >>> mask.met_by(Butterworth(1000.0, order=7), sample_rate=48_000)
    True
    >>> round(mask.margins(Butterworth(1000.0, order=6), sample_rate=48_000).stop_db, 1)
    -3.7
    """

    kind: str
    passband: Edges
    stopband: Edges
    ripple_db: float
    attenuation_db: float

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            near = get_close_matches(str(self.kind), KINDS, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise ParameterError(f"kind is {self.kind!r}; it must be one of {', '.join(map(repr, KINDS))}.{hint}")
        for name in ("passband", "stopband"):
            object.__setattr__(self, name, _validate_edges(self.kind, name, getattr(self, name)))
        for name in ("ripple_db", "attenuation_db"):
            value = getattr(self, name)
            if not is_number(value) or not 0 < value < math.inf:
                raise ParameterError(f"{name} is {value!r}; it must be a number of dB above 0.")
            object.__setattr__(self, name, float(value))
        if self.attenuation_db <= self.ripple_db:
            raise ParameterError(
                f"ripple_db is {self.ripple_db:g} dB and attenuation_db {self.attenuation_db:g} dB; the attenuation "
                "must be more than the ripple. Raise attenuation_db."
            )
        order = _edges_in_order(self.kind, self.passband, self.stopband)
        if any(low >= high for low, high in pairwise(order)):
            raise ParameterError(
                f"passband is {format_edges(self.passband)} and stopband {format_edges(self.stopband)}; "
                f"a {self.kind} needs {_EDGE_ORDER[self.kind]}."
            )

    def bands(self, sample_rate: float) -> tuple[list[Span], list[Span]]:
        """Return the passbands and the stopbands as pairs of frequencies in Hz, from 0 to half the sample rate.

        Raises:
            ParameterError: An edge is not below half the sample rate.

        >>> Mask("highpass", 200.0, 100.0, 1.0, 40.0).bands(48_000)
        ([(200.0, 24000.0)], [(0.0, 100.0)])
        """
        half = sample_rate / 2
        edges = _edges_in_order(self.kind, self.passband, self.stopband)
        if edges[-1] >= half:
            name = "passband" if edges[-1] in _pair(self.passband) else "stopband"
            raise ParameterError(
                f"{name} is {format_edges(getattr(self, name))}; at a sample rate of {sample_rate:g} Hz, edges must "
                f"be above 0 and below {half:g} Hz. Move the edge, or raise the sample rate."
            )
        if self.kind in BANDS:
            inner, outer = [(edges[1], edges[2])], [(0.0, edges[0]), (edges[3], half)]
            return (inner, outer) if self.kind == "bandpass" else (outer, inner)
        low, high = [(0.0, edges[0])], [(edges[1], half)]
        return (low, high) if self.kind == "lowpass" else (high, low)

    def margins(self, module: LinearAnalysis, sample_rate: float | None = None) -> Margins:
        """Return the margins of `module`; for a batch, the smallest ones of all examples.

        The level is evaluated at the edges, on a grid that is dense near the edges and the poles, and at the extrema
        between the grid points.

        Raises:
            ParameterError: The module has no frequency response or an invalid value, or an edge is not below half the
                sample rate.
            SignalError: There is no sample rate.
        """
        if not (isinstance(module, Module) and has_response(module)):
            raise ParameterError(f"A mask needs a frequency response, but {module!r} is not linear and time-invariant.")
        rate = module._resolve_rate(sample_rate)
        passes, stops = self.bands(rate)
        with torch.no_grad(), cache_designs():
            near = resonances(module, rate)

            def above_floor(frequencies: Tensor) -> Tensor:
                level = _levels(module, frequencies, rate)
                over = torch.where(level > TOLERANCE_DB, -level, torch.inf)
                return torch.minimum(level + self.ripple_db, over).amin(0)

            def below_ceiling(frequencies: Tensor) -> Tensor:
                return -self.attenuation_db - _levels(module, frequencies, rate).amax(0)

            worst_margins = []
            for spans, margin in ((passes, above_floor), (stops, below_ceiling)):
                frequencies, values = zip(*(minima(margin, grid_between(*span, near)) for span in spans), strict=True)
                value, frequency = torch.cat(values), torch.cat(frequencies)
                worst = int(value.argmin())
                worst_margins.append((value[worst].item(), frequency[worst].item()))
        (pass_db, pass_hz), (stop_db, stop_hz) = worst_margins
        return Margins(pass_db, stop_db, pass_hz, stop_hz)

    def met_by(self, module: LinearAnalysis, sample_rate: float | None = None) -> bool:
        """Return whether `module` meets the mask, within a tolerance of 0.0001 dB for rounding; see `margins`."""
        return self.margins(module, sample_rate).met


def _levels(module: LinearAnalysis, frequencies: Tensor, rate: float) -> Tensor:
    """Return the level of `module` in dB at frequencies in Hz, `(examples, points)`, on the CPU."""
    level = module.magnitude_db(frequencies.to(module._device()), rate).cpu()
    return level.reshape(-1, level.shape[-1])


def _validate_edges(kind: str, name: str, value: Any) -> Edges:
    expected = "a pair of numbers in Hz, such as (300, 3400)" if kind in BANDS else "one number in Hz"
    parts = list(value) if isinstance(value, (tuple, list)) else [value]
    if len(parts) != (2 if kind in BANDS else 1) or (kind not in BANDS and isinstance(value, (tuple, list))):
        raise ParameterError(f"{name} is {value!r}; a {kind} needs {expected}.")
    if not all(is_number(part) and 0 < part < math.inf for part in parts):
        raise ParameterError(f"{name} is {value!r}; a {kind} needs {expected}, above 0.")
    return (float(parts[0]), float(parts[1])) if kind in BANDS else float(parts[0])


def _pair(edges: Edges) -> tuple[float, ...]:
    return edges if isinstance(edges, tuple) else (edges,)


def _edges_in_order(kind: str, passband: Edges, stopband: Edges) -> list[float]:
    """Return the edges of both bands in the order that is ascending in a valid mask of this kind."""
    passes, stops = _pair(passband), _pair(stopband)
    if kind == "lowpass":
        return [*passes, *stops]
    if kind == "highpass":
        return [*stops, *passes]
    outer, inner = (stops, passes) if kind == "bandpass" else (passes, stops)
    return [outer[0], *inner, outer[1]]


def format_edges(edges: Edges) -> str:
    """Return an edge, or the two edges of a band, as text with the unit."""
    return f"({edges[0]:g}, {edges[1]:g}) Hz" if isinstance(edges, tuple) else f"{edges:g} Hz"
