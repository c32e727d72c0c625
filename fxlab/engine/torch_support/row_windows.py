"""`row_windows`: parts of equal length of several rows, where each row has its own starting positions."""

from __future__ import annotations

import torch
from torch import Tensor


def row_windows(x: Tensor, starts: Tensor, length: int) -> Tensor:
    """Return the parts of `length` samples of each row of `x` that begin at the indices in the same row of `starts`.

    All parts must be inside `x`.

    Shape:
        x: `(rows, time)`; starts: `(rows, parts)`, int64. Returns `(rows, parts, length)`.

    >>> row_windows(torch.arange(8.0).reshape(2, 4), torch.tensor([[0, 1], [2, 0]]), 2).tolist()
    [[[0.0, 1.0], [1.0, 2.0]], [[6.0, 7.0], [4.0, 5.0]]]
    """
    rows, samples = x.shape
    first = starts + torch.arange(rows, device=starts.device)[:, None] * samples
    flat = x.reshape(-1)
    if x.requires_grad:
        # The gradient of the view below would have the size of all its windows.
        index = first[..., None] + torch.arange(length, device=starts.device)
        return flat[index.to(x.device)]
    return flat.unfold(0, length, 1)[first.to(x.device)]
