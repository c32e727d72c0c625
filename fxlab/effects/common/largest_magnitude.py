"""The largest magnitude of a parameter, which determines how many samples a stream keeps."""

from __future__ import annotations

from torch import Tensor

from fxlab.engine.torch_support.known_values import unwrap_transforms


def largest_magnitude(value: Tensor) -> float:
    """Return the largest magnitude in a tensor; under `torch.vmap`, that of all examples.

    >>> import torch
    >>> largest_magnitude(torch.tensor([0.5, -2.0]))
    2.0
    """
    return float(unwrap_transforms(value).detach().abs().max())
