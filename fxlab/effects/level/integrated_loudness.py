"""Integrated loudness of a batch of sounds, with gradients: ITU-R BS.1770."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.filters import Weighting

MOMENTARY = 0.4  # seconds
STEP = 0.1  # seconds from one block to the next: blocks of 400 ms overlap by three quarters
OFFSET = -0.691  # dB: makes a sine of 997 Hz at full scale in one channel -3.01 LUFS
ABSOLUTE, RELATIVE = -70.0, -10.0  # LUFS and LU: blocks below these gates do not count
CHANNEL_WEIGHTS = {5: (1.0, 1.0, 1.0, 1.41, 1.41), 6: (1.0, 1.0, 1.0, 0.0, 1.41, 1.41)}


def integrated_power(x: Tensor, sample_rate: float) -> Tensor:
    """Return the gated mean of the K-weighted power of `x`; 0 if no block is above -70 LUFS.

    A sound of less than 400 ms is one shorter block. The gradient treats the selection of blocks as constant.

    Shape:
        x: `(..., channels, time)`. Returns `(...)`, float64.

    Source:
        ITU-R BS.1770-4, annex 1.

    >>> from fxlab.signal import sine
    >>> tone = sine(997.0, duration=1.0, sample_rate=48_000)
    >>> round(float(to_lufs(integrated_power(tone.samples / tone.samples.max(), 48_000))), 2)
    -3.01
    """
    powers = block_powers(x, sample_rate, min(MOMENTARY, x.shape[-1] / sample_rate), STEP)
    loud = powers.detach() > to_power(ABSOLUTE)
    first_mean = _mean_of(powers.detach(), loud)
    counted = loud & (powers.detach() > first_mean[..., None] * 10 ** (RELATIVE / 10))
    return _mean_of(powers, counted)


def block_powers(x: Tensor, sample_rate: float, window: float, step: float) -> Tensor:
    """Return the K-weighted power of each block, summed over channels with the standard's weights.

    `window` is the length of a block, and `step` the time from one block to the next, both in seconds.

    Shape:
        x: `(..., channels, time)`. Returns `(..., blocks)`, float64.
    """
    weighted = Weighting("K")(x.double() if x.dtype == torch.float64 else x.float(), sample_rate=sample_rate)
    weights = torch.tensor(CHANNEL_WEIGHTS.get(x.shape[-2], (1.0,) * x.shape[-2]), device=x.device)
    power = (weights[:, None] * weighted.square()).sum(-2).double()
    total = torch.nn.functional.pad(power.cumsum(-1), (1, 0))
    size = max(1, round(window * sample_rate))
    starts = (torch.arange((x.shape[-1] - size) // (step * sample_rate) + 1) * (step * sample_rate)).round().long()
    starts = starts[starts + size <= x.shape[-1]].to(x.device)
    return (total[..., starts + size] - total[..., starts]).clamp(min=0) / size


def to_lufs(power: Tensor) -> Tensor:
    """Return the loudness in LUFS for K-weighted power.

    >>> round(float(to_lufs(torch.tensor(1.0))), 3)
    -0.691
    """
    return OFFSET + 10 * torch.log10(power)


def to_power(lufs: float) -> float:
    """Return the K-weighted power for a loudness in LUFS, the inverse of `to_lufs`."""
    return float(10 ** ((lufs - OFFSET) / 10))


def _mean_of(values: Tensor, selected: Tensor) -> Tensor:
    """Return the mean of the selected values along the last dimension; 0 if there are none."""
    return (values * selected).sum(-1) / selected.sum(-1).clamp(min=1)
