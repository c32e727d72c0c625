"""`Kaiser`: a Kaiser-window FIR filter, specified by attenuation and transition width."""

from __future__ import annotations

import math
from typing import ClassVar

import torch
from torch import Tensor

from fxlab.engine.torch_support.known_values import any_true
from fxlab.errors import ParameterError
from fxlab.filters.common.edges import Edges
from fxlab.filters.common.lengths import MAX_TAPS, max_count
from fxlab.filters.common.parameters import filter_kind, hertz, upper
from fxlab.filters.fir.linear_phase import PASSES_NYQUIST, windowed_ideal
from fxlab.filters.fir.window import kaiser
from fxlab.module import Finite, Param
from fxlab.module.parameters.broadcasting import broadcast_together


class Kaiser(Edges, Finite):
    """A Kaiser-window FIR filter whose length follows from its attenuation and transition width.

    The taps are those of `scipy.signal.kaiserord` with `firwin`. A high-pass or band-stop has one tap more if the
    formula gives an even number. Kaiser's formulas are estimates: the actual attenuation may be less, by up to about
    3 dB from 30 to 130 dB, and by up to about 20 dB towards 8 and 300 dB. The phase is linear, with a delay of
    (taps − 1) / 2 samples.

    The length is an integer, so the gradient with respect to `width` is 0, and the gradients with respect to
    `attenuation_db` and the edges are computed at constant length. Each example of a batch has its own length and
    delay.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: An edge is not above 0 and below half the sample rate, `cutoff` is not below `upper` in a
            band-pass or band-stop, the width is not above 0 or needs more than 2^20 taps, or the attenuation is below 8
            or above 300 dB.

    Source:
        J. F. Kaiser, Nonrecursive digital filter design using the I0-sinh window function, 1974.

    >>> Kaiser(1000.0, width=24 / 500 * 24_000, attenuation_db=65.0).kernel(48_000).shape
    torch.Size([167])
    """

    cutoff = hertz("Edge, in the middle of the transition, −6 dB; of a band, the lower edge.")
    width = Param(
        2500.0,
        low=100.0,
        high=10_000.0,
        unit="Hz",
        scale="log",
        doc="Width of the transition at each edge; half the width needs twice the taps.",
    )
    attenuation_db = Param(
        60.0,
        low=30.0,
        high=120.0,
        unit="dB",
        at_least=8.0,
        at_most=300.0,
        advice="WindowedSinc(window='boxcar') has about 21 dB; float64 taps reach 290 dB at most.",
        doc="Attenuation in the stopband.",
    )
    kind = filter_kind()
    upper = upper()

    fixed_parameters: ClassVar[dict[str, str]] = dict.fromkeys(
        ("width", "attenuation_db"), "its number of taps would change over time."
    )

    def _check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` if a value is invalid, or the width needs too many taps."""
        super()._check(sample_rate)
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
        """Return the taps, `(..., taps)`; see `Finite.design`.

        Shorter filters of a batch are padded with zeros at the end.
        """
        low, high = (edge[..., None] * (2 / sample_rate) for edge in (self.cutoff, self.upper))
        counts = self._counts(self.width, self.attenuation_db, sample_rate)
        index = torch.arange(max_count(counts, "Kaiser"), dtype=torch.float64, device=counts.device)
        middle = (counts[..., None] - 1) / 2
        place = index - middle
        # Shorter examples are padded with 0. The width stays in the autograd graph, with a gradient of 0.
        inside = (index < counts[..., None]) + 0 * self.width[..., None]
        taper = kaiser(kaiser_beta(self.attenuation_db)[..., None], (place / middle).clamp(-1, 1)) * inside
        return windowed_ideal(self.kind, low, high, place, taper)

    def _counts(self, width: Tensor, attenuation_db: Tensor, rate: float) -> Tensor:
        """Return the number of taps of each example, `(...)`."""
        fraction = width.detach() * (2 / rate)
        counts = torch.ceil((attenuation_db.detach() - 7.95) / 2.285 / (math.pi * fraction) + 1)
        return counts + (1 - counts % 2) if self.kind in PASSES_NYQUIST else counts


def kaiser_beta(attenuation_db: Tensor) -> Tensor:
    """Return the parameter beta of the Kaiser window for a stopband attenuation in dB, as SciPy's `kaiser_beta`.

    >>> kaiser_beta(torch.tensor(65.0, dtype=torch.float64)).item()
    6.20426
    """
    excess = torch.where(attenuation_db > 21, attenuation_db - 21, 1.0)
    between = torch.where(attenuation_db > 21, 0.5842 * excess**0.4 + 0.07886 * excess, 0.0)
    return torch.where(attenuation_db > 50, 0.1102 * (attenuation_db - 8.7), between)
