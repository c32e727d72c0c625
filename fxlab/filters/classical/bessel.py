"""`Bessel`: filters with a maximally flat group delay."""

from __future__ import annotations

from fxlab.filters.classical.classical import Classical
from fxlab.filters.classical.prototype import Prototype, bessel
from fxlab.filters.common.parameters import filter_kind, hertz, order, upper
from fxlab.module import Choice


class Bessel(Classical):
    """A Bessel filter: its group delay is maximally flat, so that pulses in the passband keep their shape.

    This holds for a low-pass, and with the bilinear transform only well below half the sample rate.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: An edge is not above 0 and below half the sample rate, `cutoff` is not below `upper` in a
            band-pass or band-stop, or the order is not from 1 to 24.

    Source:
        W. E. Thomson, Delay Networks Having Maximally Flat Frequency Characteristics, 1949; the digital design of
        `scipy.signal.bessel`.

    >>> round(Bessel(1000.0, norm="mag").response([1000.0], sample_rate=48_000).abs().item(), 4)
    0.7071
    """

    cutoff = hertz("Edge as norm defines it; of a band, the lower edge.")
    order = order()
    kind = filter_kind()
    norm = Choice(
        "phase",
        ("phase", "delay", "mag"),
        doc="Meaning of the edge: midpoint of the phase, inverse of the delay at 0 Hz, or −3 dB.",
    )
    upper = upper()

    def prototype(self) -> Prototype:
        """Return the analog prototype; see `Classical.prototype`."""
        return bessel(self.order, self.norm)

    def _scipy_type(self) -> str:
        return f"bessel_{self.norm}"
