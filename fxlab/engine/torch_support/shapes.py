"""Broadcasting of shapes, and selection of the first example of a batch."""

from __future__ import annotations

import torch
from torch import Tensor


def broadcast_shapes(*shapes: tuple[int, ...]) -> torch.Size:
    """Return the shape to which `shapes` broadcast.

    Raises:
        RuntimeError: The shapes do not broadcast.
    """
    given = [shape for shape in shapes if shape]
    if len(given) < 2:  # the most frequent case, for which PyTorch's function is slow
        return torch.Size(given[0] if given else ())
    if torch.compiler.is_compiling():
        return torch.Size(torch.broadcast_shapes(*shapes))  # type: ignore[no-untyped-call]
    # `torch.broadcast_shapes` would import sympy, which delays the first notebook cell by half a second.
    empty = [torch.empty(shape, device="meta") for shape in given]
    shape: torch.Size = torch.broadcast_tensors(*empty)[0].shape  # type: ignore[no-untyped-call]
    return shape


def first_example(values: Tensor, own_dims: int = 1) -> Tensor:
    """Return the first example of a batch, a view of the last `own_dims` dimensions of `values`.

    >>> first_example(torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
    tensor([1., 2.])
    """
    return values[(0,) * (values.ndim - own_dims)]
