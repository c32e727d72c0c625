"""Level and static curve of dynamics processors, on tiles of time: functions that TorchScript compiles.

`level_curve.py` has the same formulas for any device and any derivative. Here they use few operations and no
conditions, which take ten times as long as arithmetic.
"""

# ruff: noqa: PLR0917

import torch
from torch import Tensor


def level_above(
    key: Tensor, edge: Tensor, sign: float, floor: float, db_per_octave: float, dim: int
) -> tuple[Tensor, Tensor]:
    """Return the magnitude of `key`, at least `floor`, and by how many dB its level times `sign` is above `edge`.

    The magnitude is that of the largest sample along the dimension `dim` if this is negative.
    """
    magnitude = key.abs()
    if dim < 0:
        magnitude = magnitude.amax([dim], True)
    magnitude = magnitude.clamp_(min=floor)
    return magnitude, magnitude.log2().mul_(sign * db_per_octave).sub(edge).clamp_(min=0.0)


def curve_reduction(
    key: Tensor,
    edge: Tensor,
    slope: Tensor,
    knee: Tensor,
    curvature: Tensor,
    limit: Tensor,
    has_limit: bool,
    sign: float,
    floor: float,
    db_per_octave: float,
    dim: int,
) -> Tensor:
    """Return the gain reduction in dB for each sample of `key`.

    `edge` is the level at which the knee begins, times `sign`, which is -1 for a curve below its threshold; `curvature`
    is 1 / (2 knee), or 0 without a knee.
    """
    over = level_above(key, edge, sign, floor, db_per_octave, dim)[1]
    inside = torch.minimum(over, knee)
    reduction = (over - inside).addcmul_(inside * curvature, inside) * slope
    return torch.minimum(reduction, limit) if has_limit else reduction


def curve_gradient(
    key: Tensor,
    gradient: Tensor,
    edge: Tensor,
    slope: Tensor,
    knee: Tensor,
    curvature: Tensor,
    limit: Tensor,
    has_limit: bool,
    sign: float,
    floor: float,
    db_per_octave: float,
    dim: int,
    out: Tensor,
) -> list[Tensor]:
    """Return the sums over time of the gradients for edge, slope, knee and limit, and write that for `key` to `out`.

    `gradient` is that of the result of `curve_reduction`; `out` is empty if the gradient for `key` is not needed. Where
    the reduction is equal to the limit, and where channels are equal, each gets its share.
    """
    magnitude, over = level_above(key, edge, sign, floor, db_per_octave, dim)
    inside = torch.minimum(over, knee)
    # The slope of the curve rises along the knee from 0 to 1 times `slope`; without a knee it is 1 from the edge on.
    rise = inside * (2 * curvature)
    if bool((curvature == 0).any()):
        rise = rise + over.sign() * (curvature == 0).to(rise.dtype)
    curve = (over - inside).addcmul_(inside * curvature, inside)
    limit_sum = torch.zeros_like(gradient[..., :1])
    if has_limit:
        kept = (limit - curve * slope).sign_().add_(1).mul_(0.5).mul_(gradient)
        limit_sum = (gradient - kept).sum(-1, keepdim=True)
        gradient = kept
    slope_sum = (gradient * curve).sum(-1, keepdim=True)
    for_curve = gradient * slope
    for_over = for_curve * rise
    edge_sum = -for_over.sum(-1, keepdim=True)
    knee_sum = -0.5 * (for_over * rise).sum(-1, keepdim=True)
    if out.numel() > 0:
        # The derivative of the level is db_per_octave / ln(2) / magnitude, and 0 below the floor.
        audible = (magnitude - floor).sign_()
        for_magnitude = (for_over * (sign * db_per_octave * 1.4426950408889634)).sum_to_size(magnitude.size())
        for_magnitude = for_magnitude.div_(magnitude).mul_(audible)
        if dim < 0:
            # 1 for each channel that is as loud as the loudest, and 0 for the others.
            loudest = (magnitude - key.abs()).sign_().neg_().add_(1)
            for_magnitude = for_magnitude / loudest.sum([dim], True).clamp_(min=1.0) * loudest
        torch.mul(for_magnitude, key.sign(), out=out)
    return [edge_sum, slope_sum, knee_sum, limit_sum]
