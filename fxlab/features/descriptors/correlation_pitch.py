"""The periods after which a sound correlates best with itself: the method `"autocorrelation"` of `PitchTrack`."""

from __future__ import annotations

import math

import torch
from torch import Tensor

TINY = 1e-9
"""The number that is added to norms, so that those of silence are not 0."""
NEARLY = 0.99
"""A period of the shorter half is taken if its correlation is above this part of the best one."""


def correlation_pitch(x: Tensor, sample_rate: float, hop: int, smoothing: int, limits: tuple[float, float]) -> Tensor:
    """Return the pitch in Hz whose period is the delay at which each frame correlates best, `(..., frames)`.

    Each frame is correlated with the sound that begins a period later. The median of the periods of `smoothing` frames
    is used, which leaves out the last `smoothing // 2` frames.

    Args:
        x: The sound, `(..., time)`, of more than `hop · (smoothing // 2)` samples.
        sample_rate: The sample rate in Hz.
        hop: The length of a frame in samples.
        smoothing: The length of the median filter in frames; 1 for none.
        limits: The lowest and the highest pitch in Hz, with at least one of the `whole_periods` between them.

    Source:
        Definition and constants are those of `torchaudio.functional.detect_pitch_frequency`.
    """
    periods = whole_periods(sample_rate, limits)
    best = best_periods(correlations(x, hop, periods), periods)
    return sample_rate / running_median(best, smoothing).float()


def whole_periods(sample_rate: float, limits: tuple[float, float]) -> range:
    """Return the periods in samples between two pitches in Hz, of which the lower comes first; none for near pitches.

    As in torchaudio, the period of the highest pitch, rounded up, is left out, and that of the lowest is rounded up.
    """
    low, high = limits
    return range(math.ceil(sample_rate / high) + 1, math.ceil(sample_rate / low) + 1)


def correlations(x: Tensor, hop: int, periods: range) -> Tensor:
    """Return the correlation of each frame with the sound a period later, divided by the energies of both.

    Shape:
        x: `(..., time)`. Returns `(..., frames, periods)`.
    """
    frames = -(-x.shape[-1] // hop)
    padded = torch.nn.functional.pad(x, (0, periods[-1] + frames * hop - x.shape[-1]))

    def delayed(period: int) -> Tensor:
        return padded[..., period : period + frames * hop].unfold(-1, hop, hop)

    here = delayed(0)
    energy = (TINY + torch.linalg.vector_norm(here, dim=-1)).square()
    columns = []
    for period in periods:
        later = delayed(period)
        columns.append((here * later).sum(-1) / energy / (TINY + torch.linalg.vector_norm(later, dim=-1)).square())
    return torch.stack(columns, -1)


def best_periods(correlation: Tensor, periods: range) -> Tensor:
    """Return the period with the largest correlation; one below half the longest if that is nearly as good.

    Shape:
        correlation: `(..., frames, periods)`. Returns `(..., frames)`, whole numbers.
    """
    value, index = correlation.max(-1)
    count = periods[-1] // 2 - periods[0] + 1  # of the periods up to half the longest
    if count > 0:
        shorter, place = correlation[..., :count].max(-1)
        index = torch.where(shorter > NEARLY * value, place, index)
    return index + periods[0]


def running_median(periods: Tensor, length: int) -> Tensor:
    """Return the median of `length` frames around each frame, the lower of two in the middle.

    The first frame is repeated before the beginning. The last `length // 2` frames have no median.

    Shape:
        `(..., frames)`. Returns `(..., frames - length // 2)`.
    """
    first = periods[..., :1].expand(*periods.shape[:-1], (length - 1) // 2)
    return torch.cat([first, periods], -1).unfold(-1, length, 1).median(-1).values
