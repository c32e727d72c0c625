"""`LMS` and `NLMS`: adaptation against the gradient of the squared error."""

from __future__ import annotations

from torch import Tensor

from fxlab.learn.adaptive.adaptive_filter import AdaptiveFilter, AdaptiveState, solve_lower
from fxlab.module import Param


class LMS(AdaptiveFilter):
    """Least mean squares: each sample moves the taps by `step` times the error times the reference.

    The taps converge if `step` is well below `2 / (taps * power)`, where `power` is the mean square of the reference.
    The errors of up to 64 samples at a time are found as the solution of a triangular system; up to rounding, they
    equal those of a loop over the samples.

    Source:
        B. Widrow, M. E. Hoff, "Adaptive switching circuits", IRE WESCON 1960; S. Haykin, Adaptive Filter Theory, 5th
        ed., 2014, ch. 6.

    >>> import torch
    >>> x = torch.randn(4000, generator=torch.Generator().manual_seed(0))
    >>> desired = 0.5 * x + 0.25 * torch.cat([torch.zeros(1), x[:-1]])
    >>> found = LMS(taps=2, step=0.05).adapt(torch.stack([x, desired]), sample_rate=8000)
    >>> found.weights.round(decimals=3)
    tensor([0.5000, 0.2500])
    """

    step = Param(0.01, low=1e-4, high=1.0, scale="log", doc="Step size, for a reference of power 1.")

    def adapt_block(
        self, rows: Tensor, desired: Tensor, state: AdaptiveState, settings: dict[str, Tensor]
    ) -> tuple[Tensor, AdaptiveState]:
        """Return the errors of a block and the state after it; see `AdaptiveFilter.adapt_block`."""
        gains = self._gains(rows, settings)
        difference = desired - (rows @ state.weights[..., None])[..., 0]
        error = solve_lower(rows @ rows.mT, gains, difference)
        return error, state._replace(weights=state.weights + ((gains * error)[..., None, :] @ rows)[..., 0, :])

    def _gains(self, rows: Tensor, settings: dict[str, Tensor]) -> Tensor:
        """Return the step size at each sample, the factor of error times reference, `(..., samples)`."""
        return settings["step"].expand(rows.shape[:-1])


class NLMS(LMS):
    """Normalized least mean squares: `step` is divided by the energy of the last `taps` samples of the reference.

    The adaptation is stable for every `step` between 0 and 2, whatever the level of the reference. Without noise, it is
    fastest with a step of 1.

    Source:
        S. Haykin, Adaptive Filter Theory, 5th ed., 2014, ch. 7.

    >>> import torch
    >>> x = torch.randn(2000, generator=torch.Generator().manual_seed(0))
    >>> desired = 0.5 * x + 0.25 * torch.cat([torch.zeros(1), x[:-1]])
    >>> found = NLMS(taps=2).adapt(torch.stack([x, desired]), sample_rate=8000)
    >>> found.weights.round(decimals=3)
    tensor([0.5000, 0.2500])
    """

    step = Param(0.5, low=0.01, high=2.0, scale="log", doc="Step size; stable below 2.")
    epsilon = Param(1e-6, low=1e-9, high=1.0, scale="log", doc="It is added to the energy, against division by 0.")

    def _gains(self, rows: Tensor, settings: dict[str, Tensor]) -> Tensor:
        return settings["step"] / (settings["epsilon"] + rows.square().sum(-1))
