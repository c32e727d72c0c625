"""Rounding with a gradient, for effects that reduce the resolution of samples."""

from __future__ import annotations

from torch import Tensor

from fxlab.module import Choice


def gradient() -> Choice:
    """Declare the choice of the gradient of a rounding."""
    return Choice(
        "straight_through",
        ("straight_through", "zero"),
        doc="Gradient of the rounding: that of the input, as if it were not rounded, or 0, that of the staircase.",
    )


def rounded(x: Tensor, value: Tensor, gradient: str) -> Tensor:
    """Return `value`, which is `x` after a rounding, with the derivative with respect to `x` that `gradient` names.

    With `gradient="straight_through"` the derivative is 1, with `"zero"` it is 0. `value` has the shape of `x`.

    Source:
        Y. Bengio, N. Léonard, A. Courville, "Estimating or propagating gradients through stochastic neurons for
        conditional computation", 2013: the straight-through estimator.

    >>> import torch
    >>> x = torch.tensor([0.3, 1.7], requires_grad=True)
    >>> rounded(x, x.round(), "straight_through").sum().backward()
    >>> x.grad
    tensor([1., 1.])
    """
    return value.detach() + (x - x.detach() if gradient == "straight_through" else 0 * x)
