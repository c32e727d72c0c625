"""The mel scale, in the formulas of HTK and of M. Slaney's Auditory Toolbox."""

from __future__ import annotations

import math

import torch
from torch import Tensor

# Slaney's scale: Hz per mel below 1 kHz, mels at 1 kHz, and the logarithm of the frequency ratio per mel above.
_HZ_PER_MEL, _KNEE_MEL, _LOG_STEP = 200.0 / 3.0, 15.0, math.log(6.4) / 27.0


def hertz_to_mel(frequency: Tensor, scale: str) -> Tensor:
    """Return frequencies in Hz as mels, by the formula `"htk"` or `"slaney"`.

    >>> hertz_to_mel(torch.tensor(1000.0), "slaney").item()
    15.0
    """
    if scale == "htk":
        return 2595 / math.log(10) * torch.log1p(frequency / 700)
    above_knee = _KNEE_MEL + torch.log(frequency.clamp(min=1000.0) / 1000) / _LOG_STEP
    return torch.where(frequency < 1000, frequency / _HZ_PER_MEL, above_knee)


def mel_to_hertz(mel: Tensor, scale: str) -> Tensor:
    """Return mels as frequencies in Hz, the inverse of `hertz_to_mel`."""
    if scale == "htk":
        return 700 * torch.expm1(mel * (math.log(10) / 2595))
    above_knee = 1000 * torch.exp(_LOG_STEP * (mel.clamp(min=_KNEE_MEL) - _KNEE_MEL))
    return torch.where(mel < _KNEE_MEL, mel * _HZ_PER_MEL, above_knee)
