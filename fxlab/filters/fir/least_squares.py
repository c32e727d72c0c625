"""`LeastSquares`: least-squares FIR design."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from fxlab.engine.torch_support.known_values import any_true
from fxlab.errors import ParameterError
from fxlab.filters.common import parameters
from fxlab.filters.common.lengths import MAX_SOLVED_TAPS
from fxlab.filters.common.parameters import filter_kind, hertz, upper
from fxlab.filters.fir.linear_phase import LinearPhase
from fxlab.filters.fir.transition import PASSBANDS, band_edges, cosine_orders, symmetric_taps

MIN_PIVOT = 1e-5  # relative to the largest pivot of the Cholesky factorisation: below this, too few digits are accurate


class LeastSquares(LinearPhase):
    """A least-squares FIR filter: it minimises the squared error over passband and stopband.

    The transition around an edge is unconstrained. The taps are those of `scipy.signal.firls`, which supports odd
    lengths only; even lengths are designed in the same way. The phase is linear.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: An edge is not above 0 and below half the sample rate, `cutoff` is not below `upper` for a
            band, the number of taps is even for a high-pass or band-stop, or taps and transition are so large that
            the equations are singular.

    Source:
        I. W. Selesnick, Linear-phase FIR filter design by least squares, 2005.

    >>> made = LeastSquares(2000.0, taps=51, transition=0.1)  # from 1800 to 2200 Hz
    >>> [round(level, 1) for level in made.magnitude_db([1000.0, 2000.0, 4000.0], 8000 * 2).tolist()]
    [0.1, -5.8, -45.2]
    """

    cutoff = hertz("Edge, in the middle of the transition; the lower one of a band.", default=6000.0)
    taps = parameters.taps(61, high=81, at_most=MAX_SOLVED_TAPS)
    kind = filter_kind()
    transition = parameters.transition()
    weight = parameters.stopband_weight()
    upper = upper(12_000.0)

    fixed_parameters: ClassVar[dict[str, str]] = dict.fromkeys(
        ("cutoff", "upper", "transition", "weight"),
        "a design takes too long to be repeated. Use WindowedSinc.",
    )

    def design(self, sample_rate: float) -> Tensor:
        """Return the taps; see `Finite`."""
        edges = band_edges(self.kind, self.cutoff, self.upper, self.transition, sample_rate)
        is_passband = torch.tensor(PASSBANDS[self.kind], device=edges.device)
        integrals = _cosine_integrals(edges, torch.arange(self.taps, dtype=torch.float64, device=edges.device))
        weighted = integrals * torch.where(is_passband, 1.0, self.weight[..., None])[..., None]
        total = weighted.sum(-2)
        order = cosine_orders(self.taps, edges.device)
        difference, total_order = (order[:, None] - order).abs().long(), (order[:, None] + order).long()
        factor, failed = torch.linalg.cholesky_ex((total[..., difference] + total[..., total_order]) / 2)
        self._check_determined(factor, failed)
        ideal = (_cosine_integrals(edges, order) * is_passband[:, None]).sum(-2)
        return symmetric_taps(torch.cholesky_solve(ideal[..., None], factor)[..., 0], self.taps)

    def _check_determined(self, factor: Tensor, failed: Tensor) -> None:
        """Raise a `ParameterError` if the equations are singular to working precision."""
        pivots = factor.detach().diagonal(dim1=-2, dim2=-1)
        solvable = ~failed.bool() & (pivots.amin(-1) > MIN_PIVOT * pivots.amax(-1))
        if any_true(~solvable):
            raise ParameterError(
                f"LeastSquares: with {self.taps} taps and a transition of {self.transition.detach().max().item():g} "
                "the error hardly depends on the taps, so rounding would determine them; use fewer taps or a narrower "
                "transition."
            )


def _cosine_integrals(edges: Tensor, order: Tensor) -> Tensor:
    """Return the integrals of cos(pi order f) over each band, `(..., bands, orders)`."""
    antiderivative = edges[..., None] * torch.sinc(order * edges[..., None])
    return antiderivative[..., 1::2, :] - antiderivative[..., 0::2, :]
