"""`Butterworth`: filters with a maximally flat magnitude."""

from __future__ import annotations

from fxlab.filters.classical.classical import Classical
from fxlab.filters.classical.prototype import Prototype, butterworth
from fxlab.filters.common.parameters import filter_kind, hertz, order, upper


class Butterworth(Classical):
    """A Butterworth filter: maximally flat passband, −3 dB at the edges, slopes of 6 dB per octave times the order.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: An edge is not above 0 and below half the sample rate, `cutoff` is not below `upper` in a
            band-pass or band-stop, or the order is not from 1 to 24.

    Source:
        S. Butterworth, On the Theory of Filter Amplifiers, 1930; the digital design of `scipy.signal.butter`.

    >>> round(Butterworth(1000.0, order=8).response([1000.0], sample_rate=48_000).abs().item(), 4)
    0.7071
    >>> Butterworth((300.0, 3400.0), order=3, kind="bandpass").sos(8000).shape
    torch.Size([3, 6])
    """

    cutoff = hertz("Edge, −3 dB; of a band, the lower edge.")
    order = order()
    kind = filter_kind()
    upper = upper()

    def prototype(self) -> Prototype:
        """Return the analog prototype; see `Classical.prototype`."""
        return butterworth(self.order)

    def _scipy_type(self) -> str:
        return "butter"
