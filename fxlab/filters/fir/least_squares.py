"""A finite impulse response with the least squared error."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.engine.torch_support.known_values import any_true
from fxlab.errors import ParameterError
from fxlab.filters.common import parameters
from fxlab.filters.common.lengths import MAX_SOLVED_TAPS
from fxlab.filters.common.parameters import filter_kind, hertz, upper
from fxlab.filters.fir.linear_phase import LinearPhase
from fxlab.filters.fir.transition import WANTED, band_edges, cosines, mirrored

LEAST = 1e-5  # of the largest pivot of Cholesky's, about the square root of how many digits are left


class LeastSquares(LinearPhase):
    """Come as close to the ideal as a number of taps can, in the squared error over all that passes and is stopped.

    What lies in the transition around an edge is left to itself. The taps are those of `scipy.signal.firls`, which
    makes odd lengths; even ones are made likewise. All frequencies are delayed alike.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: An edge that is not above 0 and below half the sample rate, `cutoff` not below `upper` for a
            band, an even number of taps for a high-pass or band-stop, or so many taps for so wide a transition that
            the error hardly depends on them any more.

    Source:
        I. W. Selesnick, Linear-phase FIR filter design by least squares, 2005.

    >>> made = LeastSquares(2000.0, taps=51, transition=0.1)  # from 1800 to 2200 Hz
    >>> [round(level, 1) for level in made.magnitude_db([1000.0, 2000.0, 4000.0], 8000 * 2).tolist()]
    [0.1, -5.8, -45.2]
    """

    cutoff = hertz("Edge in the middle of the transition; for a band the lower one.", default=6000.0)
    taps = parameters.taps(61, high=81, at_most=MAX_SOLVED_TAPS)
    kind = filter_kind()
    transition = parameters.transition()
    weight = parameters.stopband_weight()
    upper = upper(12_000.0)

    def design(self, sample_rate: float) -> Tensor:
        """See `Finite`."""
        edges = band_edges(self.kind, self.cutoff, self.upper, self.transition, sample_rate)
        wanted = torch.tensor(WANTED[self.kind], device=edges.device)
        over = _integral(edges, torch.arange(self.taps, dtype=torch.float64, device=edges.device))
        weighted = over * torch.where(wanted, 1.0, self.weight[..., None])[..., None]
        total = weighted.sum(-2)
        order = cosines(self.taps, edges.device)
        near, far = (order[:, None] - order).abs().long(), (order[:, None] + order).long()
        factor, failed = torch.linalg.cholesky_ex((total[..., near] + total[..., far]) / 2)
        self._determined(factor, failed)
        ideal = (_integral(edges, order) * wanted[:, None]).sum(-2)
        return mirrored(torch.cholesky_solve(ideal[..., None], factor)[..., 0], self.taps)

    def _determined(self, factor: Tensor, failed: Tensor) -> None:
        """Refuse taps that rounding would decide."""
        pivots = factor.detach().diagonal(dim1=-2, dim2=-1)
        sound = ~failed.bool() & (pivots.amin(-1) > LEAST * pivots.amax(-1))
        if any_true(~sound):
            raise ParameterError(
                f"LeastSquares: with {self.taps} taps and a transition of {self.transition.detach().max().item():g} "
                "the error hardly depends on the taps any more, and rounding would decide on them; take fewer taps or "
                "a narrower transition."
            )


def _integral(edges: Tensor, order: Tensor) -> Tensor:
    """Of cos(pi order f) over each band, `(..., bands, orders)`."""
    up_to = edges[..., None] * torch.sinc(order * edges[..., None])
    return up_to[..., 1::2, :] - up_to[..., 0::2, :]
