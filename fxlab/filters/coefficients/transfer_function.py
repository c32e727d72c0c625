"""`TransferFunction`: a filter defined by its numerator and denominator."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from fxlab.engine import lfilter, lfilter_zi
from fxlab.engine.torch_support.known_values import any_true
from fxlab.errors import ParameterError
from fxlab.module import ArrayParam, Rational, StatefulModule
from fxlab.module.checks import stale_state
from fxlab.module.lti.conditioning import CoefficientError, polynomial_error
from fxlab.module.lti.linear_phase_delay import linear_phase_delay
from fxlab.module.parameters.active_values import use_values
from fxlab.module.parameters.broadcasting import broadcast_together


class TransferFunction(StatefulModule, Rational):
    """A filter defined by its transfer function: `a0 y[n] = b0 x[n] + b1 x[n−1] + … − a1 y[n−1] − …`, of any order.

    The coefficients are the same at every sample rate, so the corner frequencies are proportional to it. An unstable
    filter is computed without a warning. From order 3 on, the coefficients represent corners far below the sample rate
    inaccurately; use second-order sections (`SOS`) for designed filters.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `b` or `a` is empty or has more than two batch dimensions, `a[0]` is 0, or a coefficient is not
            a finite real number.

    >>> import torch
    >>> leak = TransferFunction(b=[1.0], a=[1.0, -0.5])
    >>> leak(torch.tensor([[1.0, 0.0, 0.0]]), sample_rate=8000)
    tensor([[1.0000, 0.5000, 0.2500]])
    """

    b = ArrayParam([1.0], shape=("coefficients",), doc="Numerator coefficients, of x[n], x[n−1], ...")
    a = ArrayParam([1.0], shape=("coefficients",), doc="Denominator coefficients, of y[n], y[n−1], ...")

    def _check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` if a value is invalid or `a[0]` is 0."""
        super()._check(sample_rate)
        if any_true(self.values()["a"].detach()[..., 0] == 0):
            raise ParameterError(
                "TransferFunction: a[0] is 0, so the recursion cannot be solved for y[n]; remove the leading "
                "zeros of a, and as many of b."
            )

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Return the output for the next block, and the state of transposed direct form II after it, `(..., order)`.

        Raises:
            SignalError: The order of the filter has changed since `state` was returned.
        """
        b, a = _match_batch(self.b, x), _match_batch(self.a, x)
        order = max(b.shape[-1], a.shape[-1]) - 1
        if state is not None and state.shape[-1] != order:
            raise stale_state(self._name(), f"its order changed from {state.shape[-1]} to {order}")
        return lfilter(x, b, a, state)

    def latency(self, sample_rate: float | None = None) -> float:
        """Return the delay in samples if the filter has linear phase and no poles, else 0; see `Finite.latency`."""
        b, a = self._polynomials(self._checked_rate(sample_rate))
        return 0.0 if bool(a[..., 1:].any()) else linear_phase_delay(b, self._name())

    def settled_state(self, x: Tensor, sample_rate: float) -> Tensor:
        """Return the steady state for the constant input `x`; see `StatefulModule.settled_state`."""
        return x * lfilter_zi(_match_batch(self.b, x), _match_batch(self.a, x))

    def _coefficient_error(self, rate: float) -> CoefficientError | None:
        return polynomial_error(*self._polynomials(rate), rate)

    def _polynomials(self, rate: float) -> tuple[Tensor, Tensor]:
        with use_values(self, broadcast_together(self.values(), self.ranks)):
            return self.b, self.a


def _match_batch(c: Tensor, x: Tensor) -> Tensor:
    """Return `c` as `(coefficients,)` if it is one polynomial, otherwise with at most as many dimensions as `x`."""
    return c.reshape(-1) if c.numel() == c.shape[-1] else c.reshape(*c.shape[: x.ndim - 1], c.shape[-1])
