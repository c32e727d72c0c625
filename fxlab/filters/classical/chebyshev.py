"""`Chebyshev1` and `Chebyshev2`: steeper than Butterworth filters of the same order, with ripple in one band."""

from __future__ import annotations

from fxlab.filters.classical.classical import Classical
from fxlab.filters.classical.prototype import Prototype, chebyshev1, chebyshev2
from fxlab.filters.common.parameters import attenuation, filter_kind, hertz, order, ripple, upper


class Chebyshev1(Classical):
    """A Chebyshev filter of type I: a ripple of `ripple_db` in the passband and a stopband without ripple.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: An edge is not above 0 and below half the sample rate, `cutoff` is not below `upper` in a
            band-pass or band-stop, the order is not from 1 to 24, or the ripple is not above 0.

    Source:
        P. L. Chebyshev's polynomials in A. V. Oppenheim, R. W. Schafer, Discrete-Time Signal Processing, appendix B;
        the digital design of `scipy.signal.cheby1`.

    >>> level = Chebyshev1(1000.0, order=5, ripple_db=0.5).response([1000.0], sample_rate=48_000).abs()
    >>> round(20 * level.log10().item(), 4)
    -0.5
    """

    cutoff = hertz("Edge, where the level leaves the ripple; of a band, the lower edge.")
    order = order()
    kind = filter_kind()
    ripple_db = ripple("Ripple in the passband.")
    upper = upper()

    def prototype(self) -> Prototype:
        """Return the analog prototype; see `Classical.prototype`."""
        return chebyshev1(self.order, self.ripple_db)

    def _scipy_type(self) -> str:
        return "cheby1"


class Chebyshev2(Classical):
    """A Chebyshev filter of type II: a passband without ripple and a stopband with ripples up to −`attenuation_db`.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: An edge is not above 0 and below half the sample rate, `cutoff` is not below `upper` in a
            band-pass or band-stop, the order is not from 1 to 24, or the attenuation is not above 0.

    Source:
        See `Chebyshev1`; the digital design of `scipy.signal.cheby2`.

    >>> level = Chebyshev2(1000.0, order=5, attenuation_db=60.0).response([1000.0], sample_rate=48_000).abs()
    >>> round(20 * level.log10().item(), 4)
    -60.0
    """

    cutoff = hertz("Edge, where the attenuation is reached; of a band, the lower edge.")
    order = order()
    kind = filter_kind()
    attenuation_db = attenuation("Attenuation in the stopband.")
    upper = upper()

    def prototype(self) -> Prototype:
        """Return the analog prototype; see `Classical.prototype`."""
        return chebyshev2(self.order, self.attenuation_db)

    def _scipy_type(self) -> str:
        return "cheby2"
