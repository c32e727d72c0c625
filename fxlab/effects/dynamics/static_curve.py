"""Static curves of dynamics processors: the gain reduction in dB for a level in dB, with a soft knee."""

from __future__ import annotations

import torch
from torch import Tensor


def reduction_above(level: Tensor, threshold: Tensor, slope: Tensor, knee: Tensor) -> Tensor:
    """Return the gain reduction in dB, which grows by `slope` per dB of level above `threshold`.

    `knee` is the width in dB of the range, centered at the threshold, in which a parabola joins the two straight parts
    smoothly. A compressor has the slope `1 - 1 / ratio`.

    Source:
        D. Giannoulis, M. Massberg, J. D. Reiss, "Digital dynamic range compressor design", JAES 60(6), 2012, eq. 4.

    >>> level = torch.tensor([-30.0, -20.0, -10.0])
    >>> reduction_above(level, torch.tensor(-20.0), torch.tensor(0.75), torch.tensor(0.0))
    tensor([0.0000, 0.0000, 7.5000])
    """
    over = level - threshold
    half = knee / 2
    inside = (over + half).clamp(min=0)
    width = torch.where(knee > 0, knee, 1.0)
    curved = inside.square() / (2 * width)
    return slope * torch.where((over < half) & (knee > 0), curved, over.clamp(min=0))


def reduction_below(level: Tensor, threshold: Tensor, slope: Tensor, knee: Tensor) -> Tensor:
    """Return the gain reduction in dB, which grows by `slope` per dB of level below `threshold`.

    It is the mirror image of `reduction_above`. An expander has the slope `ratio - 1`.

    >>> level = torch.tensor([-50.0, -40.0, -30.0])
    >>> reduction_below(level, torch.tensor(-40.0), torch.tensor(3.0), torch.tensor(0.0))
    tensor([30.,  0.,  0.])
    """
    return reduction_above(-level, -threshold, slope, knee)
