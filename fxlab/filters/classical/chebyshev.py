"""Chebyshev filters: steeper than Butterworth's, for a ripple on one side of the edge."""

from __future__ import annotations

from fxlab.filters.classical.classical import Classical
from fxlab.filters.classical.prototype import Prototype, chebyshev1, chebyshev2
from fxlab.filters.common.parameters import attenuation, filter_kind, hertz, order, ripple, upper


class Chebyshev1(Classical):
    """Let the level go up and down where it passes, by `ripple_db`, and fall the steeper beyond.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: An edge that is not above 0 and below half the sample rate, `cutoff` not below `upper` for a
            band, an order outside 1 to 24, a ripple that is not above 0.

    Source:
        P. L. Chebyshev's polynomials in A. V. Oppenheim, R. W. Schafer, Discrete-Time Signal Processing, appendix B;
        the digital design of `scipy.signal.cheby1`.

    >>> level = Chebyshev1(1000.0, order=5, ripple_db=0.5).response([1000.0], sample_rate=48_000).abs()
    >>> round(20 * level.log10().item(), 4)
    -0.5
    """

    cutoff = hertz("Edge, where the level leaves the ripple; for a band the lower one.")
    order = order()
    kind = filter_kind()
    ripple_db = ripple("How far the level goes down and up again where it passes.")
    upper = upper()

    def prototype(self) -> Prototype:
        """See `Classical`."""
        return chebyshev1(self.order, self.ripple_db)


class Chebyshev2(Classical):
    """Pass without ripple, and stay `attenuation_db` down beyond the edge, touching that level again and again.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: An edge that is not above 0 and below half the sample rate, `cutoff` not below `upper` for a
            band, an order outside 1 to 24, an attenuation that is not above 0.

    Source:
        As `Chebyshev1`; the digital design of `scipy.signal.cheby2`.

    >>> level = Chebyshev2(1000.0, order=5, attenuation_db=60.0).response([1000.0], sample_rate=48_000).abs()
    >>> round(20 * level.log10().item(), 4)
    -60.0
    """

    cutoff = hertz("Edge, where the attenuation is reached; for a band the lower one.")
    order = order()
    kind = filter_kind()
    attenuation_db = attenuation("How far down the level stays where it does not pass.")
    upper = upper()

    def prototype(self) -> Prototype:
        """See `Classical`."""
        return chebyshev2(self.order, self.attenuation_db)
