"""Parameters of effects with a delay line: feedback, damping and mix."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.engine.torch_support.known_values import all_true
from fxlab.engine.torch_support.tracing import needs_derivative
from fxlab.module import Param

REFERENCE_RATE = 44_100.0
"""The sample rate, in Hz, at which the value of `damping` is the pole of the low-pass in the loop."""


class FeedbackGain(Param):
    """The declaration of a gain in a feedback loop, whose echoes decay only if its magnitude is below 1."""

    def allowed(self, sample_rate: float | None = None) -> str:
        """Return the valid range in words, as `Param.allowed` does, with the reason."""
        return f"{super().allowed(sample_rate)}, since at a gain of 1 or more the echoes would never decay"


def feedback(default: float, doc: str) -> FeedbackGain:
    """Declare the gain of a feedback loop."""
    return FeedbackGain(default, low=0.0, high=0.95, above=-1.0, below=1.0, doc=doc)


def damping(default: float = 0.0) -> Param:
    """Declare the damping of high frequencies in a feedback loop."""
    return Param(
        default,
        low=0.0,
        high=0.95,
        at_least=0.0,
        below=1.0,
        doc="Damping of high frequencies in the loop: 0 is none; at 44.1 kHz it is the pole of the one-pole low-pass.",
    )


def mix(default: float) -> Param:
    """Declare the fraction of the processed signal in the output."""
    return Param(
        default,
        low=0.0,
        high=1.0,
        at_least=0.0,
        at_most=1.0,
        role="mix",
        doc="Share of the processed signal: 0 is dry, 1 is wet.",
    )


def damping_pole(amount: Tensor, sample_rate: float) -> Tensor:
    """Return the pole, in float64, of the low-pass in the loop for the damping `amount`.

    At 44.1 kHz it is `amount`. At other rates the low-pass has the same group delay in seconds at 0 Hz, which is
    `p / (1 - p)` samples for `y[n] = (1 - p) x[n] + p y[n - 1]`.
    """
    amount = amount.double()
    samples = amount / (1 - amount) * (sample_rate / REFERENCE_RATE)
    return samples / (1 + samples)


def is_zero(value: Tensor) -> bool:
    """Return whether a value is known to be 0 everywhere, and no derivative with respect to it is needed."""
    return not needs_derivative(value) and all_true(value == 0)


def computation_dtype(x: Tensor) -> torch.dtype:
    """Return the dtype in which a signal is processed: float64 for float64, and float32 for all others."""
    return torch.float64 if x.dtype == torch.float64 else torch.float32
