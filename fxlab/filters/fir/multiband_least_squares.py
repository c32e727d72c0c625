"""`MultibandLeastSquares`: least-squares FIR design for any bands."""

from __future__ import annotations

from torch import Tensor

from fxlab.filters.fir.bands import Bands
from fxlab.filters.fir.weighted_squares import least_squares_taps


class MultibandLeastSquares(Bands):
    """A least-squares FIR filter for any bands: it minimizes the weighted squared error over them.

    The response between the bands is free. The taps are those of `scipy.signal.firls`, which supports odd lengths only;
    even lengths are designed in the same way. The phase is linear. For a single low-pass, high-pass, band-pass or
    band-stop, `LeastSquares` is simpler to specify.

    If the equations are singular to working precision, which many taps and wide gaps between the bands cause, the
    solution of minimum norm is returned.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: The edges are not in ascending order, a band has no width, or an edge is below 0 or above half
            the sample rate; the number of gains or weights does not fit that of the bands; the number of taps is even
            and the gain at half the sample rate is not 0; or another value is invalid.

    Source:
        I. W. Selesnick, Linear-phase FIR filter design by least squares, 2005.

    >>> made = MultibandLeastSquares([0, 2000, 3000, 9000, 10_000], [1.0, 1.0, 0.0, 0.0, 0.5, 1.0], taps=101)
    >>> made.response([1000.0, 5000.0, 17_000.0], sample_rate=48_000).abs().round(decimals=2).tolist()
    [1.01, 0.0, 0.75]
    """

    def design(self, sample_rate: float) -> Tensor:
        """Return the taps, `(..., taps)`; see `Finite.design`."""
        return least_squares_taps(*self.specification(sample_rate), self.taps)
