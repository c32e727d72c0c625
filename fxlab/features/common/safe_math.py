"""Roots and ratios whose gradients are finite at 0, and so for silence."""

from __future__ import annotations

import torch
from torch import Tensor


def safe_sqrt(x: Tensor) -> Tensor:
    """Return the square root of `x`; where `x` is not above 0, the root and its gradient are 0."""
    positive = x > 0
    return torch.where(positive, torch.where(positive, x, 1.0).sqrt(), 0.0)


def safe_ratio(numerator: Tensor, denominator: Tensor) -> Tensor:
    """Return `numerator / denominator`; where the denominator is 0, the ratio and its gradient are 0."""
    valid = denominator != 0
    return torch.where(valid, numerator / torch.where(valid, denominator, 1.0), 0.0)
