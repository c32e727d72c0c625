"""`settling_time`: the time after which the response of a cascade is negligible."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from torch import Tensor

from fxlab.engine.recursion.section_arguments import check_sections
from fxlab.engine.response.roots import pole_radius
from fxlab.engine.torch_support.known_values import to_numpy

Array = np.ndarray[Any, np.dtype[Any]]

MIN_SAMPLES = 64  # added to every result, because a shorter time has no advantage
MIN_IMPROVABLE = 1000  # samples; a shorter time does not justify a more precise estimate
NEGLIGIBLE_POLE = 1e-6  # the response of a pole with a smaller magnitude is negligible after one sample


def settling_time(sos: Tensor, tolerance: float) -> int | None:
    """Return the number of samples after which at most about a fraction `tolerance` of an input remains in the output.

    The result is None if a cascade is unstable.

    The first estimate is the time for as many coincident poles at the largest radius as the cascade has poles. If the
    estimate is more than 1000 samples, it is replaced by the following bound if that is shorter. With K distinct poles
    `p` of residues `R`, the impulse response is a sum of `R p^n`, and the part after n samples is at most the sum of
    `|R| |p|^n / (1 - |p|)`, to which each pole may contribute `tolerance / K`. Then `MIN_SAMPLES` samples are added.

    Shape:
        sos: `(..., sections, 6)`; the result is the largest of all cascades.

    Raises:
        EngineError: The shape is wrong.

    >>> import torch
    >>> settling_time(torch.tensor([[1.0, 0.0, 0.0, 1.0, -0.99, 0.0]]), 1e-5)  # the estimate for two poles at 0.99
    1548
    """
    check_sections("settling_time", sos)
    radius = float(pole_radius(sos).max()) if sos.numel() else 0.0
    if not radius < 1:
        return None
    span = 0.0
    if radius > NEGLIGIBLE_POLE:
        span = _coincident_time_constants(2 * sos.shape[-2], tolerance) / -math.log(radius)
    if span > MIN_IMPROVABLE:
        rows = to_numpy(sos.detach().double()).reshape(-1, sos.shape[-2], 6)
        span = min(span, float(_distinct_pole_spans(rows / rows[..., 3:4], tolerance).max()))
    return MIN_SAMPLES + math.ceil(span)


def _coincident_time_constants(poles: int, tolerance: float) -> float:
    """Return the time after which `t^(K-1) e^-t`, the response of K coincident `poles`, is settled to `tolerance`.

    The unit of t and of the result is the time constant of the poles.
    """
    times = start = math.log(poles / tolerance) - math.lgamma(poles)
    for _ in range(30):
        times = max(start + (poles - 1) * math.log(max(times, poles)), poles)
    return times


def _distinct_pole_spans(rows: Array, tolerance: float) -> Array:
    """Return the number of samples after which each pole contributes at most its share of `tolerance`.

    The bound is that of `settling_time`; it is infinite for coincident poles.

    Shape:
        rows: `(cascades, sections, 6)` with `a0 = 1`. Returns `(cascades,)`.
    """
    half, product = -rows[..., 4] / 2, rows[..., 5]
    root = np.sqrt((half * half - product).astype(complex))
    far = half + np.where(half < 0, -root, root)
    near = np.where(abs(far) > NEGLIGIBLE_POLE, product / np.where(abs(far) > NEGLIGIBLE_POLE, far, 1), 0)
    poles = np.stack([far, near], -1).reshape(len(rows), -1)
    is_used = abs(poles) > NEGLIGIBLE_POLE
    poles = np.where(is_used, poles, 0.5)  # an arbitrary value, because the part of this pole is ignored below
    z = (1 / poles)[..., None]
    numerator = (rows[:, None, :, 0] + z * (rows[:, None, :, 1] + z * rows[:, None, :, 2])).prod(-1)
    factors = 1 - (poles * is_used)[:, None, :] / poles[:, :, None]
    factors[:, np.arange(poles.shape[-1]), np.arange(poles.shape[-1])] = 1
    size, radius = abs(numerator), abs(poles)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = tolerance / poles.shape[-1] * (1 - radius) * abs(factors.prod(-1)) / size
        spans = np.where(is_used & (size > 0), np.log(share) / np.log(radius), 0)
    longest: Array = rows.shape[1] + np.maximum(np.nan_to_num(spans, nan=np.inf), 0).max(-1, initial=0)
    return longest
