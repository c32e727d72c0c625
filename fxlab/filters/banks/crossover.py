"""A crossover: bands that sum flat."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor

from fxlab.engine import roots
from fxlab.engine.torch_support.known_values import all_true, any_true
from fxlab.errors import ParameterError
from fxlab.filters.banks.bank import Bank, in_hertz, scaled
from fxlab.filters.classical.bilinear import sections
from fxlab.filters.classical.prototype import butterworth
from fxlab.filters.common.parameters import band_gains
from fxlab.module import ArrayParam, Count
from fxlab.module.lti.cascades import existing_roots
from fxlab.module.parameters.active_values import use_values
from fxlab.module.parameters.broadcasting import broadcast_together


class Crossover(Bank):
    """Take a sound apart at some corners, so that the bands together are as loud as the whole at every frequency.

    Each corner is that of two Linkwitz-Riley filters, 6 dB down. The lower bands also pass the all-passes that the
    corners above are to the rest, so that all bands stay in phase: with all gains at 0 dB the sum is an all-pass.

    Shape:
        Input and output: `(..., channels, time)`; the bands: `(..., channels, bands, time)`.

    Raises:
        ParameterError: Corners that do not rise, or do not lie above 0 and below half the sample rate; an order that is
            no even number from 2 to 24; as many gains as there are neither bands nor one.

    Source:
        S. P. Lipshitz, J. Vanderkooy, "A Family of Linear-Phase Crossover Networks of High Slope", 1983; J. D'Appolito,
        "Active Realization of Multiway All-Pass Crossover Systems", 1987.

    >>> three = Crossover([200.0, 2000.0])
    >>> three.names(48_000)
    ['below 200 Hz', '200 Hz to 2 kHz', 'above 2 kHz']
    >>> three.response([20.0, 200.0, 1000.0, 5000.0], sample_rate=48_000).abs().round(decimals=9).tolist()
    [1.0, 1.0, 1.0, 1.0]
    """

    cutoffs = ArrayParam(
        [200.0, 2000.0],
        shape=("corners",),
        unit="Hz",
        low=20.0,
        high=20_000.0,
        scale="log",
        below="nyquist",
        role="frequency",
        doc="Corner frequencies, rising, −6 dB; one more band than there are of them.",
    )
    order = Count(
        4, low=2, high=24, at_least=2, at_most=24, multiple=2, doc="Poles; each makes a band 6 dB an octave steeper."
    )
    gains_db = band_gains()

    def _count(self, rate: float) -> int:
        return self.values()["cutoffs"].shape[-1] + 1

    def names(self, sample_rate: float | None = None) -> list[str]:
        """Each band by the corners that it lies between."""
        self._checked_rate(sample_rate)
        cutoffs = self.values()["cutoffs"]
        if cutoffs.ndim > 1:
            return super().names(sample_rate)
        words = [in_hertz(value) for value in cutoffs.tolist()]
        between = [f"{low} to {high}" for low, high in pairwise(words)]
        return [f"below {words[0]}", *between, f"above {words[-1]}"]

    def design(self, sample_rate: float) -> Tensor:
        """For every band a low-pass, a high-pass or an all-pass at each corner, `(..., bands, sections, 6)`."""
        half = self.order // 2
        corner = self.cutoffs
        low = sections(butterworth(half), "lowpass", corner, corner, sample_rate)
        high = sections(butterworth(half), "highpass", corner, corner, sample_rate)
        turn = _all_pass(low)
        plain = torch.zeros_like(turn)
        plain[..., 0] = plain[..., 3] = 1.0
        # The two halves of an odd order are in opposite phase: one is turned over.
        flip = torch.tensor([(-1.0) ** half] * 3 + [1.0] * 3, dtype=torch.float64, device=high.device)
        high = torch.cat([high[..., :1, :] * flip, high[..., 1:, :], high], -2)
        low, turn = torch.cat([low, low], -2), torch.cat([turn, plain], -2)
        last = low.shape[-3]
        bands = []
        for band in range(last + 1):
            here = [low[..., band : band + 1, :, :]] if band < last else []
            bands.append(torch.cat([high[..., :band, :, :], *here, turn[..., band + 1 :, :, :]], -3))
        return torch.stack(bands, -4).flatten(-3, -2)

    def layout(self, sample_rate: float) -> Tensor:
        """See `Bank`."""
        inner = self.cutoffs
        nothing = torch.zeros_like(inner[..., :1])
        low, high = torch.cat([nothing, inner], -1), torch.cat([inner, nothing + sample_rate / 2], -1)
        # A band that begins at 0 has no middle on a log axis: it gets the one of its octave below the corner.
        start = torch.where(low > 0, low, high / 2)
        return torch.stack([low, torch.sqrt(start * high), high], -1)

    def check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` where a value is not valid, or not at this sample rate, or not beside another."""
        super().check(sample_rate)
        cutoffs = self.values()["cutoffs"].detach()
        wrong = cutoffs[..., 1:] <= cutoffs[..., :-1]
        if not any_true(wrong):
            return
        place = tuple(wrong.nonzero()[0].tolist())
        first, second = cutoffs[..., :-1][place].item(), cutoffs[..., 1:][place].item()
        raise ParameterError(
            f"{self._name()}: cutoffs has {second:g} Hz after {first:g} Hz; they must rise from each to the next. "
            "Sort them."
        )

    # -- the sum ------------------------------------------------------------------------------------------------

    def _flat(self) -> bool:
        """Whether all bands have the same gain, so that the sum is the all-passes of the corners and no more."""
        gains = self.values()["gains_db"].detach()
        return gains.shape[-1] == 1 or all_true(gains == gains[..., :1])

    def _all_passes(self, rate: float) -> Tensor:
        """The sum, where it is flat, without what cancels: `(..., sections, 6)`."""
        with use_values(self, broadcast_together(self.values(), self.ranks)):
            cutoffs, gain = self.cutoffs, 10 ** (self.gains_db[..., :1, None, None] / 20)
        rows = _all_pass(sections(butterworth(self.order // 2), "lowpass", cutoffs, cutoffs, rate)).flatten(-3, -2)
        return scaled(rows, gain.squeeze(-3))

    def _sos(self, rate: float) -> Tensor:
        return self._all_passes(rate) if self._flat() else super()._sos(rate)

    def _roots(self, rate: float) -> tuple[Tensor, Tensor]:
        if not self._flat():
            return super()._roots(rate)
        zeros, poles = roots(self._all_passes(rate))
        return existing_roots(zeros), existing_roots(poles)

    def _poles(self, rate: float) -> Tensor:
        return self._roots(rate)[1] if self._flat() else super()._poles(rate)


def _all_pass(rows: Tensor) -> Tensor:
    """The all-pass with the poles of `rows`: the denominator turned round over itself."""
    a1, a2 = rows[..., 4], rows[..., 5]
    one, nil, first = torch.ones_like(a1), torch.zeros_like(a1), a2 == 0
    above = torch.stack([torch.where(first, a1, a2), torch.where(first, one, a1), torch.where(first, nil, one)], -1)
    return torch.cat([above, rows[..., 3:]], -1)
