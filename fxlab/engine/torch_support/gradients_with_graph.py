"""`gradients_with_graph`: gradients that are themselves differentiable."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor


def gradients_with_graph(
    function: Callable[..., Tensor], inputs: Sequence[Tensor], needed: Sequence[bool], g: Tensor
) -> tuple[Tensor | None, ...]:
    """Return differentiable gradients for the inputs that need them, and None for the others.

    An `autograd.Function` calls this in its backward pass if that pass is itself differentiated.

    Args:
        function: A function that computes the output from the inputs, with operations that PyTorch differentiates.
        inputs: The arguments of `function`.
        needed: Whether the gradient for each input is needed.
        g: The gradient for the output.

    >>> x = torch.tensor(3.0, requires_grad=True)
    >>> gradient, _ = gradients_with_graph(torch.mul, (x, x), (True, False), x)  # 3 x = x^2
    >>> torch.autograd.grad(gradient, x)
    (tensor(6.),)
    """
    with torch.enable_grad():
        # An input may have been computed from another one; as views they are independent in this graph.
        inputs = [value.view_as(value) for value in inputs]
        wanted = [value for value, needs in zip(inputs, needed, strict=True) if needs]
        found = iter(torch.autograd.grad(function(*inputs), wanted, g, create_graph=True))
    return tuple(next(found) if needs else None for needs in needed)
