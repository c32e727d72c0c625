"""`LogFilterBank`: bands of equal width on a logarithmic frequency axis."""

from __future__ import annotations

from torch import Tensor

from fxlab.filters.banks.spaced_bank import SpacedBank
from fxlab.filters.common.parameters import band_gains, band_order, hertz
from fxlab.module import Count


class LogFilterBank(SpacedBank):
    """A filter bank on a logarithmic frequency axis: every band spans the same musical interval.

    Each band is a Butterworth band-pass, −3 dB at its edges, where the adjacent bands begin. From order 2 on, the
    powers of the bands add up to about the power of the input between the centers of the lowest and the highest band.
    With an odd order from 3 on, the level of the sum of the bands differs from that of the input by less than 3 dB in
    this range, if `high` is below 0.4 of the sample rate; with an even order the sum has a notch or a peak where two
    bands meet.

    Shape:
        Input and output: `(..., channels, time)`; the bands: `(..., channels, bands, time)`.

    Raises:
        ParameterError: `low` is not below `high`, one is not above 0 and below half the sample rate, the number of
            gains is neither 1 nor the number of bands, or another value is invalid.

    >>> bank = LogFilterBank(100.0, 3200.0, 5)
    >>> bank.edges(sample_rate=16_000)[:, 0].round(decimals=6).tolist()
    [100.0, 200.0, 400.0, 800.0, 1600.0]
    """

    low = hertz("Lower edge of the lowest band.", default=40.0, high=500.0)
    high = hertz("Upper edge of the highest band.", default=10_240.0, low=1000.0)
    bands = Count(8, low=2, high=32, at_most=256, doc="Number of bands.")
    order = band_order(3)
    gains_db = band_gains()

    def _frequencies_at(self, positions: Tensor) -> Tensor:
        low, high = self.low[..., None], self.high[..., None]
        frequencies: Tensor = low * (high / low) ** (positions / self.bands)
        return frequencies
