"""The level and the static curve of dynamics processors, in functions on tiles of time that TorchScript compiles.

`level_curve.py` has the same formulas for any device and any derivative. Here they consist of few operations, with
arithmetic in place of `torch.where`, which is much slower.

The arguments `values` and `settings` are the same for all functions:

- `values`: edge, slope, knee, curvature and limit. The edge is the level at which the knee begins, times the sign; the
  curvature is 1 / (2 knee), or 0 without a knee.
- `settings`: whether there is a limit, the sign, the floor, the dB for a factor of 2, and the dimension of linked
  channels. The sign is -1 for a curve that reduces the level below its threshold, and 1 otherwise; magnitudes are
  raised to at least the floor; the dimension is negative, or 0 for none.
"""

import torch
from torch import Tensor


def curve_above(
    key: Tensor,
    values: tuple[Tensor, Tensor, Tensor, Tensor, Tensor],
    settings: tuple[bool, float, float, float, int],
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return the magnitude of `key`, the excess of its level in dB, the part of this inside the knee, and the curve.

    The magnitude is at least the floor; if channels are linked, it is that of the loudest channel. The excess is
    `sign * level - edge`, or 0 if this is negative. The curve is the gain reduction in dB for a slope of 1 without a
    limit.
    """
    edge, _, knee, curvature, _ = values
    _, sign, floor, db_per_octave, dim = settings
    magnitude = key.abs()
    if dim < 0:
        magnitude = magnitude.amax([dim], True)
    magnitude = magnitude.clamp_(min=floor)
    over = magnitude.log2().mul_(sign * db_per_octave).sub(edge).clamp_(min=0.0)
    inside = torch.minimum(over, knee)
    return magnitude, over, inside, (over - inside).addcmul_(inside * curvature, inside)


def curve_reduction(
    key: Tensor,
    values: tuple[Tensor, Tensor, Tensor, Tensor, Tensor],
    settings: tuple[bool, float, float, float, int],
) -> Tensor:
    """Return the gain reduction in dB for each sample of `key`, with one channel if channels are linked."""
    _, slope, _, _, limit = values
    reduction = curve_above(key, values, settings)[3] * slope
    return torch.minimum(reduction, limit) if settings[0] else reduction


def curve_gradient(
    key: Tensor,
    gradient: Tensor,
    values: tuple[Tensor, Tensor, Tensor, Tensor, Tensor],
    settings: tuple[bool, float, float, float, int],
    out: Tensor,
) -> list[Tensor]:
    """Return the gradients for edge, slope, knee and limit, summed over time; write the gradient for `key` to `out`.

    `gradient` is that of the result of `curve_reduction`; `out` is empty if the gradient for `key` is not needed. Where
    the reduction is equal to the limit, half of the gradient goes to the limit. Linked channels that are equally loud
    share the gradient equally.
    """
    _, slope, _, curvature, limit = values
    has_limit, sign, floor, db_per_octave, dim = settings
    magnitude, over, inside, curve = curve_above(key, values, settings)
    # The slope of the curve rises along the knee from 0 to 1 times `slope`; without a knee it is 1 from the edge on.
    rise = inside * (2 * curvature)
    if bool((curvature == 0).any()):
        rise = rise + over.sign() * (curvature == 0).to(rise.dtype)
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
        reciprocal_of_ln2 = 1.4426950408889634
        audible = (magnitude - floor).sign_()
        for_magnitude = (for_over * (sign * db_per_octave * reciprocal_of_ln2)).sum_to_size(magnitude.size())
        for_magnitude = for_magnitude.div_(magnitude).mul_(audible)
        if dim < 0:
            # 1 for each channel that is as loud as the loudest, and 0 for the others.
            loudest = (magnitude - key.abs()).sign_().neg_().add_(1)
            for_magnitude = for_magnitude / loudest.sum([dim], True).clamp_(min=1.0) * loudest
        torch.mul(for_magnitude, key.sign(), out=out)
    return [edge_sum, slope_sum, knee_sum, limit_sum]
