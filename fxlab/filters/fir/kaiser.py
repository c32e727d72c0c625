"""A finite impulse response by Kaiser's formulas, from an attenuation and a width."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.engine.torch_support.known_values import any_true
from fxlab.errors import ParameterError
from fxlab.filters.common.edges import Edges
from fxlab.filters.common.lengths import MAX_TAPS, max_count
from fxlab.filters.common.parameters import filter_kind, hertz, upper
from fxlab.filters.fir.linear_phase import OPEN, tapered
from fxlab.filters.fir.window import kaiser
from fxlab.module import Finite, Param
from fxlab.module.parameters.broadcasting import broadcast_together


class Kaiser(Edges, Finite):
    """Stop by so many dB, from one side of an edge to the other within such a width: the length follows from both.

    The taps are those of `scipy.signal.kaiserord` with `firwin`; a high-pass and a band-stop, which need an odd number
    of taps, get one more where the formula gives an even one. Kaiser's formulas are estimates, and may miss the
    attenuation by some tenths of a dB. All frequencies are delayed alike, by half of taps − 1 samples.

    The length is a whole number and so has no slope: the gradient to `width` is 0, and those to `attenuation_db` and
    the edges are taken at the length as it is. Of examples that differ, each has its own length and delay.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: An edge that is not above 0 and below half the sample rate, `cutoff` not below `upper` for a
            band, a width that is not above 0 or asks for more than a million taps, an attenuation below 8 dB.

    Source:
        J. F. Kaiser, Nonrecursive digital filter design using the I0-sinh window function, 1974.

    >>> Kaiser(1000.0, width=24 / 500 * 24_000, attenuation_db=65.0).kernel(48_000).shape
    torch.Size([167])
    """

    cutoff = hertz("Edge in the middle of the transition, −6 dB; for a band the lower one.")
    width = Param(
        2500.0,
        low=100.0,
        high=10_000.0,
        unit="Hz",
        scale="log",
        doc="How wide the transition at each edge is; half of it needs twice the taps.",
    )
    attenuation_db = Param(
        60.0, low=30.0, high=120.0, unit="dB", at_least=8.0, doc="How far down the level is beyond the transition."
    )
    kind = filter_kind()
    upper = upper()

    def check(self, sample_rate: float) -> None:
        """See `Edges`."""
        super().check(sample_rate)
        values = broadcast_together(self.values())
        counts = self._counts(values["width"], values["attenuation_db"], sample_rate)
        if any_true(counts > MAX_TAPS):
            worst = int(counts.flatten().argmax())
            count = counts.flatten()[worst].item()
            width = values["width"].detach().expand(counts.shape).flatten()[worst].item()
            raise ParameterError(
                f"Kaiser: width is {width:g} Hz, which at {sample_rate:g} Hz needs {count:.3g} taps; the limit is "
                f"{MAX_TAPS}: widen the transition."
            )

    def design(self, sample_rate: float) -> Tensor:
        """See `Finite`."""
        low, high = (edge[..., None] * (2 / sample_rate) for edge in (self.cutoff, self.upper))
        counts = self._counts(self.width, self.attenuation_db, sample_rate)
        index = torch.arange(max_count(counts), dtype=torch.float64, device=counts.device)
        middle = (counts[..., None] - 1) / 2
        place = index - middle
        # Taps behind the last one of a shorter example are 0; the width is in the graph, and its slope 0.
        inside = (index < counts[..., None]) + 0 * self.width[..., None]
        taper = kaiser(beta(self.attenuation_db)[..., None], (place / middle).clamp(-1, 1)) * inside
        return tapered(self.kind, low, high, place, taper)

    def _counts(self, width: Tensor, attenuation_db: Tensor, rate: float) -> Tensor:
        """How many taps each example has, `(...)`."""
        share = width.detach() * (2 / rate)
        counts = torch.ceil((attenuation_db.detach() - 7.95) / 2.285 / (math.pi * share) + 1)
        return counts + (1 - counts % 2) if self.kind in OPEN else counts


def beta(attenuation_db: Tensor) -> Tensor:
    """How strongly Kaiser's window must taper for an attenuation.

    >>> beta(torch.tensor(65.0, dtype=torch.float64)).item()
    6.20426
    """
    above = torch.where(attenuation_db > 21, attenuation_db - 21, 1.0)
    between = torch.where(attenuation_db > 21, 0.5842 * above**0.4 + 0.07886 * above, 0.0)
    return torch.where(attenuation_db > 50, 0.1102 * (attenuation_db - 8.7), between)
