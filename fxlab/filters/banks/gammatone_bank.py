"""`GammatoneBank`: fourth-order gammatone filters, a model of the filters of the inner ear."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.engine import frequency_response
from fxlab.filters.banks.bank import Bank
from fxlab.filters.common.ordering import check_ordered
from fxlab.filters.common.parameters import band_gains, hertz
from fxlab.filters.cookbook.biquad import section
from fxlab.module import Count

_EAR_Q, _MIN_BANDWIDTH = 9.26449, 24.7  # equivalent rectangular bandwidth in Hz: frequency / _EAR_Q + _MIN_BANDWIDTH


class GammatoneBank(Bank):
    """A bank of gammatone filters, a model of the filters of the inner ear.

    The centers are evenly spaced on the scale of equivalent rectangular bandwidths (ERB). Each filter is a gammatone of
    fourth order with the decay parameter b = 1.019 ERB, so that its equivalent rectangular bandwidth is about 1 ERB,
    and has a gain of 0 dB at its center. The bands overlap and their delays differ, so their sum does not reconstruct
    the input.

    Shape:
        Input and output: `(..., channels, time)`; the bands: `(..., channels, bands, time)`.

    Raises:
        ParameterError: `low` is not below `high`, one is not above 0 and below half the sample rate, the number of
            gains is neither 1 nor the number of bands, or another value is invalid.

    Source:
        M. Slaney, "An Efficient Implementation of the Patterson-Holdsworth Auditory Filter Bank", Apple Technical
        Report 35, 1993; B. R. Glasberg, B. C. J. Moore, "Derivation of auditory filter shapes from notched-noise
        data", 1990.

    >>> bank = GammatoneBank(low=100.0, high=4000.0, bands=4)
    >>> bank.centers(sample_rate=16_000).round(decimals=1).tolist()
    [100.0, 541.6, 1576.1, 4000.0]
    """

    low = hertz("Center of the lowest band.", default=80.0, high=500.0)
    high = hertz("Center of the highest band.", default=8000.0, low=1000.0)
    bands = Count(16, low=2, high=40, at_least=2, at_most=256, doc="Number of bands.")
    gains_db = band_gains()

    def _count(self, rate: float) -> int:
        number: int = self.bands
        return number

    def design(self, sample_rate: float) -> Tensor:
        """Return four sections for each band, all with the same poles, `(..., bands, 4, 6)`."""
        center = self.layout(sample_rate)[..., 1]
        w = 2 * math.pi / sample_rate * center
        radius = torch.exp(-2 * math.pi * 1.019 / sample_rate * bandwidth(center))
        sine, cosine = torch.sin(w), torch.cos(w)
        zero, one = torch.zeros_like(w), torch.ones_like(w)
        sections = []
        for sign, root in ((1, 1), (-1, 1), (1, -1), (-1, -1)):
            slope = cosine + sign * math.sqrt(3 + root * 2**1.5) * sine
            sections.append(section(one, -radius * slope, zero, one, -2 * radius * cosine, radius**2))
        sos = torch.cat(sections, -2)
        # The gain that normalizes the band to 0 dB at its center is split equally, in dB, among the four sections.
        level = frequency_response(sos, center[..., None], sample_rate)[..., 0].abs()
        numerators = sos[..., :3] / level[..., None, None] ** 0.25
        return torch.cat([numerators, sos[..., 3:]], -1)

    def layout(self, sample_rate: float) -> Tensor:
        """Return the lower edge, center and upper edge of each band in Hz, `(..., bands, 3)`.

        The edges lie half an equivalent rectangular bandwidth below and above the center, but not below 0 Hz or above
        half the sample rate.
        """
        low, high = (_EAR_Q * torch.log1p(f[..., None] / (_EAR_Q * _MIN_BANDWIDTH)) for f in (self.low, self.high))
        steps = torch.linspace(0, 1, self.bands, dtype=torch.float64, device=low.device)
        center = _EAR_Q * _MIN_BANDWIDTH * torch.expm1((low + (high - low) * steps) / _EAR_Q)
        half = bandwidth(center) / 2
        return torch.stack([(center - half).clamp(min=0.0), center, (center + half).clamp(max=sample_rate / 2)], -1)

    def _check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` if a value is invalid or `low` is not below `high`."""
        super()._check(sample_rate)
        check_ordered(self, "low", "high", "low must lie below high")


def bandwidth(frequency: Tensor) -> Tensor:
    """Return the equivalent rectangular bandwidth (ERB) in Hz of the auditory filter at a frequency in Hz.

    >>> round(bandwidth(torch.tensor(1000.0)).item(), 1)
    132.6
    """
    return frequency / _EAR_Q + _MIN_BANDWIDTH
