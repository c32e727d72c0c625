"""`LeastSquares`: least-squares FIR design."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.filters.common import parameters
from fxlab.filters.common.lengths import MAX_SOLVED_TAPS, check_movable
from fxlab.filters.common.parameters import filter_kind, hertz, upper
from fxlab.filters.fir.linear_phase import FrequencySelective
from fxlab.filters.fir.transition import PASSBANDS, band_edges
from fxlab.filters.fir.weighted_squares import MAX_MOVING_TAPS, least_squares_taps


class LeastSquares(FrequencySelective):
    """A least-squares FIR filter: it minimizes the weighted squared error over passband and stopband.

    The squared error is integrated over frequency, in the stopband with the factor `weight`; the transition around an
    edge is unconstrained. The taps are those of `scipy.signal.firls`, which supports odd lengths only; even lengths are
    designed in the same way. The phase is linear. For other bands, use `MultibandLeastSquares`.

    If the equations are singular to working precision, which many taps and wide transitions cause, the solution of
    minimum norm is returned.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: An edge is not above 0 and below half the sample rate, `cutoff` is not below `upper` in a
            band-pass or band-stop, the number of taps is even for a high-pass or band-stop, there are more than 1001
            taps although a parameter moves, or another value is invalid.

    Source:
        I. W. Selesnick, Linear-phase FIR filter design by least squares, 2005.

    >>> made = LeastSquares(2000.0, taps=51, transition=0.1)  # from 1800 to 2200 Hz
    >>> [round(level, 1) for level in made.magnitude_db([1000.0, 2000.0, 4000.0], 8000 * 2).tolist()]
    [0.1, -5.8, -45.2]
    """

    cutoff = hertz("Edge, in the middle of the transition; of a band, the lower edge.", default=6000.0)
    taps = parameters.taps(61, high=81, at_most=MAX_SOLVED_TAPS)
    kind = filter_kind()
    transition = parameters.transition()
    weight = parameters.stopband_weight()
    upper = upper(12_000.0)

    def _check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` if a value is invalid, or a parameter moves and `taps` exceeds `MAX_MOVING_TAPS`."""
        super()._check(sample_rate)
        check_movable(self, MAX_MOVING_TAPS)

    def design(self, sample_rate: float) -> Tensor:
        """Return the taps, `(..., taps)`; see `Finite.design`."""
        passbands = torch.tensor(PASSBANDS[self.kind], dtype=torch.float64, device=self.cutoff.device)
        edges = band_edges(self.kind, self.cutoff, self.upper, self.transition, sample_rate)
        weights = torch.where(passbands > 0, 1.0, self.weight[..., None])
        return least_squares_taps(edges, torch.repeat_interleave(passbands, 2), weights, self.taps)
