"""Reverberation times of impulse responses."""

from __future__ import annotations

import torch
from torch import Tensor


def reverberation_time(response: Tensor, rate: float, start_db: float = -5.0, stop_db: float = -35.0) -> float:
    """Return the time in which `(time,)` decays by 60 dB: a line through Schroeder's backward integral.

    Source:
        M. R. Schroeder, "New method of measuring reverberation time", JASA 37, 1965; ISO 3382-1 (T30).
    """
    energy = response.double().square().flip(-1).cumsum(-1).flip(-1)
    level = 10 * torch.log10(energy / energy[0])
    start, stop = int((level > start_db).sum()), int((level > stop_db).sum())
    seconds = torch.arange(start, stop, dtype=torch.float64) / rate
    line = torch.linalg.lstsq(torch.stack([seconds, torch.ones_like(seconds)], -1), level[start:stop, None]).solution
    return -60 / line[0].item()
