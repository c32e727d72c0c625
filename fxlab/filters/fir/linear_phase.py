"""The base classes of FIR filters with linear phase, and the windowed impulse response of ideal filters."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from fxlab.engine.torch_support.known_values import any_true
from fxlab.errors import ParameterError
from fxlab.filters.classical.bilinear import BANDS
from fxlab.filters.common.edges import Edges
from fxlab.module import Finite

PASSES_NYQUIST = ("highpass", "bandstop")  # kinds that pass half the sample rate


class LinearPhase(Finite):
    """The base class of FIR filters with linear phase and a delay of `(taps − 1) / 2` samples.

    A subclass declares the parameter `taps` and defines `design`.
    """

    taps: Any

    def latency(self, sample_rate: float | None = None) -> float:
        """Return the delay in samples, `(taps − 1) / 2`."""
        self._checked_rate(sample_rate)
        delay: float = (self.taps - 1) / 2
        return delay

    def _check_ends(self, at_zero: Tensor, at_nyquist: Tensor, antisymmetric: bool = False) -> None:
        """Raise a `ParameterError` if a gain at 0 Hz or half the sample rate is not 0 where the taps have a gain of 0.

        Antisymmetric taps have a gain of 0 at 0 Hz. An even number of symmetric taps and an odd number of antisymmetric
        taps have a gain of 0 at half the sample rate.

        Args:
            at_zero: The specified gain at 0 Hz, or 0 if none is specified.
            at_nyquist: The specified gain at half the sample rate, or 0 if none is specified.
            antisymmetric: Whether the taps are antisymmetric.
        """
        symmetry, parity = "antisymmetric" if antisymmetric else "symmetric", "even" if self.taps % 2 == 0 else "odd"
        found = []
        if antisymmetric:
            found.append(("0 Hz", at_zero, "let the gain fall to 0, or use symmetric taps"))
        if antisymmetric == bool(self.taps % 2):
            other = f"use {_neighbors(self.taps)} taps, or let the gain fall to 0"
            found.append(("half the sample rate", at_nyquist, other))
        for place, gain, advice in found:
            wrong = gain.detach() != 0
            if any_true(wrong):
                raise ParameterError(
                    f"{self._name()}: the gain at {place} is {gain.detach()[wrong].flatten()[0].item():g}, and "
                    f"{self.taps} {symmetry} taps, an {parity} number, have a gain of 0 there; {advice}."
                )


class FrequencySelective(Edges, LinearPhase):
    """The base class of low-pass, high-pass, band-pass and band-stop filters with linear phase; see also `Edges`."""

    def _check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` for an invalid value or an even number of taps of a high-pass or band-stop."""
        super()._check(sample_rate)
        if self.kind in PASSES_NYQUIST and self.taps % 2 == 0:
            raise ParameterError(
                f"{self._name()}: taps is {self.taps}, and an even number of symmetric taps has a gain of 0 at half "
                f"the sample rate, which a {self.kind} must pass; use {_neighbors(self.taps)}."
            )


def _neighbors(taps: int) -> str:
    return f"{taps - 1} or {taps + 1}" if taps > 1 else "2"


def pass_ranges(kind: str, low: Tensor, high: Tensor) -> list[tuple[Tensor, Tensor]]:
    """Return the start and end of each passband of a filter with the edges `low` and `high`.

    All are fractions of half the sample rate and have the same shape; a low-pass or high-pass uses only `low`.
    """
    zero, one = torch.zeros_like(low), torch.ones_like(low)
    if kind in BANDS:
        return [(low, high)] if kind == "bandpass" else [(zero, low), (high, one)]
    return [(zero, low)] if kind == "lowpass" else [(low, one)]


def windowed_ideal(  # noqa: PLR0917
    kind: str, low: Tensor, high: Tensor, place: Tensor, window: Tensor, scale: bool = True
) -> Tensor:
    """Return the windowed impulse response of the ideal filter, `(..., taps)`.

    Args:
        kind: `"lowpass"`, `"highpass"`, `"bandpass"` or `"bandstop"`.
        low: The lower edge, or the only edge, as a fraction of half the sample rate, `(..., 1)`.
        high: The upper edge of a band, in the same unit, `(..., 1)`.
        place: The positions of the taps in samples from the middle of the impulse response, `(..., taps)`.
        window: The window, `(..., taps)`.
        scale: Whether the taps are scaled to a gain of 1 at 0 Hz (low-pass, band-stop), at half the sample rate
            (high-pass) or in the middle of the band (band-pass).
    """
    ideal = torch.zeros_like(place)
    for start, stop in pass_ranges(kind, low, high):
        ideal = ideal + stop * torch.sinc(stop * place) - start * torch.sinc(start * place)
    taps = ideal * window
    if not scale:
        return taps
    if kind == "bandpass":
        taps = taps / (taps * torch.cos(math.pi * place * (low + high) / 2)).sum(-1, keepdim=True)
    elif kind == "highpass":
        taps = taps / (taps * torch.cos(math.pi * place)).sum(-1, keepdim=True)
    else:
        taps = taps / taps.sum(-1, keepdim=True)
    return taps
