"""`Crossover`: Linkwitz-Riley bands whose sum has a flat magnitude response."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor

from fxlab.engine import roots
from fxlab.engine.torch_support.known_values import all_true
from fxlab.filters.banks.bank import Bank, apply_gain, format_frequency
from fxlab.filters.classical.bilinear import sections
from fxlab.filters.classical.prototype import butterworth
from fxlab.filters.common.ordering import check_ascending
from fxlab.filters.common.parameters import band_gains
from fxlab.module import ArrayParam, Count
from fxlab.module.lti.cascades import existing_roots
from fxlab.module.parameters.active_values import use_values
from fxlab.module.parameters.broadcasting import broadcast_together


class Crossover(Bank):
    """A crossover: it splits a signal at its corner frequencies into bands whose sum has a flat magnitude response.

    Each corner separates two bands by a Linkwitz-Riley low-pass and high-pass, which are 6 dB down at the corner and
    sum to an all-pass. (At orders 2, 6, 10, … the high-pass is inverted.) All lower bands pass through the same
    all-pass, so that the bands stay in phase. With all gains at 0 dB the sum of the bands is an all-pass.

    Shape:
        Input and output: `(..., channels, time)`; the bands: `(..., channels, bands, time)`.

    Raises:
        ParameterError: The corners are not in strictly ascending order, or one is not above 0 and below half the sample
            rate; the order is not an even number from 2 to 24; the number of gains is neither 1 nor the number of
            bands.

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
        doc="Corner frequencies, −6 dB, in ascending order; there is one more band than corners.",
    )
    order = Count(
        4, low=2, high=24, at_least=2, at_most=24, multiple=2, doc="Number of poles; each adds 6 dB per octave."
    )
    gains_db = band_gains()

    def _count(self, rate: float) -> int:
        return self.values()["cutoffs"].shape[-1] + 1

    def names(self, sample_rate: float | None = None) -> list[str]:
        """Return the name of each band: its corner frequencies, or `"band 1"`, … if the corners are batched."""
        self._checked_rate(sample_rate)
        cutoffs = self.values()["cutoffs"]
        if cutoffs.ndim > 1:
            return super().names(sample_rate)
        corners = [format_frequency(value) for value in cutoffs.tolist()]
        between = [f"{low} to {high}" for low, high in pairwise(corners)]
        return [f"below {corners[0]}", *between, f"above {corners[-1]}"]

    def design(self, sample_rate: float) -> Tensor:
        """Return the sections of every band, `(..., bands, sections, 6)`.

        A band is a low-pass at its upper corner, in series with high-passes at all corners below and all-passes at all
        corners above.
        """
        half = self.order // 2
        corner = self.cutoffs
        low = sections(butterworth(half), "lowpass", corner, corner, sample_rate)
        high = sections(butterworth(half), "highpass", corner, corner, sample_rate)
        all_pass = _all_pass(low)
        identity = torch.zeros_like(all_pass)
        identity[..., 0] = identity[..., 3] = 1.0
        # If half the order is odd, the low-pass and the high-pass are in opposite phase, so the high-pass is inverted.
        sign = torch.tensor([(-1.0) ** half] * 3 + [1.0] * 3, dtype=torch.float64, device=high.device)
        high = torch.cat([high[..., :1, :] * sign, high[..., 1:, :], high], -2)
        low, all_pass = torch.cat([low, low], -2), torch.cat([all_pass, identity], -2)
        last = low.shape[-3]
        bands = []
        for band in range(last + 1):
            upper_edge = [low[..., band : band + 1, :, :]] if band < last else []
            bands.append(torch.cat([high[..., :band, :, :], *upper_edge, all_pass[..., band + 1 :, :, :]], -3))
        return torch.stack(bands, -4).flatten(-3, -2)

    def layout(self, sample_rate: float) -> Tensor:
        """Return the lower edge, center and upper edge of each band in Hz, `(..., bands, 3)`.

        The center is the geometric mean of the edges; for the lowest band, which begins at 0 Hz, it is the geometric
        mean of half the upper edge and the upper edge.
        """
        corners = self.cutoffs
        zero = torch.zeros_like(corners[..., :1])
        low, high = torch.cat([zero, corners], -1), torch.cat([corners, zero + sample_rate / 2], -1)
        # A band that starts at 0 Hz has no center on a logarithmic axis; it gets the center of the octave below its
        # corner.
        start = torch.where(low > 0, low, high / 2)
        return torch.stack([low, torch.sqrt(start * high), high], -1)

    def _check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` if a value is invalid or the corners are not in ascending order."""
        super()._check(sample_rate)
        check_ascending(self, "cutoffs")

    # -- the sum ------------------------------------------------------------------------------------------------

    def _is_flat(self) -> bool:
        """Return whether all bands have the same gain, so that their sum is the cascade of one all-pass per corner."""
        gains = self.values()["gains_db"].detach()
        return gains.shape[-1] == 1 or all_true(gains == gains[..., :1])

    def _all_passes(self, rate: float) -> Tensor:
        """Return the sections of the sum of bands of equal gain, `(..., sections, 6)`: an all-pass for each corner."""
        with use_values(self, broadcast_together(self.values(), self.ranks)):
            cutoffs, gain = self.cutoffs, 10 ** (self.gains_db[..., :1, None, None] / 20)
        sos = _all_pass(sections(butterworth(self.order // 2), "lowpass", cutoffs, cutoffs, rate)).flatten(-3, -2)
        return apply_gain(sos, gain.squeeze(-3))

    def _sos(self, rate: float) -> Tensor:
        return self._all_passes(rate) if self._is_flat() else super()._sos(rate)

    def _roots(self, rate: float) -> tuple[Tensor, Tensor]:
        if not self._is_flat():
            return super()._roots(rate)
        zeros, poles = roots(self._all_passes(rate))
        return existing_roots(zeros), existing_roots(poles)

    def _poles(self, rate: float) -> Tensor:
        return self._roots(rate)[1] if self._is_flat() else super()._poles(rate)


def _all_pass(sos: Tensor) -> Tensor:
    """Return all-pass sections with the poles of `sos`: each numerator is the reversed denominator."""
    a1, a2 = sos[..., 4], sos[..., 5]
    one, zero, is_first_order = torch.ones_like(a1), torch.zeros_like(a1), a2 == 0
    b0, b1 = torch.where(is_first_order, a1, a2), torch.where(is_first_order, one, a1)
    b2 = torch.where(is_first_order, zero, one)
    return torch.cat([torch.stack([b0, b1, b2], -1), sos[..., 3:]], -1)
