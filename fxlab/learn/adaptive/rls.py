"""`RLS`: recursive least squares."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.learn.adaptive.adaptive_filter import AdaptiveFilter, AdaptiveState
from fxlab.module import Param

GROWTH = 1e6
"""The largest diagonal element of the inverse correlation matrix before a block, relative to its first value."""


class RLS(AdaptiveFilter):
    """Recursive least squares: at each sample the taps minimize the weighted sum of all squared errors so far.

    The squared error of `n` samples ago has the weight `forgetting**n`. The sum includes `regularization` times the
    squared norm of the taps, multiplied by `forgetting` at each sample. The work per sample grows with the square of
    `taps`. The taps converge in about `2 * taps` samples, largely independent of the spectrum of the reference.

    So that the inverse correlation matrix does not grow without bound while the reference is silent, it is scaled down
    before each block of up to 64 samples until no diagonal element exceeds `1e6 / regularization`.

    Source:
        S. Haykin, Adaptive Filter Theory, 5th ed., 2014, ch. 10; A. H. Sayed, T. Kailath, "A state-space approach to
        adaptive RLS filtering", IEEE Signal Processing Magazine 11(3), 1994.

    >>> import torch
    >>> x = torch.randn(100, generator=torch.Generator().manual_seed(0))
    >>> desired = 0.5 * x + 0.25 * torch.cat([torch.zeros(1), x[:-1]])
    >>> found = RLS(taps=2).adapt(torch.stack([x, desired]), sample_rate=8000)
    >>> found.weights.round(decimals=3)
    tensor([0.5000, 0.2500])
    """

    forgetting = Param(
        0.999, low=0.9, high=1.0, above=0.0, at_most=1.0, doc="Weight of an error relative to the next one."
    )
    regularization = Param(
        0.01, low=1e-4, high=10.0, scale="log", doc="Diagonal of the correlation matrix at the start."
    )

    def adapt_block(
        self, rows: Tensor, desired: Tensor, state: AdaptiveState, settings: dict[str, Tensor]
    ) -> tuple[Tensor, AdaptiveState]:
        """Return the errors of a block and the state after it; see `AdaptiveFilter.adapt_block`."""
        inverse = state.memory
        if inverse is None:
            identity = torch.eye(self.taps, dtype=rows.dtype, device=rows.device)
            inverse = identity / _first(settings["regularization"])[..., None, None]
            inverse = inverse.expand(*rows.shape[:-2], self.taps, self.taps)
        # While the reference is silent, division by the forgetting factors would let the inverse grow without bound.
        bound = GROWTH / _first(settings["regularization"])
        largest = inverse.diagonal(dim1=-2, dim2=-1).amax(-1)
        inverse = inverse * (bound / largest).clamp(max=1.0)[..., None, None]
        # The product of the forgetting factors up to each sample, relative to the start of the block.
        decay = settings["forgetting"].expand(rows.shape[:-1]).cumprod(-1)
        # The block is one step of the equivalent Kalman filter. The Cholesky factor of the covariance of its errors
        # gives the error of each sample after the taps have adapted to the earlier ones.
        gain = rows @ inverse
        covariance = gain @ rows.mT + torch.diag_embed(decay)
        factor = torch.linalg.cholesky(covariance)
        difference = (desired - (rows @ state.weights[..., None])[..., 0])[..., None]
        whitened = torch.linalg.solve_triangular(factor, difference, upper=False)
        error = whitened[..., 0] * factor.diagonal(dim1=-2, dim2=-1)
        scaled = torch.linalg.solve_triangular(factor, gain, upper=False)
        weights = state.weights + (scaled.mT @ whitened)[..., 0]
        after = (inverse - scaled.mT @ scaled) / decay[..., -1:, None]
        return error, state._replace(weights=weights, memory=0.5 * (after + after.mT))


def _first(values: Tensor) -> Tensor:
    """Return the values at the first sample of a block, from `(..., samples)`; a scalar is returned unchanged."""
    return values if values.ndim == 0 else values[..., 0]
