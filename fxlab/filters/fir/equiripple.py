"""`Equiripple`: minimax FIR design by the Parks-McClellan algorithm."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.engine.torch_support.known_values import plain_numbers
from fxlab.filters.common import parameters
from fxlab.filters.common.lengths import MAX_SOLVED_TAPS, check_movable
from fxlab.filters.common.parameters import filter_kind, hertz, upper
from fxlab.filters.fir.linear_phase import FrequencySelective
from fxlab.filters.fir.minimax.specification import Specification
from fxlab.filters.fir.remez import MAX_MOVING_TAPS, equiripple_taps, taps_of
from fxlab.filters.fir.transition import PASSBANDS, band_edges, plain_band_edges


class Equiripple(FrequencySelective):
    """An equiripple FIR filter: it minimizes the maximum error (Parks and McClellan, `scipy.signal.remez`).

    The ripple is constant over the passband and, divided by `weight`, over the stopband; the transition around an edge
    is unconstrained. The phase is linear. First derivatives of the taps are exact. Where the smallest possible ripple
    is below rounding errors, about -260 dB, the outer taps are 0.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: An edge is not above 0 and below half the sample rate, `cutoff` is not below `upper` in a
            band-pass or band-stop, the number of taps is even for a high-pass or band-stop, there are more than 201
            taps although a parameter moves, another value is invalid, or no filter is found, for example with an
            extreme weight.

    Source:
        J. H. McClellan, T. W. Parks, A unified approach to the design of optimum FIR linear phase digital filters,
        1973.

    >>> made = Equiripple(6000.0, taps=61)  # from 5280 to 6720 Hz
    >>> made.magnitude_db([6720.0, 24_000.0], sample_rate=48_000).round(decimals=3).tolist()
    [-37.934, -37.934]
    """

    cutoff = hertz("Edge, in the middle of the transition; of a band, the lower edge.", default=6000.0)
    taps = parameters.taps(61, high=81, at_least=3, at_most=MAX_SOLVED_TAPS)
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
        passes, device = PASSBANDS[self.kind], self.cutoff.device
        levels = tuple(float(passed) for passed in passes for _ in range(2))
        numbers = plain_numbers(self.cutoff, self.upper, self.transition, self.weight)
        if numbers is not None:
            cutoff, upper, transition, weight = numbers
            bounds = plain_band_edges(self.kind, cutoff, upper, transition, sample_rate)
            relative = tuple(1.0 if passed else weight for passed in passes)
            return taps_of(Specification(self.taps, "magnitude", bounds, levels, relative))
        gains = torch.tensor(levels, dtype=torch.float64, device=device)
        edges = band_edges(self.kind, self.cutoff, self.upper, self.transition, sample_rate)
        weights = torch.where(torch.tensor(passes, device=device), 1.0, self.weight[..., None])
        return equiripple_taps(edges, gains, weights, self.taps, "magnitude")
