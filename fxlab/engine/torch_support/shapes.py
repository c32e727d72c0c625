"""Shapes that go together."""

from __future__ import annotations

import torch


def broadcast_shapes(*shapes: tuple[int, ...]) -> torch.Size:
    """The shape to which these broadcast; raises RuntimeError where they do not fit."""
    given = [shape for shape in shapes if shape]
    if len(given) < 2:  # as nearly always, and PyTorch takes its time
        return torch.Size(given[0] if given else ())
    if torch.compiler.is_compiling():
        return torch.Size(torch.broadcast_shapes(*shapes))  # type: ignore[no-untyped-call]
    # `torch.broadcast_shapes` would load sympy, half a second of waiting in the first cell.
    empty = [torch.empty(shape, device="meta") for shape in given]
    shape: torch.Size = torch.broadcast_tensors(*empty)[0].shape  # type: ignore[no-untyped-call]
    return shape
