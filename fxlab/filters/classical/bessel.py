"""Bessel filters: the shape of a signal is kept where they pass."""

from __future__ import annotations

from fxlab.filters.classical.classical import Classical
from fxlab.filters.classical.prototype import Prototype, bessel
from fxlab.filters.common.parameters import filter_kind, hertz, order, upper
from fxlab.module import Choice


class Bessel(Classical):
    """Delay what passes by the same time at all frequencies, as nearly as so many poles can; a pulse stays a pulse.

    The bilinear transform keeps that only well below half the sample rate.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: An edge that is not above 0 and below half the sample rate, `cutoff` not below `upper` for a
            band, an order outside 1 to 24.

    Source:
        W. E. Thomson, Delay Networks Having Maximally Flat Frequency Characteristics, 1949; the digital design of
        `scipy.signal.bessel`.

    >>> round(Bessel(1000.0, norm="mag").response([1000.0], sample_rate=48_000).abs().item(), 4)
    0.7071
    """

    cutoff = hertz("Edge, in the sense of norm; for a band the lower one.")
    order = order()
    kind = filter_kind()
    norm = Choice(
        "phase",
        ("phase", "delay", "mag"),
        doc="What the edge is: where the phase is halfway, the inverse of the delay at 0 Hz, or −3 dB.",
    )
    upper = upper()

    def prototype(self) -> Prototype:
        """See `Classical`."""
        return bessel(self.order, self.norm)
