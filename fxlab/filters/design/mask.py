"""`Mask`: what a filter is asked for, and by how much it keeps to it."""

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
"""By which a mask may be missed and still counts as met: designs touch it, and touching is subject to rounding."""

Edges = float | tuple[float, float]
Span = tuple[float, float]

_RULES = {
    "lowpass": "passband < stopband",
    "highpass": "stopband < passband",
    "bandpass": "stopband[0] < passband[0] < passband[1] < stopband[1]",
    "bandstop": "passband[0] < stopband[0] < stopband[1] < passband[1]",
}


@dataclass(frozen=True)
class Margins:
    """What is left between a filter and its mask, in dB; below 0 it is missed by so much."""

    pass_db: float
    """Where it passes, above `-ripple_db`. A level over 0 dB is a miss; to touch 0 dB costs nothing."""
    stop_db: float
    """Where it stops, below `-attenuation_db`."""
    pass_hz: float
    """The frequency at which `pass_db` was found."""
    stop_hz: float
    """The frequency at which `stop_db` was found."""

    @property
    def met(self) -> bool:
        """Whether neither is below 0, but for a ten-thousandth of a dB of rounding."""
        return min(self.pass_db, self.stop_db) >= -TOLERANCE_DB

    @property
    def worst_db(self) -> float:
        """The smaller of the two."""
        return min(self.pass_db, self.stop_db)

    @property
    def worst_hz(self) -> float:
        """Where the smaller of the two was found."""
        return self.pass_hz if self.pass_db <= self.stop_db else self.stop_hz


@dataclass(frozen=True)
class Mask:
    """A filter's specification: the level lies from `-ripple_db` to 0 dB where it passes, and stays `attenuation_db`
    down where it stops. Between the two bands everything is allowed.

    Set as `module.mask` it is drawn on the module's card, with the margin that is left.

    Raises:
        ParameterError: An unknown kind, edges that are not in order, a ripple or an attenuation that cannot be.

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
            raise ParameterError(f"kind is {self.kind!r}; allowed is one of {', '.join(map(repr, KINDS))}.{hint}")
        for name in ("passband", "stopband"):
            object.__setattr__(self, name, _edges(self.kind, name, getattr(self, name)))
        for name in ("ripple_db", "attenuation_db"):
            value = getattr(self, name)
            if not is_number(value) or not 0 < value < math.inf:
                raise ParameterError(f"{name} is {value!r}; it must be a number of dB above 0.")
            object.__setattr__(self, name, float(value))
        if self.attenuation_db <= self.ripple_db:
            raise ParameterError(
                f"ripple_db is {self.ripple_db:g} dB and attenuation_db {self.attenuation_db:g} dB; the attenuation "
                "must be more than the ripple: raise it."
            )
        order = _in_order(self.kind, self.passband, self.stopband)
        if any(low >= high for low, high in pairwise(order)):
            raise ParameterError(
                f"passband is {_said(self.passband)} and stopband {_said(self.stopband)}; a {self.kind} needs "
                f"{_RULES[self.kind]}."
            )

    def bands(self, sample_rate: float) -> tuple[list[Span], list[Span]]:
        """Where it passes and where it stops, in Hz from 0 to half the sample rate.

        Raises:
            ParameterError: An edge that is not below half the sample rate.

        >>> Mask("highpass", 200.0, 100.0, 1.0, 40.0).bands(48_000)
        ([(200.0, 24000.0)], [(0.0, 100.0)])
        """
        half = sample_rate / 2
        edges = _in_order(self.kind, self.passband, self.stopband)
        if edges[-1] >= half:
            name = "passband" if edges[-1] in _pair(self.passband) else "stopband"
            raise ParameterError(
                f"{name} is {_said(getattr(self, name))}; at a sample rate of {sample_rate:g} Hz edges lie above 0 and "
                f"below {half:g} Hz. Move it, or raise the sample rate."
            )
        if self.kind in BANDS:
            inner, outer = [(edges[1], edges[2])], [(0.0, edges[0]), (edges[3], half)]
            return (inner, outer) if self.kind == "bandpass" else (outer, inner)
        low, high = [(0.0, edges[0])], [(edges[1], half)]
        return (low, high) if self.kind == "lowpass" else (high, low)

    def margins(self, module: LinearAnalysis, sample_rate: float | None = None) -> Margins:
        """How far `module` keeps from the mask, of a batch the worst example.

        The level is read at the edges themselves, on a grid that is dense at the edges and about every pole, and at
        its extremes between the grid's points.

        Raises:
            ParameterError: A module without a response, or an edge not below half the sample rate.
        """
        if not (isinstance(module, Module) and has_response(module)):
            raise ParameterError(f"A mask asks for a response, and {module!r} is not linear and time-invariant.")
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

            found = []
            for spans, room in ((passes, above_floor), (stops, below_ceiling)):
                places, values = zip(*(minima(room, grid_between(*span, near)) for span in spans), strict=True)
                value, place = torch.cat(values), torch.cat(places)
                worst = int(value.argmin())
                found.append((value[worst].item(), place[worst].item()))
        (pass_db, pass_hz), (stop_db, stop_hz) = found
        return Margins(pass_db, stop_db, pass_hz, stop_hz)

    def met_by(self, module: LinearAnalysis, sample_rate: float | None = None) -> bool:
        """Whether `module` keeps to the mask, but for a ten-thousandth of a dB: designs touch it; see `margins`."""
        return self.margins(module, sample_rate).met


def _levels(module: LinearAnalysis, frequencies: Tensor, rate: float) -> Tensor:
    """In dB, `(examples, points)`."""
    level = module.magnitude_db(frequencies.to(module._device()), rate).cpu()
    return level.reshape(-1, level.shape[-1])


def _edges(kind: str, name: str, value: Any) -> Edges:
    wanted = "a pair of numbers in Hz, such as (300, 3400)" if kind in BANDS else "one number in Hz"
    parts = list(value) if isinstance(value, (tuple, list)) else [value]
    if len(parts) != (2 if kind in BANDS else 1) or (kind not in BANDS and isinstance(value, (tuple, list))):
        raise ParameterError(f"{name} is {value!r}; a {kind} takes {wanted}.")
    if not all(is_number(part) and 0 < part < math.inf for part in parts):
        raise ParameterError(f"{name} is {value!r}; a {kind} takes {wanted}, above 0.")
    return (float(parts[0]), float(parts[1])) if kind in BANDS else float(parts[0])


def _pair(edges: Edges) -> tuple[float, ...]:
    return edges if isinstance(edges, tuple) else (edges,)


def _in_order(kind: str, passband: Edges, stopband: Edges) -> list[float]:
    """The edges as the kind's rule lists them."""
    passes, stops = _pair(passband), _pair(stopband)
    if kind == "lowpass":
        return [*passes, *stops]
    if kind == "highpass":
        return [*stops, *passes]
    outer, inner = (stops, passes) if kind == "bandpass" else (passes, stops)
    return [outer[0], *inner, outer[1]]


def _said(edges: Edges) -> str:
    return f"({edges[0]:g}, {edges[1]:g}) Hz" if isinstance(edges, tuple) else f"{edges:g} Hz"
