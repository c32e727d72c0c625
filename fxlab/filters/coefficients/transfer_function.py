"""A filter by its transfer function."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from fxlab.engine import lfilter
from fxlab.engine.torch_support.known_values import any_true
from fxlab.errors import ParameterError
from fxlab.module import ArrayParam, Rational, StatefulModule
from fxlab.module.checks import stale_state
from fxlab.module.parameters.active_values import use_values
from fxlab.module.parameters.broadcasting import broadcast_together


class TransferFunction(StatefulModule, Rational):
    """Filter by `a0 y[n] = b0 x[n] + b1 x[n−1] + … − a1 y[n−1] − …`, of any order.

    The numbers stand for themselves: at another sample rate the same filter has its corners elsewhere. An unstable
    filter is run as it is. From the third order on the coefficients hold corners far below the sample rate badly; a
    filter that is designed belongs in sections.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: No coefficients, an `a0` of 0, or a number that is not finite.

    >>> import torch
    >>> leak = TransferFunction(b=[1.0], a=[1.0, -0.5])
    >>> leak(torch.tensor([[1.0, 0.0, 0.0]]), sample_rate=8000)
    tensor([[1.0000, 0.5000, 0.2500]])
    """

    b = ArrayParam([1.0], shape=("coefficients",), doc="Numerator: of x[n], x[n−1], and so on.")
    a = ArrayParam([1.0], shape=("coefficients",), doc="Denominator: of y[n], y[n−1], and so on.")

    def check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` where a value is not valid."""
        super().check(sample_rate)
        if any_true(self.values()["a"].detach()[..., 0] == 0):
            raise ParameterError(
                "TransferFunction: a[0] is 0, so there is no next output; leave the zeros in front out, of b too."
            )

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Filter the next block."""
        b, a = _on(self.b, x), _on(self.a, x)
        order = max(b.shape[-1], a.shape[-1]) - 1
        if state is not None and state.shape[-1] != order:
            raise stale_state(self._name(), f"its order changed from {state.shape[-1]} to {order}")
        return lfilter(x, b, a, state)

    def _polynomials(self, rate: float) -> tuple[Tensor, Tensor]:
        with use_values(self, broadcast_together(self.values(), self.ranks)):
            return self.b, self.a


def _on(c: Tensor, x: Tensor) -> Tensor:
    """Coefficients as the engine takes them: those that are the same for all without leading dimensions."""
    return c.reshape(-1) if c.numel() == c.shape[-1] else c.reshape(*c.shape[: x.ndim - 1], c.shape[-1])
