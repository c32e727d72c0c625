"""The length of an impulse response: its decay time, estimated from the poles, or a given duration."""

from __future__ import annotations

import math

from torch import Tensor

from fxlab.errors import ParameterError
from fxlab.signal.samples import is_number

DECAY = 1e4
"""The ratio of amplitudes after which a response counts as decayed: 80 dB."""
MIN_FRAMES = 64
MAX_SECONDS = 4.0


def frames_of(duration: float, rate: float, owner: str) -> int:
    """Return a duration in seconds as a number of samples, at least 1.

    Raises:
        ParameterError: The duration is not a finite number above 0; the message names `owner`.
    """
    if not is_number(duration) or not 0 < duration < math.inf:
        raise ParameterError(f"{owner}: duration is {duration!r}; it must be a number of seconds above 0.")
    return max(1, round(duration * rate))


def decay_frames(poles: Tensor, rate: float) -> int:
    """Return the number of samples after which the slowest of the poles `(..., n)` has decayed by 80 dB.

    The result is at least 64 samples and at most 4 seconds. Poles that are NaN, or on or outside the unit circle, are
    ignored. If more than two poles are about as slow as the slowest, they count as a multiple pole, whose decay is
    longer.

    >>> import torch
    >>> decay_frames(torch.tensor([0.5, 0.99]), 48_000)
    916
    """
    radius = poles.detach().abs()
    radius = radius[radius < 1]
    slowest = float(radius.max()) if radius.numel() else 0.0
    if slowest == 0:
        return MIN_FRAMES
    # n coinciding poles decay as t^(n - 1) e^(-t); complex poles come in conjugate pairs.
    coinciding = int((1 - radius < 1.01 * (1 - slowest)).sum())
    time_constants = start = math.log(DECAY)
    for _ in range(4):  # fixed-point iteration of t = ln(DECAY) + (n / 2 - 1) ln(t)
        time_constants = start + max(0, coinciding - 2) / 2 * math.log(time_constants)
    return int(min(max(MIN_FRAMES, -time_constants / math.log(slowest)), MAX_SECONDS * rate))
