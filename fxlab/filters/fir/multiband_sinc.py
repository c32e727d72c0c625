"""`MultibandSinc`: FIR design by the window method, for any number of passbands."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from fxlab.errors import ParameterError
from fxlab.filters.common import parameters
from fxlab.filters.common.ordering import check_ascending
from fxlab.filters.fir.linear_phase import LinearPhase
from fxlab.filters.fir.window import check_window, window_values
from fxlab.module import ArrayParam, Switch

PASS_ZERO = {"lowpass": True, "bandstop": True, "highpass": False, "bandpass": False}
"""The meaning of the strings that SciPy's `firwin` accepts for `pass_zero`: whether 0 Hz passes."""


class MultibandSinc(LinearPhase):
    """A windowed-sinc FIR filter with any number of edges, at which passbands and stopbands alternate.

    The taps are those of `scipy.signal.firwin` with a list of cutoffs. The constructor also takes one of SciPy's
    strings for `pass_zero`, such as `"bandpass"`. The phase is linear. `WindowedSinc` is the same filter with one or
    two edges, which may move.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: The edges are not in strictly ascending order, or one is not above 0 and below half the sample
            rate; the number of taps is even and half the sample rate passes; the window is 0 at all taps;
            `pass_zero` is a string that does not fit the number of edges; or another value is invalid.

    Source:
        A. V. Oppenheim, R. W. Schafer, Discrete-Time Signal Processing, "Design of FIR filters by windowing".

    >>> two = MultibandSinc([1000.0, 4000.0, 8000.0, 12_000.0], taps=201, pass_zero=False)
    >>> two.response([0.0, 2500.0, 6000.0, 10_000.0], sample_rate=48_000).abs().round(decimals=2).tolist()
    [0.0, 1.0, 0.0, 1.0]
    """

    cutoffs = ArrayParam(
        [500.0, 1000.0, 3000.0],
        shape=("edges",),
        unit="Hz",
        low=20.0,
        high=20_000.0,
        scale="log",
        below="nyquist",
        role="frequency",
        doc="Edges of the passbands, −6 dB, in ascending order.",
    )
    taps = parameters.taps()
    pass_zero = Switch(True, doc="Whether 0 Hz passes; passbands and stopbands alternate at the edges.")
    window = parameters.window(kaiser=True)
    beta = parameters.kaiser_beta()
    scale = parameters.scale()

    def __init__(self, *args: Any, sample_rate: float | None = None, **kwargs: Any) -> None:
        given = {**dict(zip(self.declarations, args, strict=False)), **kwargs}
        kind = given.get("pass_zero")
        if len(given) < len(args) + len(kwargs) or not (isinstance(kind, str) and kind in PASS_ZERO):
            super().__init__(*args, sample_rate=sample_rate, **kwargs)
            return
        super().__init__(sample_rate=sample_rate, **{**given, "pass_zero": PASS_ZERO[kind]})
        count = self.values()["cutoffs"].shape[-1]
        if (count > 1) != kind.startswith("band"):
            found = "there is 1 cutoff" if count == 1 else f"there are {count} cutoffs"
            rule = "a band has two or more" if count == 1 else "low-pass and high-pass have one"
            raise ParameterError(
                f"{self._name()}: pass_zero is {kind!r}, and {found}; {rule}. Write pass_zero={PASS_ZERO[kind]}."
            )

    def _check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` in the cases that the class lists, apart from `pass_zero`."""
        super()._check(sample_rate)
        cutoffs = self.values()["cutoffs"]
        check_ascending(self, "cutoffs")
        check_window(self, self.taps, self.window)
        passes = torch.full((), 1.0 if self._passes_nyquist(cutoffs) else 0.0)
        self._check_ends(torch.zeros(()), passes)

    def _passes_nyquist(self, cutoffs: Tensor) -> bool:
        return bool(self.pass_zero) == (int(cutoffs.shape[-1]) % 2 == 0)

    def design(self, sample_rate: float) -> Tensor:
        """Return the taps, `(..., taps)`; see `Finite.design`."""
        edges = self.cutoffs * (2 / sample_rate)
        place = torch.arange(self.taps, dtype=torch.float64, device=edges.device) - (self.taps - 1) / 2
        # At an edge a passband ends, which adds the sinc up to there, or begins, which subtracts it.
        sign = 1.0 - 2.0 * (torch.arange(edges.shape[-1], device=edges.device) % 2)
        low_passes = edges[..., None] * torch.sinc(edges[..., None] * place)
        ideal = ((sign if self.pass_zero else -sign)[:, None] * low_passes).sum(-2)
        if self._passes_nyquist(edges):
            ideal = ideal + torch.sinc(place)
        taps: Tensor = ideal * window_values(self.window, self.taps, self.beta, place)
        return taps / self._gain(taps, edges, place) if self.scale else taps

    def _gain(self, taps: Tensor, edges: Tensor, place: Tensor) -> Tensor:
        """Return the gain by which `scale` divides the taps, `(..., 1)`.

        It is the gain at 0 Hz if that passes, for a high-pass the gain at half the sample rate, and otherwise the gain
        in the middle of the first passband.
        """
        if self.pass_zero:
            return taps.sum(-1, keepdim=True)
        first = torch.ones_like(edges[..., :1]) if edges.shape[-1] == 1 else edges[..., :2].mean(-1, keepdim=True)
        return (taps * torch.cos(math.pi * place * first)).sum(-1, keepdim=True)
