"""`circle_quadrature`: points and weights for means over the unit circle of functions with poles close to it."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.torch_support.known_values import to_numpy

NODES = 12
"""The number of points per panel.

On a panel no longer than the distance to the nearest pole, the error is about 4^(-2 NODES).
"""


def circle_quadrature(poles: Tensor) -> tuple[Tensor, Tensor]:
    """Return frequencies in cycles per sample, and weights, for the mean of a function from 0 to half the sample rate.

    Half the circle is divided into panels that are short near the poles, with a Gauss-Legendre rule on each. The mean
    of the squared magnitude of a response with these poles is accurate to rounding, even where a cascade of sections
    with the same response is too ill-conditioned for `noise_gain`. Both results are `(points,)`, float64.

    Args:
        poles: The poles inside the unit circle, `(n,)`; values that are not finite are ignored.

    Source:
        P. J. Davis, P. Rabinowitz, Methods of Numerical Integration, on Gauss rules for analytic functions.

    >>> turns, weights = circle_quadrature(torch.tensor([0.999 + 0.0j]))
    >>> power = 1 / (1 - 0.999 * torch.polar(torch.ones_like(turns), -2 * torch.pi * turns)).abs().square()
    >>> round((power * weights).sum().item() * (1 - 0.999**2), 12)
    1.0
    """
    found = to_numpy(poles).ravel()
    found = found[np.isfinite(found)].astype(np.complex128)
    angle, depth = np.abs(np.angle(found)), -np.log(np.maximum(np.abs(found), 1e-300))
    pending = np.linspace(0, np.pi, 2 + len(found) // 4)
    low, high = pending[:-1], pending[1:]
    panels = []
    while low.size:
        gap = np.maximum(np.maximum(low[:, None] - angle, angle - high[:, None]), 0.0)
        nearest = np.hypot(gap, depth).min(-1, initial=np.inf)
        is_short = high - low <= nearest
        panels.append(np.stack([low[is_short], high[is_short]]))
        low, high = low[~is_short], high[~is_short]
        middle = (low + high) / 2
        low, high = np.concatenate([low, middle]), np.concatenate([middle, high])
    low, high = np.concatenate(panels, -1)
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    half = (high - low)[:, None] / 2
    turns = (low + high)[:, None] / 2 + half * nodes
    return (
        torch.from_numpy((turns / (2 * np.pi)).ravel()).to(poles.device),
        torch.from_numpy((half * weights / np.pi).ravel()).to(poles.device),
    )
