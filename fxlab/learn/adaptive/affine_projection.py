"""`AffineProjection`: adaptation to the last few samples at once."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.learn.adaptive.adaptive_filter import AdaptiveFilter, AdaptiveState
from fxlab.module import Count, Param


class AffineProjection(AdaptiveFilter):
    """Affine projection: each sample moves the taps so that the last `order` errors become smaller.

    With `order=1` and equal `epsilon` it is `NLMS`. A higher order converges faster for a reference that is not white,
    such as a voice.

    Source:
        K. Ozeki, T. Umeda, "An adaptive filtering algorithm using an orthogonal projection to an affine subspace",
        Electronics and Communications in Japan 67-A(5), 1984.

    >>> import torch
    >>> x = torch.randn(500, generator=torch.Generator().manual_seed(0))
    >>> desired = 0.5 * x + 0.25 * torch.cat([torch.zeros(1), x[:-1]])
    >>> found = AffineProjection(taps=2, order=2).adapt(torch.stack([x, desired]), sample_rate=8000)
    >>> found.weights.round(decimals=3)
    tensor([0.5000, 0.2500])
    """

    order = Count(4, low=1, high=16, at_least=1, at_most=256, doc="Number of errors that an adaptation reduces.")
    step = Param(0.5, low=0.01, high=2.0, scale="log", doc="Step size; stable below 2.")
    epsilon = Param(
        1e-3,
        low=1e-9,
        high=1.0,
        scale="log",
        doc="It is added to the diagonal of the correlation matrix, against division by 0.",
    )

    def adapt_block(
        self, rows: Tensor, desired: Tensor, state: AdaptiveState, settings: dict[str, Tensor]
    ) -> tuple[Tensor, AdaptiveState]:
        """Return the errors of a block and the state after it; see `AdaptiveFilter.adapt_block`."""
        before = state.memory  # the rows of the reference, and the desired samples, before the block
        if before is None:
            before = rows.new_zeros(*rows.shape[:-2], self.order - 1, self.taps + 1)
        known = torch.cat([before, torch.cat([rows, desired[..., None]], -1)], -2)
        identity = torch.eye(self.order, dtype=rows.dtype, device=rows.device)
        weights, errors = state.weights, []
        for n in range(rows.shape[-2]):
            last = known[..., n : n + self.order, :]
            reference, wanted = last[..., :-1], last[..., -1]
            error = wanted - (reference @ weights[..., None])[..., 0]
            step, epsilon = (
                value if value.ndim == 0 else value[..., n, None] for value in (settings["step"], settings["epsilon"])
            )
            gram = reference @ reference.mT + (epsilon[..., None] if epsilon.ndim else epsilon) * identity
            weights = weights + step * (torch.linalg.solve(gram, error)[..., None, :] @ reference)[..., 0, :]
            errors.append(error[..., -1])
        tail = known[..., known.shape[-2] - (self.order - 1) :, :]
        return torch.stack(errors, -1), state._replace(weights=weights, memory=tail)
